/** The id of an HTTP request: the one that a proxy or the client gave it in `x-request-id`, or a new one. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * It goes into logs and back as it is: long enough for every id in use, and neither a coordinate nor a JWT.
 */
const REQUEST_ID = /^[\w-]{1,64}$/;
