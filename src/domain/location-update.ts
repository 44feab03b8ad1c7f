/**
 * The record of one position that crosses servers: what is cached, what is published, how two of them are
 * ordered. On the wire it is a JSON array that starts with its order (time, id), so that Redis can compare
 * without parsing.
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
  /** The span that follows the update, as W3C traceparent; left out where nobody follows it. */
  readonly traceparent?: string;
}

/**
 * `[recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters]`, then the traceparent if there is
 * one.
 */
export type LocationRecord = readonly [number, string, number, number, number, number | null, string?];

export function toRecord(update: LocationUpdate): LocationRecord {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent } = update;
  const record = [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters] as const;
  return traceparent === undefined ? record : [...record, traceparent];
}

/**
 * Null for anything that is not a record; servers of one deployment may be of different versions for a while.
 */
export function fromRecord(record: unknown): LocationUpdate | null {
  if (!Array.isArray(record)) return null;
  const [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent] =
    record as unknown[];
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
  const update = { id, latitude, longitude, accuracyMeters, recordedAtMs, receivedAtMs };
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent)
    ? { ...update, traceparent }
    : update;
}

/** Version 00 of https://www.w3.org/TR/trace-context. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether `a` replaces `b`: later by the device's clock, and by id where that ties. */
export function isNewer(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.id > b.id);
}
