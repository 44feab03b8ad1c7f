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
  if (handle === null) throw new DomainError('invalid', `${RULE}.`);
  return handle;
}

/** Does the same for a new account; null also where there is nothing to read out. Handles of before stay. */
export function normalizeNewHandle(text: string): string | null {
  return LETTER_OR_DIGIT.test(text) ? normalizeHandle(text) : null;
}

/** @throws DomainError 'invalid' where normalizeNewHandle() returns null. */
export function parseNewHandle(text: string): string {
  const handle = normalizeNewHandle(text);
  if (handle === null) throw new DomainError('invalid', `${RULE}, with at least one letter or digit.`);
  return handle;
}

/** Matches before lower-casing, which turns the Kelvin sign into an ASCII k. */
const HANDLE = /^[A-Za-z0-9_.]{3,30}$/;
const LETTER_OR_DIGIT = /[A-Za-z0-9]/;
const RULE = "A handle is 3 to 30 of a-z, 0-9, '_' and '.'";
