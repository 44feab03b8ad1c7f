import { DomainError } from './errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The UUID in lower case. @throws DomainError 'invalid' unless it is one, of any version and in either case.
 */
export function parseId(text: string): string {
  const id = text.toLowerCase();
  if (!UUID.test(id)) throw new DomainError('invalid', 'An id is a UUID.');
  return id;
}
