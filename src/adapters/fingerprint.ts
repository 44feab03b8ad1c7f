import { createHash } from 'node:crypto';
import type { Position } from '../domain/position.js';

/**
 * Hash, as a UUID, of what a device sent under an id of its own: the same retry gives the same, other contents another.
 * It is kept and deleted with the history row, since a hash of coordinates can be guessed back.
 */
export function fingerprintOf({ latitude, longitude, accuracyMeters, reportedAtMs }: Position): string {
  const contents = JSON.stringify([latitude, longitude, accuracyMeters, reportedAtMs]);
  return createHash('sha256').update(contents).digest('hex').slice(0, 32);
}
