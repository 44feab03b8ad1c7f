/** Ways of people, made or real, and what an attacker believes of how they move. */
import { existsSync, readFileSync } from 'node:fs';
import type { Place } from '../support/sphere.js';

/** Where somebody is, on a plane around the start of the way, in metres to the east and north. */
export interface Walker {
  x: number;
  y: number;
  /** Metres a second. */
  speed: number;
  /** Radians from east. */
  heading: number;
  /** Seconds. */
  restsFor: number;
}

export type Random = () => number;

/** How somebody moves: `begin` sets out, and `move` goes on for STEP_SECONDS. */
export interface Motion {
  begin(walker: Walker, random: Random): void;
  move(walker: Walker, random: Random): void;
}

export interface Fix extends Place {
  readonly seconds: number;
}

/** As phones report. */
export const STEP_SECONDS = 30;

const within = (random: Random, least: number, most: number): number => least + (most - least) * random();

function goOn(walker: Walker): void {
  walker.x += walker.speed * STEP_SECONDS * Math.cos(walker.heading);
  walker.y += walker.speed * STEP_SECONDS * Math.sin(walker.heading);
}

/** Whether something happens in this step that happens every so many seconds. */
const happens = (random: Random, everySeconds: number): boolean => random() < STEP_SECONDS / everySeconds;

export const MOTIONS = {
  /** Through the streets of a town, with corners every minute or two and rests every twenty. */
  stroll: {
    begin(walker, random) {
      walker.speed = within(random, 1, 1.8);
    },
    move(walker, random) {
      if (walker.restsFor > 0) {
        walker.restsFor -= STEP_SECONDS;
        return;
      }
      if (happens(random, 1_200)) walker.restsFor = within(random, 60, 960);
      if (happens(random, 110)) walker.heading += random() < 0.5 ? Math.PI / 2 : -Math.PI / 2;
      if (happens(random, 600)) walker.speed = within(random, 1, 1.8);
      goOn(walker);
    },
  },
  /** To one goal after the other, a quarter of an hour each. */
  errand: {
    begin(walker, random) {
      walker.speed = within(random, 1.1, 1.7);
    },
    move(walker, random) {
      if (happens(random, 900)) walker.heading = within(random, 0, 2 * Math.PI);
      walker.heading += within(random, -0.17, 0.17);
      walker.speed = Math.min(2, Math.max(0.5, walker.speed + within(random, -0.17, 0.17)));
      goOn(walker);
    },
  },
  /** Straight on for hours. */
  march: {
    begin(walker, random) {
      walker.speed = within(random, 1.1, 1.7);
    },
    move(walker, random) {
      walker.heading += within(random, -0.03, 0.03);
      walker.speed = Math.max(0.3, walker.speed + within(random, -0.02, 0.02));
      goOn(walker);
    },
  },
  /** In a car or a bus: what an attacker believes of the real traces. */
  drive: {
    begin(walker, random) {
      walker.speed = within(random, 0, 12);
    },
    move(walker, random) {
      if (random() < 0.25) walker.speed = random() < 0.3 ? 0 : within(random, 0, 14);
      if (random() < 0.3) walker.heading += within(random, -Math.PI / 2, Math.PI / 2);
      goOn(walker);
    },
  },
} satisfies Record<string, Motion>;

const METERS_PER_DEGREE = 111_195.08;

/** A place on the plane around another. */
export const placeOf = (around: Place, x: number, y: number): Place => {
  const latitude = around.latitude + y / METERS_PER_DEGREE;
  const longitude = around.longitude + x / (METERS_PER_DEGREE * Math.cos((latitude * Math.PI) / 180));
  return { latitude, longitude: ((longitude + 540) % 360) - 180 };
};

/** A way of two hours that begins within some kilometres of a parallel. */
export function wayAt(latitude: number, motion: Motion, random: Random): Fix[] {
  const start = placeOf({ latitude, longitude: within(random, -180, 180) }, 0, within(random, -5_000, 5_000));
  const walker: Walker = { x: 0, y: 0, speed: 1, heading: within(random, 0, 2 * Math.PI), restsFor: 0 };
  motion.begin(walker, random);
  const fixes: Fix[] = [];
  for (let seconds = 0; seconds < 7_200; seconds += STEP_SECONDS) {
    fixes.push({ ...placeOf(start, walker.x, walker.y), seconds });
    motion.move(walker, random);
  }
  return fixes;
}

/** Real traces with a fix at most every twenty seconds, each of five minutes or more; null where they are not there. */
export function realWays(): Fix[][] | null {
  if (!existsSync(TRACES)) return null;
  const ways = new Map<string, Fix[]>();
  for (const line of readFileSync(TRACES, 'utf8').trim().split('\n').slice(1)) {
    const [id = '', at, latitude, longitude] = line.split(',');
    const way = ways.get(id) ?? [];
    ways.set(id, way);
    const last = way.at(-1);
    if (last !== undefined && Number(at) - last.seconds < 20) continue;
    way.push({ latitude: Number(latitude), longitude: Number(longitude), seconds: Number(at) });
  }
  return [...ways.values()].filter((way) => (way.at(-1)?.seconds ?? 0) - (way[0]?.seconds ?? 0) >= 300);
}

const TRACES = new URL('../../../shared/data/traces.csv', import.meta.url);
