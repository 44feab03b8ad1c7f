import { DomainError } from './errors.js';

/**
 * Returns the handle in lower case, as it is stored and compared; null when it is ill-formed. Spaces are not
 * trimmed.
 */
export function normalizeHandle(text: string): string | null {
  return HANDLE.test(text) ? text.toLowerCase() : null;
}

/** @throws DomainError 'invalid' unless it is 3 to 30 of a-z, 0-9, '_' and '.', in either case. */
export function parseHandle(text: string): string {
  const handle = normalizeHandle(text);
  if (handle === null) {
    throw new DomainError('invalid', "A handle is 3 to 30 of a-z, 0-9, '_' and '.'.");
  }
  return handle;
}

/** Matches before lower-casing, which turns the Kelvin sign into an ASCII k. */
const HANDLE = /^[A-Za-z0-9_.]{3,30}$/;
