/**
 * One location of a user as it is stored, published and ordered. In Redis it is a JSON array that starts with
 * its order (time, id), so that a script can compare two of them without parsing.
 */
import { isCells } from './approximate-place.js';
import type { GeoPoint } from './distance.js';
import { isId } from './id.js';
import { type Motion, motionText, parseMotionText } from './motion.js';
import { isAccuracy, isLatitude, isLongitude, MAX_CLOCK_LEAD_MS } from './position.js';
import { roundDegrees } from './rounding.js';
import { isWhereabouts } from './whereabouts.js';

/** Immutable: all subscribers on a server share one object. Degrees are rounded wherever one is made. */
export interface LocationUpdate extends GeoPoint, Motion {
  /** UUID in lower case, the client's or made by the server. */
  readonly id: string;
  /** Radius in metres that likely holds the position, 0 or more; null when the device did not say. */
  readonly accuracyMeters: number | null;
  /** When the device took the fix, at most `receivedAtMs`; milliseconds since the epoch. */
  readonly recordedAtMs: number;
  /** When a server last heard of it, milliseconds since the epoch: the sign of life that friends see. */
  readonly receivedAtMs: number;
  /** The device that reported it, as `deviceTag` gives it; left out for a device without a name. */
  readonly device?: string;
  /**
   * The user's whereabouts as text, see whereabouts.ts. Left out until the location store keeps the update, and by
   * servers of the release before.
   */
  readonly whereabouts?: string;
  /** The cells in which the user is shown approximately, as text, see approximate-place.ts. Left out as whereabouts are. */
  readonly cells?: string;
  /** It tells the middle of a cell and full minutes, and is made of what was kept; it is no part of a record. */
  readonly isApproximate?: true;
  /** The device has no newer fix and is still there. It is not part of the record. */
  readonly stillHere?: true;
  /** The span of the update as W3C traceparent; left out for an update that is not sampled. */
  readonly traceparent?: string;
}

/**
 * `[recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, version]`, then the traceparent, the motion,
 * the whereabouts, the cells and the device as far as there are any. Records of the release before have no version, no
 * motion, no whereabouts and no cells, and null for a traceparent that is left out before a device. Its servers look for
 * the device after the version, and its script at the end: before motion, whereabouts and cells the device comes once
 * more.
 */
export type LocationRecord = readonly [
  number,
  string,
  number,
  number,
  number,
  number | null,
  typeof RECORD_VERSION,
  ...string[],
];

/** How it may change: docs/decisions/078-records-have-versions.md. */
export const RECORD_VERSION = 1;

export function toRecord(update: LocationUpdate): LocationRecord {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters } = update;
  const { traceparent, whereabouts, cells, device } = update;
  const record = [
    recordedAtMs,
    id,
    receivedAtMs,
    latitude,
    longitude,
    accuracyMeters,
    RECORD_VERSION,
  ] as const;
  const motion = motionText(update);
  const between = [motion, whereabouts, cells].filter((text) => text !== undefined);
  if (traceparent === undefined && between.length === 0 && device === undefined) return record;
  const more = between.length === 0 ? [traceparent, device] : [traceparent, device, ...between, device];
  return [...record, ...more.filter((text) => text !== undefined)];
}

/** The text of a record before and after the whereabouts and cells, for who finds those out. */
export function recordAround(update: LocationUpdate): [before: string, after: string] {
  const [before = '', after = ''] = JSON.stringify(toRecord({ ...update, whereabouts: '?' })).split('?');
  return [before, after];
}

/**
 * Reads a record as carefully as what a client sends: anybody may have written it, and another version of the
 * server. A little ahead counts as now, as with a device. Null for anything else, for a place that does not exist,
 * and for an instant that lies further in the future, or further back than any location is kept.
 */
