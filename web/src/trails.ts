/**
 * The ways that friends have come, as seen since the page was opened. Only who shows the exact place has a trail, and
 * who leaves the list loses it at once.
 */
import type { NearbyFriend } from 'nearby-friends-client';
import { eastward, GLIDE_MS } from './glide.js';
import type { Place } from './page-setup.js';

export function createTrails(): Trails {
  let trails = new Map<string, readonly Step[]>();
  let lines: readonly Line[] = [];

  return {
    follow(friends, nowMs) {
      const before = trails;
      trails = new Map();
      for (const { friend, location, precision } of friends) {
        if (precision !== 'EXACT') continue;
        const steps = before.get(friend.id)?.filter(({ atMs }) => nowMs - atMs <= LONGEST_MS) ?? [];
        const last = steps.at(-1);
        if (last === undefined || isApart(last, location)) steps.push(stepTo(location, last, nowMs));
        trails.set(friend.id, steps.slice(-MOST_STEPS));
      }
      const next = [...trails.values()]
        .map((steps) => lineOf(steps, nowMs))
        .filter(({ length }) => length > 1);
      const isSame =
        next.length === lines.length && next.every((line, index) => isSameLine(line, lines[index] ?? []));
      lines = next;
      return !isSame;
    },
    lines: () => ({
      type: 'FeatureCollection',
      features: Array.from({ length: SHADES }, (_, shade) => ({
        type: 'Feature',
        properties: { strength: (shade + 1) / SHADES },
        geometry: {
          type: 'MultiLineString',
          coordinates: lines
            .map((line) => pieceOf(line, shade).map(({ longitude, latitude }) => [longitude, latitude]))
            .filter(({ length }) => length > 1),
        },
      })),
    }),
  };
}

export interface Trails {
  /**
   * @param nowMs the device's time, milliseconds since the epoch.
   * @returns whether the lines are others than before.
   */
  follow(friends: readonly NearbyFriend[], nowMs: number): boolean;
  /**
   * The trails of all friends, in pieces of the same `strength`, above 0 to 1 for the newest; without a jump at the
   * 180th meridian.
   */
  lines(): GeoJSON.FeatureCollection<GeoJSON.MultiLineString>;
}

interface Step extends Place {
  /** When the page heard of it. */
  readonly atMs: number;
}
type Line = readonly Step[];

/** A gradient along each line would be smoother, but MapLibre draws one for every line on the page's own thread. */
const SHADES = 8;
const LONGEST_MS = 5 * 60_000;
/** Of somebody who moves every second these are twenty seconds, of a phone that reports every half minute all five minutes. */
const MOST_STEPS = 20;
/** The position of a phone that lies still wanders by less. */
const LEAST_STEP_METERS = 10;
const METERS_PER_DEGREE = 111_195;

function isApart(from: Place, to: Place): boolean {
  const north = to.latitude - from.latitude;
  const east = eastward(from.longitude, to.longitude) * Math.cos((from.latitude * Math.PI) / 180);
  return Math.hypot(north, east) * METERS_PER_DEGREE > LEAST_STEP_METERS;
}

function stepTo({ latitude, longitude }: Place, last: Step | undefined, atMs: number): Step {
  const east = last === undefined ? longitude : last.longitude + eastward(last.longitude, longitude);
  return { latitude, longitude: east, atMs };
}

/** It grows when the marker has come to its end. */
const lineOf = (steps: Line, nowMs: number): Line =>
  nowMs - (steps.at(-1)?.atMs ?? 0) < GLIDE_MS ? steps.slice(0, -1) : steps;

const isSameLine = (one: Line, other: Line): boolean =>
  one.length === other.length && one[0] === other[0] && one.at(-1) === other.at(-1);

/** The oldest pieces have the lowest shades. */
function pieceOf(line: Line, shade: number): Line {
  const stepsUntil = (end: number): number => Math.floor((end * (line.length - 1)) / SHADES);
  const [start, end] = [stepsUntil(shade), stepsUntil(shade + 1)];
  return start === end ? [] : line.slice(start, end + 1);
}
