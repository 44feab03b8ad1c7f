/** Tells in one short text how many locations of a user there are and what they are, whichever store they are read from. */
import { createHash } from 'node:crypto';
import type { LocationUpdate } from '../domain/location-update.js';
import { roundDegrees, roundMotion } from '../domain/rounding.js';

/** @returns the count, and SHA-256 over ids, times, places and motion as users read them, in any order. */
export function digestOf(locations: readonly LocationUpdate[]): string {
  const lines = locations.map((location) =>
    [
      location.id,
      location.recordedAtMs,
      location.receivedAtMs,
      roundDegrees(location.latitude),
      roundDegrees(location.longitude),
      location.accuracyMeters,
      motion(location.speedMetersPerSecond),
      motion(location.headingDegrees),
    ].join(),
  );
  return `${lines.length} ${createHash('sha256').update(lines.sort().join('\n')).digest('hex')}`;
}

const motion = (value: number | null | undefined): number | null =>
  value == null ? null : roundMotion(value);
