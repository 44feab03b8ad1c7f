/**
 * How near a friend comes who sees somebody approximately, with all that can be made of what is told: at no moment
 * nearer than 300 m, in the median. docs/approximate-places.md has the figures.
 */
import { expect, test } from 'vitest';
import { metersBetween } from '../support/sphere.js';
import { attack, type Minute, tell } from './attack.js';
import { type Fix, type Motion, MOTIONS, type Random, realWays, wayAt } from './motion.js';

const LEAST_MEDIAN_METERS = 300;
/** Of each kind. */
const WAYS = 40;
/** Of a moment with fewer samples nothing is said. */
const SAMPLES = 150;

/** The same numbers at each run. */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How the moment is called, as seen from the crossings that are told and from the beginning. */
function momentsOf(minutes: readonly Minute[], minute: number): string[] {
  const isCrossing = (at: number): boolean =>
    at > 0 && at < minutes.length && minutes[at]?.told.latitude !== minutes[at - 1]?.told.latitude
      ? true
      : at > 0 && at < minutes.length && minutes[at]?.told.longitude !== minutes[at - 1]?.told.longitude;
  const moments = ['any time', `in the ${Math.floor(minute / 20) + 1}. twenty minutes`];
  for (let distance = 0; distance <= 10; distance++) {
    if (isCrossing(minute - distance)) {
      moments.push(`${distance} min after a crossing`);
      break;
    }
  }
  for (let distance = 1; distance <= 10; distance++) {
    if (isCrossing(minute + distance)) {
      moments.push(`${distance} min before a crossing`);
      break;
    }
  }
  return moments;
}

interface Worst {
  readonly moment: string;
  readonly estimator: string;
  readonly medianMeters: number;
}

interface Sample {
  readonly moments: readonly string[];
  /** How far off an estimate is, by how it was made. */
  readonly meters: ReadonlyMap<string, number>;
}

function sample(ways: readonly Fix[][], motion: Motion, random: Random, chance = random): Sample[] {
  return ways.flatMap((way) => {
    const minutes = tell(way, chance);
    return attack(minutes, motion, random, chance).map((estimates, minute) => {
      const truth = minutes[minute]?.truth ?? { latitude: NaN, longitude: NaN };
      const meters = Object.entries(estimates).map(
        ([estimator, place]) => [estimator, metersBetween(place, truth)] as const,
      );
      return { moments: momentsOf(minutes, minute), meters: new Map(meters) };
    });
  });
}

/** How far off the estimates of each kind are at each moment, the nearest first. */
function worst(samples: readonly Sample[]): Worst[] {
  const errors = new Map<string, number[]>();
  for (const { moments, meters } of samples) {
    for (const moment of moments) {
      for (const [estimator, off] of meters) {
        const key = `${moment}|${estimator}`;
        const all = errors.get(key) ?? [];
        errors.set(key, all);
        all.push(off);
      }
    }
  }
  return [...errors]
    .filter(([, all]) => all.length >= SAMPLES)
    .map(([key, all]) => {
      const [moment = '', estimator = ''] = key.split('|');
      const sorted = all.toSorted((a, b) => a - b);
      return { moment, estimator, medianMeters: Math.round(sorted[sorted.length >> 1] ?? 0) };
    })
    .sort((a, b) => a.medianMeters - b.medianMeters);
}

function expectVague(found: readonly Worst[]): void {
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ medianMeters }) => medianMeters < LEAST_MEDIAN_METERS)).toEqual([]);
}

test.each([0, 60, 80])(
  'people on foot at latitude %i',
  (latitude) => {
    const random = randomOf(latitude + 1);
    const samples = (['stroll', 'errand'] as const).flatMap((kind) =>
      sample(
        Array.from({ length: WAYS }, () => wayAt(latitude, MOTIONS[kind], random)),
        MOTIONS[kind],
        random,
      ),
    );
    expectVague(worst(samples));
  },
  300_000,
);

test('people who walk straight on for hours', () => {
  const random = randomOf(61);
  const ways = Array.from({ length: 60 }, () => wayAt(60, MOTIONS.march, random));
  expectVague(worst(sample(ways, MOTIONS.march, random)));
}, 300_000);

test('real buses, cars and people', ({ skip }) => {
  const ways = realWays();
  if (ways === null) skip('the real traces are not here');
  const random = randomOf(1);
  expectVague(worst(sample(ways ?? [], MOTIONS.drive, random)));
}, 600_000);

test('the same attack finds people whose margins it knows', () => {
  const random = randomOf(7);
  const ways = Array.from({ length: WAYS }, () => wayAt(60, MOTIONS.errand, random));
  const [nearest] = worst(sample(ways, MOTIONS.errand, random, () => 0));
  expect(nearest?.medianMeters).toBeLessThan(250);
}, 300_000);
