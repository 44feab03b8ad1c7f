import { DomainError } from './errors.js';

/**
 * Returns the password in Unicode's composed form, so that it hashes alike whatever device it was typed on;
 * null unless it is 8 to 256 code points without NUL and lone surrogates.
 */
export function normalizePassword(text: string): string | null {
  // A code point has at most two code units, so a megabyte of text is refused before it is normalized.
  if (text.length > 2 * MAX_CODE_POINTS || NUL_OR_LONE_SURROGATE.test(text)) return null;
  const length = [...text].length;
  return length >= MIN_CODE_POINTS && length <= MAX_CODE_POINTS ? text.normalize('NFC') : null;
}

/** @throws DomainError 'invalid' where normalizePassword() returns null. */
export function parsePassword(text: string): string {
  const password = normalizePassword(text);
  if (password === null) throw new DomainError('invalid', 'A password is 8 to 256 characters.');
  return password;
}

const MIN_CODE_POINTS = 8;
const MAX_CODE_POINTS = 256;
const NUL_OR_LONE_SURROGATE = /[\0\p{Cs}]/u;
