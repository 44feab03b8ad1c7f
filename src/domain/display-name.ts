import { DomainError } from './errors.js';

/**
 * Returns the name without surrounding white space; null unless that leaves 1 to 100 code points, none of
 * them a control character.
 */
export function normalizeDisplayName(text: string): string | null {
  const name = text.trim();
  const length = [...name].length;
  return length >= 1 && length <= MAX_CODE_POINTS && !UNSHOWABLE.test(name) ? name : null;
}

/** @throws DomainError 'invalid' where normalizeDisplayName() returns null. */
export function parseDisplayName(text: string): string {
  const name = normalizeDisplayName(text);
  if (name === null) {
    throw new DomainError('invalid', 'A display name is 1 to 100 characters without control characters.');
  }
  return name;
}

const MAX_CODE_POINTS = 100;
/** Control characters (NUL among them) and lone surrogates, which PostgreSQL or a terminal would choke on. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}]/u;
