import { createHash } from 'node:crypto';

/** A UUID that stands for a name. */
export function uuidOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** A UUID that starts with these hexadecimal digits: ids sort by what they start with. */
export const uuidFrom = (digits: string): string =>
  digits.padEnd(32, '0').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
