/** Numbers and tables as the document shows them: what is known of a number is two or three digits. */
import type { Spread } from '../run/statistics.js';

const LARGE = [
  [1e9, ' billion'],
  [1e6, ' million'],
] as const;

/** Three digits; what is counted in millions says so. */
export function amount(value: number): string {
  for (const [size, name] of LARGE) {
    if (Math.abs(value) >= 0.9995 * size) return threeDigits(value / size) + name;
  }
  return threeDigits(value);
}

const BYTES = [
  [1e15, 'PB'],
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

export function bytes(value: number): string {
  const [size, unit] = BYTES.find(([of]) => value >= 0.9995 * of) ?? [1, 'B'];
  return `${threeDigits(value / size)} ${unit}`;
}

/** From bytes a second. */
export function bits(bytesPerSecond: number): string {
  const perSecond = bytesPerSecond * 8;
  return perSecond >= 1e9
    ? `${threeDigits(perSecond / 1e9)} Gbit/s`
    : `${threeDigits(perSecond / 1e6)} Mbit/s`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The median, and from the lowest to the highest. */
export function range({ median, min, max }: Spread, show: (value: number) => string = amount): string {
  const [lowest, middle, highest] = [min, median, max].map(show);
  return lowest === highest ? String(middle) : `${middle} (${lowest} to ${highest})`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function threeDigits(value: number): string {
  if (!Number.isFinite(value)) throw new Error('a number of the document is none');
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
