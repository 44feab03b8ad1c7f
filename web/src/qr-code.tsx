/** A QR code, black on white in dark mode, too: not all cameras read it the other way round. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { encode } from 'uqr';

export function QrCode({ text, label }: QrCodeProps): JSX.Element {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { border: QUIET_MODULES });
    const modules = data.flatMap((row, y) =>
      row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])),
    );
    return { size, path: modules.join('') };
  }, [text]);
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

interface QrCodeProps {
  readonly text: string;
  readonly label: string;
}

/** The margin that the standard asks for (ISO/IEC 18004). */
const QUIET_MODULES = 4;
