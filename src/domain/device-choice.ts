/**
 * Decides which of a user's devices says where the user is, when more than one reports: the one that moved
 * last. A tablet that lies at home never moves the marker of a user who is out with a phone, however often it
 * reports; and the phone that is opened elsewhere takes over from it (docs/decisions/059).
 */
import { distanceMeters } from './distance.js';
import { isDeviceTag, isInstant, type LocationUpdate, MAX_LEAD_MS } from './location-update.js';
import { isAccuracy, isLatitude, isLongitude } from './position.js';

/**
 * Decides on a report of another device than the one whose location is shown.
 * @param holder the location that is shown.
 * @param candidate the newest location of the other device.
 * @param sightings what was known of the two; empty when they meet for the first time.
 * @param locationTtlMs after so many milliseconds without a report a user is inactive.
 */
export function chooseDevice(
  holder: NamedUpdate,
  candidate: NamedUpdate,
  sightings: DeviceSightings,
  nowMs: number,
  locationTtlMs: number,
): DeviceChoice {
  const steadyMs = Math.min(locationTtlMs / STEADY_PARTS_OF_TTL, LONGEST_STEADY_MS);
  const shown = sighted(sightings[holder.device], holder, nowMs);
  const other = sighted(sightings[candidate.device], candidate, nowMs);
  const movedLast = other.movedAtMs > shown.movedAtMs && nowMs - shown.movedAtMs >= steadyMs;
  // A device that was just opened somewhere is the one in use, unless the other is on the move.
  const appearedLast = shown.movedAtMs === 0 && nowMs - other.sinceMs >= steadyMs;
  // A device that is there reports a few times within the TTL.
  const isAlone = nowMs - holder.receivedAtMs > locationTtlMs / 2;
  const takesOver = movedLast || appearedLast || isAlone;
  const others = Object.entries(sightings).filter(
    ([device]) => device !== holder.device && device !== candidate.device,
  );
  return {
    takesOver,
    sightings: Object.fromEntries([
      ...others.slice(-OTHER_DEVICES),
      [holder.device, shown],
      [candidate.device, takesOver ? { ...other, movedAtMs: nowMs } : other],
    ]),
  };
}

/**
 * Reads what was kept of devices as carefully as what a client sends, since anybody may have written it. What is
 * none is left out: the device is then new. Null where there are none at all.
 */
export function parseSightings(value: unknown, nowMs: number): DeviceSightings | null {
  if (typeof value !== 'object' || value === null) return null;
  const latestMs = nowMs + MAX_LEAD_MS;
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, DeviceSighting] => isDeviceTag(entry[0]) && isSighting(entry[1], latestMs),
    ),
  );
}

/** A location of a device with a name. */
export type NamedUpdate = LocationUpdate & { readonly device: string };

export interface DeviceChoice {
  /** Whether the candidate is shown from now on. */
  readonly takesOver: boolean;
  /** What is known of the devices now, to be given with their next meeting. */
  readonly sightings: DeviceSightings;
}

/** By the device's tag. */
export type DeviceSightings = Readonly<Record<string, DeviceSighting>>;

/** Where a device is at rest, or was when it was last seen to have moved. */
export interface DeviceSighting {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
  /** When it was first seen here, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** When it was last seen to have moved, milliseconds since the epoch; 0 for never. */
  readonly movedAtMs: number;
}

/**
 * For so long a device counts as moving after it was seen to have moved: about one report, and less where
 * devices report more often.
 */
const LONGEST_STEADY_MS = 30_000;
const STEADY_PARTS_OF_TTL = 20;

/** A device at rest indoors seems to move this far, metres; more if it says itself that it is less accurate. */
const AT_REST_METERS = 50;

/** Of so many more devices the sightings are kept. */
const OTHER_DEVICES = 6;

function isSighting(value: unknown, latestMs: number): value is DeviceSighting {
  if (typeof value !== 'object' || value === null) return false;
  const { latitude, longitude, accuracyMeters, sinceMs, movedAtMs } = value as Record<string, unknown>;
  return (
    isLatitude(latitude) &&
    isLongitude(longitude) &&
    (accuracyMeters === null || isAccuracy(accuracyMeters)) &&
    isInstant(sinceMs) &&
    sinceMs <= latestMs &&
    isInstant(movedAtMs) &&
    movedAtMs <= latestMs
  );
}

function sighted(kept: DeviceSighting | undefined, update: LocationUpdate, nowMs: number): DeviceSighting {
  const { latitude, longitude, accuracyMeters } = update;
  if (kept === undefined) return { latitude, longitude, accuracyMeters, sinceMs: nowMs, movedAtMs: 0 };
  // What seems to lie ahead was seen by a clock that was wrong.
  const [sinceMs, movedAtMs] = [Math.min(kept.sinceMs, nowMs), Math.min(kept.movedAtMs, nowMs)];
  const known = { ...kept, sinceMs, movedAtMs };
  const restMeters = Math.max(AT_REST_METERS, accuracyMeters ?? 0, known.accuracyMeters ?? 0);
  if (distanceMeters(known, update) <= restMeters) return known;
  return { latitude, longitude, accuracyMeters, sinceMs, movedAtMs: nowMs };
}
