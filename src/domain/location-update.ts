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
  /** When a server last heard of it, milliseconds since the epoch: the sign of life that friends see. */
  readonly receivedAtMs: number;
  /** The device that reported it, as `deviceTag` gives it; left out for a device without a name. */
  readonly device?: string;
  /** The device has no newer fix and is still there. It is not part of the record. */
  readonly stillHere?: true;
  /** The span of the update as W3C traceparent; left out for an update that is not sampled. */
  readonly traceparent?: string;
}

/**
 * `[recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters]`, then the traceparent and the device
 * as far as there are any.
 */
export type LocationRecord = readonly [
  number,
  string,
  number,
  number,
  number,
  number | null,
  (string | null)?,
  string?,
];

export function toRecord(update: LocationUpdate): LocationRecord {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent, device } = update;
  const record = [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters] as const;
  if (device !== undefined) return [...record, traceparent ?? null, device];
  return traceparent === undefined ? record : [...record, traceparent];
}

/** Reads a record; null for anything else, which a server of another version may have written. */
export function fromRecord(record: unknown): LocationUpdate | null {
  if (!Array.isArray(record)) return null;
  const [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent, device] =
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
  const isTraced = typeof traceparent === 'string' && TRACEPARENT.test(traceparent);
  const isNamed = typeof device === 'string' && DEVICE_TAG.test(device);
  // Two shapes of objects for the two usual cases: most updates have neither.
  if (!isTraced && !isNamed) return update;
  return { ...update, ...(isTraced && { traceparent }), ...(isNamed && { device }) };
}

/** Version 00 of https://www.w3.org/TR/trace-context. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The record's form of a device's name, which any server makes alike. */
const DEVICE_TAG = /^[0-9a-f]{12}$/;

/**
 * Whether `update` takes the place of `known` on live lists: it is newer, or says that the user is still at
 * `known`. What is known from the future, by a clock that was wrong when it came, gives way to everything.
 */
export function replaces(update: LocationUpdate, known: LocationUpdate, nowMs: number): boolean {
  if (update.id === known.id && update.recordedAtMs === known.recordedAtMs) {
    return update.receivedAtMs !== known.receivedAtMs;
  }
  return known.recordedAtMs > nowMs + SERVER_CLOCKS_DIFFER_MS || isNewer(update, known);
}

/** Whether `a` was recorded after `b` by the device's clock, or has the greater id at the same time. */
export function isNewer(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.id > b.id);
}

/** Whether two named devices reported the two. */
export function isOfOtherDevice(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.device !== undefined && b.device !== undefined && a.device !== b.device;
}

/** The clocks of two servers of a deployment differ by less, milliseconds. */
export const SERVER_CLOCKS_DIFFER_MS = 2_000;
