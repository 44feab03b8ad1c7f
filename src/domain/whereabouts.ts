/**
 * The whereabouts of a user: a disc that was announced to friends, which the user has not left since. Friends
 * whose radius it can't meet need none of the user's updates until it is left. The disc is right at any size;
 * its size only decides how often it is left and how many friends it seems near to.
 */
import { distanceMeters, type GeoPoint } from './distance.js';

/** A disc around where the user was when it began. */
export interface Whereabouts extends GeoPoint {
  /** Radius in metres, above 0. */
  readonly reachMeters: number;
  /** The id of the update that began the disc. */
  readonly since: string;
  /** When a server received that update, milliseconds since the epoch. */
  readonly madeAtMs: number;
  /** The user was not there before: the update found no newest location. */
  readonly came: boolean;
  /** Friends were told of the disc. */
  readonly announced: boolean;
}

/** How far a user went between the beginning of a disc and the update that left it. */
export interface Travel {
  readonly meters: number;
  /** Above 0. */
  readonly seconds: number;
}

/** Whether a new disc has to begin: the place is outside. */
export function hasLeft(place: GeoPoint, disc: Whereabouts): boolean {
  return distanceMeters(place, disc) > disc.reachMeters;
}

/**
 * The reach of the next disc: what the user travels in twenty minutes at the speed at which the last one was
 * left, so that walkers are near few friends and drivers don't announce every minute.
 * @param travel null for a user who was not there before.
 */
export function nextReachMeters(travel: Travel | null): number {
  if (travel === null) return LEAST_REACH_METERS;
  const reach = (travel.meters / Math.max(travel.seconds, 1)) * TRAVEL_SECONDS;
  return Math.min(Math.max(reach, LEAST_REACH_METERS), GREATEST_REACH_METERS);
}

/** Never more than the distance between the viewer and a friend who is inside the disc, metres. */
export function leastDistanceMeters(viewer: GeoPoint, disc: Whereabouts): number {
  return Math.max(0, distanceMeters(viewer, disc) - disc.reachMeters);
}

/**
 * Whether a viewer needs the updates of a friend who is inside the disc. A friend who is watched is left a
 * little later, so that a viewer at the edge does not subscribe and unsubscribe with every step.
 */
export function shouldWatch(
  viewer: GeoPoint,
  disc: Whereabouts,
  radiusMeters: number,
  isWatched: boolean,
): boolean {
  const margin = isWatched ? ROUNDING_METERS + KEEP_METERS : ROUNDING_METERS;
  return leastDistanceMeters(viewer, disc) <= radiusMeters + margin;
}

/**
 * Whether somebody has told friends of the disc, or is about to: the server that took the update has this
 * long to do so.
 */
export function isAnnounced(disc: Whereabouts, nowMs: number): boolean {
  return disc.announced || nowMs - disc.madeAtMs <= ANNOUNCEMENT_MS;
}

export const LEAST_REACH_METERS = 500;
export const GREATEST_REACH_METERS = 5_000;
export const TRAVEL_SECONDS = 1_200;
export const ANNOUNCEMENT_MS = 2_000;
/** Redis and this process compute the same distance with other roundings. */
const ROUNDING_METERS = 1;
const KEEP_METERS = 300;