export function fromRecord(record: unknown, nowMs: number): LocationUpdate | null {
  if (!Array.isArray(record)) return null;
  const [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, version] = record as unknown[];
  if (
    !isInstant(recordedAtMs) ||
    !isInstant(receivedAtMs) ||
    recordedAtMs > receivedAtMs ||
    receivedAtMs > nowMs + MAX_CLOCK_LEAD_MS ||
    receivedAtMs < nowMs - MAX_AGE_MS ||
    !isId(id) ||
    !isLatitude(latitude) ||
    !isLongitude(longitude) ||
    (accuracyMeters !== null && !isAccuracy(accuracyMeters)) ||
    (version !== RECORD_VERSION && !isUnversioned(version))
  ) {
    return null;
  }
  const latestMs = receivedAtMs > nowMs + MAX_LEAD_MS ? nowMs : receivedAtMs;
  const update: Writable<LocationUpdate> = {
    id,
    // The release before writes them as the device gave them.
    latitude: roundDegrees(latitude),
    longitude: roundDegrees(longitude),
    accuracyMeters,
    recordedAtMs: Math.min(recordedAtMs, latestMs),
    receivedAtMs: latestMs,
  };
  for (let place = AFTER_VERSION; place < record.length; place++) {
    const part = record[place] as unknown;
    if (typeof part !== 'string') continue;
    if (isCells(part)) update.cells ??= part;
    else if (isWhereabouts(part)) update.whereabouts ??= part;
    else if (isDeviceTag(part)) update.device ??= part;
    else if (part.includes('@')) Object.assign(update, parseMotionText(part));
    else if (TRACEPARENT.test(part)) update.traceparent ??= part;
  }
  return update;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Whether it can be milliseconds since the epoch. */
export const isInstant = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** The release before had a traceparent in this place, null or nothing. */
const isUnversioned = (version: unknown): boolean => version == null || typeof version === 'string';

/** What follows is recognised by its form. The release before has a traceparent here. */
const AFTER_VERSION = 6;

/** Version 00 of https://www.w3.org/TR/trace-context. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The record's form of a device's name, which any server makes alike. */
const DEVICE_TAG = /^[0-9a-f]{12}$/;

export const isDeviceTag = (text: string): boolean => DEVICE_TAG.test(text);

/**
 * What is shown of a user after `update`: that itself when it is newer, or says that the user is still at `known`.
 * What is known from the future, by a clock that was wrong when it came, gives way to everything. An older update that
 * is a sign of life renews `known`, or takes its place if another device gave it. Otherwise the very object `known`.
 */
export function newestAfter(
  update: LocationUpdate,
  known: LocationUpdate,
  nowMs: number,
  isSignOfLife = update.stillHere === true,
): LocationUpdate {
  if (update.id === known.id && update.recordedAtMs === known.recordedAtMs) {
    return update.receivedAtMs === known.receivedAtMs ? known : update;
  }
  if (known.recordedAtMs > nowMs + SERVER_CLOCKS_DIFFER_MS || isNewer(update, known)) return update;
  if (!isSignOfLife || update.receivedAtMs <= known.receivedAtMs) return known;
  return isOfOtherDevice(update, known) ? update : { ...known, receivedAtMs: update.receivedAtMs };
}

/** Whether `a` was recorded after `b` by the device's clock, or has the greater id at the same time. */
export function isNewer(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.id > b.id);
}

/**
 * Whether the store kept `update` after `known`, which it kept, too, or they are one.
 * @param isSignOfLife whether an older one may be kept, as on a topic, which brings all in order. Default: true.
 */
export function isKeptAfter(
  update: LocationUpdate,
  known: LocationUpdate,
  nowMs: number,
  isSignOfLife = true,
): boolean {
  const isSame = update.id === known.id && update.receivedAtMs === known.receivedAtMs;
  return isSame || newestAfter(update, known, nowMs, isSignOfLife) !== known;
}

/** Whether the two are one update and one sign of life of it. The whereabouts that are kept with it may differ. */
export function isSame(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.id === b.id && a.recordedAtMs === b.recordedAtMs && a.receivedAtMs === b.receivedAtMs;
}

/** Whether two named devices reported the two. */
export function isOfOtherDevice(a: LocationUpdate, b: LocationUpdate): boolean {
  return a.device !== undefined && b.device !== undefined && a.device !== b.device;
}

/** The clocks of two servers of a deployment differ by less, milliseconds. */
export const SERVER_CLOCKS_DIFFER_MS = 2_000;

/**
 * What lies further in the future no server with a right clock wrote: one may be ahead of the database's, and
 * another behind it.
 */
export const MAX_LEAD_MS = 2 * SERVER_CLOCKS_DIFFER_MS;

/** The longest LOCATION_TTL_SECONDS, twice: Redis may be away for one before a location is kept for another. */
const MAX_AGE_MS = 2 * 86_400_000;
