/**
 * One location of a user as it is stored, published and ordered. In Redis it is a JSON array that starts with
 * its order (time, id), so that a script can compare two of them without parsing.
 */
import type { GeoPoint } from './distance.js';

/** Immutable: all subscribers on a server share one object. */
export interface LocationUpdate extends GeoPoint {
  /** UUID in lower case, the client's or made by the server. */
  readonly id: string;
  /** Radius of 68 % confidence in metres, 0 or more; null when the device did not say. */
  readonly accuracyMeters: number | null;
  /** When the device took the fix, at most `receivedAtMs`; milliseconds since the epoch. */
  readonly recordedAtMs: number;
  /** When a server received it, milliseconds since the epoch. Activity and expiry go by this time. */
  readonly receivedAtMs: number;
  /** The span of the update as W3C traceparent; left out for an update that is not sampled. */
  readonly traceparent?: string;
}

/**
 * `[recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters]`, and the traceparent if there is
 * one.
 */
export type LocationRecord = readonly [number, string, number, number, number, number | null, string?];

export function toRecord(update: LocationUpdate): LocationRecord {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent } = update;
  const record = [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters] as const;
  return traceparent === undefined ? record : [...record, traceparent];
}

/** Reads a record; null for anything else, which a server of another version may have written. */
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

/** Whether `a` replaces `b`: it is later by the device's clock, or has the greater id at the same time. */
export function isNewer(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.id > b.id);
}
