/**
 * The whereabouts of a user: a disc that was announced to friends, which the user has not left since. Friends
 * whose radius it can't meet need none of the user's updates until it is left. The disc is right at any size;
 * its size only decides how often it is left and how many friends it seems near to. The script of
 * adapters/redis/location-store.ts repeats `nextWhereabouts`.
 */
import { distanceMeters, type GeoPoint } from './distance.js';
import { isLatitude, isLongitude } from './position.js';

/** A disc around where the user was when it began. */
export interface Whereabouts extends GeoPoint {
  /** Radius in whole metres, 1 or more. */
  readonly reachMeters: number;
  /**
   * When a server received the update that began the disc, milliseconds since the epoch. No two of a user
   * have the same.
   */
  readonly madeAtMs: number;
  /** The user was not there before: nothing was known of where. */
  readonly came: boolean;
  /** Friends were told of the disc. */
  readonly announced: boolean;
}

/**
 * Where a user is after an update: in the same disc, or in a new one if that was left. @param known null for
 * a user who comes.
 */
export function nextWhereabouts(
  { latitude, longitude, receivedAtMs }: GeoPoint & { readonly receivedAtMs: number },
  known: Whereabouts | null,
): Whereabouts {
  const place = { latitude, longitude };
  const meters = known === null ? null : distanceMeters(place, known);
  if (known !== null && meters !== null && meters <= known.reachMeters) return known;
  const reachMeters =
    known === null || meters === null
      ? LEAST_REACH_METERS
      : nextReachMeters(meters, receivedAtMs - known.madeAtMs);
  return { ...place, reachMeters, madeAtMs: receivedAtMs, came: known === null, announced: false };
}

/**
 * Whether friends have still to be told of a disc: whoever took the update that began it had the time to do
 * so.
 * @param nowMs when the next update was received.
 */
export function isOverdue(disc: Whereabouts, nowMs: number): boolean {
  return !disc.announced && nowMs - disc.madeAtMs > ANNOUNCEMENT_MS;
}

/**
 * The reach of the next disc: what the user travels in twenty minutes at the speed at which the last one was
 * left, so that walkers are near few friends and drivers don't announce every minute.
 */
export function nextReachMeters(meters: number, tookMs: number): number {
  const reach = (meters / Math.max(tookMs / 1_000, 1)) * TRAVEL_SECONDS;
  return Math.floor(Math.min(Math.max(reach, LEAST_REACH_METERS), GREATEST_REACH_METERS));
}

/** Never more than the distance between the viewer and a friend who is inside the disc, metres. */
export function leastDistanceMeters(viewer: GeoPoint, disc: Whereabouts): number {
  return Math.max(0, distanceMeters(viewer, disc) - disc.reachMeters);
}

/**
 * By how much a disc meets the radius of a viewer, metres: 0 and more where the viewer needs the updates of the friend
 * who is inside, negative where the radius can't meet it. A viewer who moves by fewer metres decides the same. A friend who is
 * watched is left a little later, so that a viewer at the edge does not subscribe and unsubscribe with every step.
 */
export function overlapMeters(
  viewer: GeoPoint,
  disc: Whereabouts,
  radiusMeters: number,
  isWatched: boolean,
): number {
  const margin = isWatched ? ROUNDING_METERS + KEEP_METERS : ROUNDING_METERS;
  return radiusMeters + margin - leastDistanceMeters(viewer, disc);
}

/** The form in a record: latitude, longitude, reach, when it was made, and what it is in bits. */
export function toText({ latitude, longitude, reachMeters, madeAtMs, came, announced }: Whereabouts): string {
  const bits = (came ? CAME : 0) + (announced ? ANNOUNCED : 0);
  return `${latitude},${longitude},${reachMeters},${madeAtMs},${bits}`;
}

/** Reads the text as carefully as what a client sends. Null for anything else. */
export function parseWhereabouts(text: string | undefined): Whereabouts | null {
  if (text === undefined || !isWhereabouts(text)) return null;
  const [latitude, longitude, reachMeters = 0, madeAtMs = 0, bits = 0] = text.split(',').map(Number);
  if (!isLatitude(latitude) || !isLongitude(longitude)) return null;
  if (reachMeters < 1 || reachMeters > READABLE_REACH_METERS) return null;
  return {
    latitude,
    longitude,
    reachMeters,
    madeAtMs,
    came: (bits & CAME) !== 0,
    announced: (bits & ANNOUNCED) !== 0,
  };
}

/** Whether a text has the form of whereabouts. */
export const isWhereabouts = (text: string): boolean => FORM.test(text);

export const LEAST_REACH_METERS = 500;
export const GREATEST_REACH_METERS = 5_000;
export const TRAVEL_SECONDS = 1_200;
/** How long a server has to tell friends of a disc. */
export const ANNOUNCEMENT_MS = 2_000;
/** Another release may make larger discs; nobody makes ones as large as this. */
export const READABLE_REACH_METERS = 100_000;

// The bits of the text.
const CAME = 1;
const ANNOUNCED = 2;

const FORM = /^-?\d[\d.e-]*,-?\d[\d.e-]*,\d{1,6},\d{1,15},[0-3]$/;

/** Redis and this process compute the same distance with other roundings, and distances add up with some. */
export const ROUNDING_METERS = 1;
const KEEP_METERS = 300;
