/**
 * Hash of what a device sent under an id of its own: the same retry gives the same, other contents another. A UUID,
 * written as PostgreSQL gives it back. It is kept and deleted with the history row, since a hash of coordinates can
 * be guessed back.
 */
import { createHash } from 'node:crypto';
import type { Position } from '../domain/position.js';

export function fingerprintOf({ latitude, longitude, accuracyMeters, reportedAtMs }: Position): string {
  const contents = JSON.stringify([latitude, longitude, accuracyMeters, reportedAtMs]);
  const hash = createHash('sha256').update(contents).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
