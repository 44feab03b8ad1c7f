/**
 * The record of one position that crosses servers: what is cached, what is published, how two of them are ordered.
 * On the wire it is a JSON array that starts with its order (time, id), so that Redis can compare without parsing.
 */
import type { GeoPoint } from './distance.js';

/** Immutable: one object is shared by every watcher on a server. */
export interface LocationUpdate extends GeoPoint {
  /** UUID in lower case, the client's or made by the server. */
  readonly id: string;
  /** Radius of 68 % confidence in metres, 0 or more; null when the device did not say. */
  readonly accuracyMeters: number | null;
  /** When the device took the fix, never later than it was received; milliseconds since the epoch. */
  readonly recordedAtMs: number;
  /** When the server received it: activity and expiry go by this clock; milliseconds since the epoch. */
  readonly receivedAtMs: number;
}

/** `[recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters]` */
export type LocationRecord = readonly [number, string, number, number, number, number | null];

export function toRecord(update: LocationUpdate): LocationRecord {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters } = update;
  return [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters];
}

/** Null for anything that is not a record; servers of one deployment may be of different versions for a while. */
export function fromRecord(record: unknown): LocationUpdate | null {
  if (!Array.isArray(record)) return null;
  const [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters] = record as unknown[];
  if (
    typeof recordedAtMs !== 'number' ||
    typeof id !== 'string' ||
    typeof receivedAtMs !== 'number' ||
    typeof latitude !== 'number' ||
    typeof longitude !== 'number' ||
    (accuracyMeters !== null && typeof accuracyMeters !== 'number')
  ) {
    return null;
  }
  return { id, latitude, longitude, accuracyMeters, recordedAtMs, receivedAtMs };
}

/** Whether `a` replaces `b`: later by the device's clock, and by id where that ties. */
export function isNewer(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.id > b.id);
}

/** The topic on which a user's newer locations are published, as records. */
export const locationTopic = (userId: string): string => `nearby:location:${userId}`;
