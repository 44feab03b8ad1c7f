import { spreadOf } from '../run/statistics.js';

/** Writes a table for the terminal, the first column aligned left and the others right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) =>
        column === 0 ? (cells[0] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('──'), ...rows.map(line)].join('\n');
}

/** Writes the median, and the lowest and highest where there are several values; empty without values. NaN is none. */
export function range(measured: readonly number[]): string {
  const values = measured.filter((value) => !Number.isNaN(value));
  if (values.length === 0) return '';
  const { median, min, max } = spreadOf(values);
  return digits(median) + (values.length === 1 ? '' : ` (${digits(min)}–${digits(max)})`);
}

/** Writes about three digits. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
