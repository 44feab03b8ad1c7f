/**
 * Fingerprints what a device sent under an id of its own, to tell a retry from other contents. The
 * fingerprint is a hash in the form of a UUID, as PostgreSQL prints it. It is deleted with the history row,
 * since coordinates can be guessed from their hash.
 */
import { createHash } from 'node:crypto';
import type { Position } from '../domain/position.js';

export function fingerprintOf({ latitude, longitude, accuracyMeters, reportedAtMs }: Position): string {
  const contents = JSON.stringify([latitude, longitude, accuracyMeters, reportedAtMs]);
  const hash = createHash('sha256').update(contents).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
