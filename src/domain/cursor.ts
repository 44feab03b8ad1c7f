import { normalizeHandle } from './handle.js';
import { parseId } from './id.js';
import { DomainError } from './errors.js';

// A cursor holds the sort key of the row before it, not that row's number, so rows that come and go in front
// of it move nothing. Clients get it as opaque base64url. A cursor that this server can't have made is
// refused.

/** Place in a list ordered by time, equal times by id. */
export interface TimePlace {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** UUID in lower case. */
  readonly id: string;
}

export function handleCursor(handle: string): string {
  return encode(handle);
}

/** @throws DomainError 'invalid' */
export function parseHandleCursor(cursor: string): string {
  const text = decode(cursor);
  if (normalizeHandle(text) !== text) throw malformed();
  return text;
}

export function timeCursor({ atMs, id }: TimePlace): string {
  return encode(`${atMs} ${id}`);
}

/** @throws DomainError 'invalid' */
export function parseTimeCursor(cursor: string): TimePlace {
  const [, atMs, id] = /^(\d{1,13}) ([0-9a-f-]{36})$/.exec(decode(cursor)) ?? [];
  if (atMs === undefined || id === undefined) throw malformed();
  return { atMs: Number(atMs), id: parseId(id) };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  // Node's decoder skips characters that are not base64, so the text is compared with its own encoding.
  if (encode(text) !== cursor) throw malformed();
  return text;
}

function malformed(): DomainError {
  return new DomainError('invalid', 'The cursor is malformed.');
}
