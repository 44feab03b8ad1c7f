/** Says what went wrong, to screen readers at once. */
import type { JSX } from 'preact';

/** @param text null when nothing did. */
export function Failure({ text }: { readonly text: string | null }): JSX.Element | null {
  if (text === null) return null;
  return (
    <p role="alert" class="error">
      {text}
    </p>
  );
}
