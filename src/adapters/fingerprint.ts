/** Hashes that stand for what a device sent. */
import { createHash } from 'node:crypto';
import { motionText } from '../domain/motion.js';
import type { Position } from '../domain/position.js';

/**
 * Fingerprints what a device sent under an id of its own, to tell a retry from other contents. The
 * fingerprint is a hash in the form of a UUID, as PostgreSQL prints it. It is deleted with the history row,
 * since coordinates can be guessed from their hash. Where no motion is known it is that of releases without motion.
 */
export function fingerprintOf({
  latitude,
  longitude,
  accuracyMeters,
  reportedAtMs,
  motion,
}: Pick<Position, 'latitude' | 'longitude' | 'accuracyMeters' | 'reportedAtMs' | 'motion'>): string {
  const text = motionText(motion);
  const moving = text === undefined ? [] : [text];
  return hashAsUuid([latitude, longitude, accuracyMeters, reportedAtMs, ...moving]);
}

/** An id for a fix of an app that gives none: the same for the same device, time and place, so that it may come again. */
export function fixId(
  device: string,
  { recordedAtMs, latitude, longitude }: { recordedAtMs: number; latitude: number; longitude: number },
): string {
  return hashAsUuid([device, recordedAtMs, latitude, longitude]);
}

function hashAsUuid(contents: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/**
 * The short form of a device's name that goes into each of its records: 48 bits tell the devices of one user
 * apart, and a long name would make every message longer.
 */
export function deviceTag(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
