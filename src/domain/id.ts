import { DomainError } from './errors.js';

/**
 * Returns the UUID in lower case; it may be of any version and in either case.
 * @throws DomainError 'invalid' for anything else.
 */
export function parseId(text: string): string {
  const id = text.toLowerCase();
  if (!isId(id)) throw new DomainError('invalid', 'An id is a UUID.');
  return id;
}

/** Whether it is a UUID in lower case. */
export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
