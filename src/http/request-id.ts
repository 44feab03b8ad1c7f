/** The id of an HTTP request: the one that a proxy or the client gave it in `x-request-id`, or a new one. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** An id is logged and returned as it is, so only text that can't be a coordinate or a JWT is taken. */
const REQUEST_ID = /^[\w-]{1,64}$/;
