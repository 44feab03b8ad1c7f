/**
 * The way of a user through a day. Places are joined where the user can be thought to have gone straight from one to the
 * next: not over a long silence, and not faster than anybody travels.
 */
import { distanceMeters, type LocationFieldsFragment } from 'nearby-friends-client';

/** @param locations oldest first. Returns null when there are none. */
export function trackOf(locations: readonly Recorded[]): HistoryTrack | null {
  const [first] = locations;
  const last = locations.at(-1);
  if (first === undefined || last === undefined) return null;
  const stretches: Position[][] = [];
  let before: Recorded | null = null;
  let longitude = first.longitude;
  for (const location of locations) {
    // The short way, beyond 180 degrees if need be: there the map goes on.
    longitude += shortWay(location.longitude - longitude);
    if (before === null || !isJoined(before, location)) stretches.push([]);
    stretches.at(-1)?.push([longitude, location.latitude]);
    before = location;
  }
  return {
    stretches,
    count: locations.length,
    firstMs: Date.parse(first.recordedAt),
    lastMs: Date.parse(last.recordedAt),
  };
}

export interface HistoryTrack {
  /** At least one, each with at least one place. */
  readonly stretches: readonly (readonly Position[])[];
  /** The number of places. */
  readonly count: number;
  /** When the first place was recorded, milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** In degrees. From one place of a track to the next there are at most 180 degrees of longitude. */
export type Position = [longitude: number, latitude: number];

type Recorded = Pick<LocationFieldsFragment, 'latitude' | 'longitude' | 'recordedAt'>;

/** After so long friends lose a silent user, and an exported track has a new segment. */
const LONGEST_SILENCE_MS = 600_000;
/** Airliners fly up to that fast over ground. */
const FASTEST_METERS_PER_SECOND = 300;
/** Fixes may be so far off that two of them in a row seem fast. */
const SLACK_METERS = 500;

function isJoined(before: Recorded, after: Recorded): boolean {
  const elapsedMs = Date.parse(after.recordedAt) - Date.parse(before.recordedAt);
  const reachMeters = SLACK_METERS + (FASTEST_METERS_PER_SECOND * elapsedMs) / 1_000;
  return elapsedMs <= LONGEST_SILENCE_MS && distanceMeters(before, after) <= reachMeters;
}

function shortWay(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}
