import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ringOf } from '../../src/cli/simulate/accounts.js';
import { createLatencies } from '../../src/cli/simulate/latencies.js';
import { createTracePlayer, readTraces } from '../../src/cli/simulate/trace-player.js';
import { bearingTo, travel } from '../../src/cli/simulate/travel.js';
import { createWalker } from '../../src/cli/simulate/walker.js';
import { distanceMeters } from '../../src/domain/distance.js';

const CITIES = [
  { latitude: 37.98, longitude: 23.73 },
  { latitude: -17.8, longitude: 179.99 },
  { latitude: 89.99, longitude: 10 },
];

/** Numerical Recipes' linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

describe('travel', () => {
  it.each(CITIES)('goes as far as it is told, and back, from %o', (from) => {
    for (const bearing of [0, 1, 2, 3, -1, -2]) {
      const to = travel(from, bearing, 5_000);
      expect(distanceMeters(from, to)).toBeCloseTo(5_000, 3);
      expect(Math.abs(to.longitude)).toBeLessThanOrEqual(180);
      expect(Math.abs(to.latitude)).toBeLessThanOrEqual(90);
      expect(distanceMeters(from, travel(to, bearingTo(to, from), 5_000))).toBeLessThan(0.01);
    }
  });
});

describe('walker', () => {
  it.each(CITIES)('stays within the city, moves on and is never faster than a car around %o', (city) => {
    for (let seed = 1; seed <= 20; seed++) {
      const walker = createWalker(city, 3_000, randomFrom(seed));
      const points = Array.from({ length: 400 }, (_, step) => walker(step * 5));
      let meters = 0;
      points.forEach((point, index) => {
        if (point === null) throw new Error('a walker always has a place');
        expect(distanceMeters(city, point)).toBeLessThan(3_010);
        const step = distanceMeters(points[index - 1] ?? point, point);
        expect(step).toBeLessThan(5 * 9 * 1.2 + 10);
        meters += step;
      });
      expect(meters).toBeGreaterThan(500);
      const speeds = points.map((point) => point?.speedMetersPerSecond ?? NaN);
      expect(Math.min(...speeds)).toBe(0);
      expect(Math.max(...speeds)).toBeLessThan(9 * 1.2);
      for (const point of points)
        expect(point?.headingDegrees === undefined).toBe(point?.speedMetersPerSecond === 0);
    }
  });
});

describe('traces', () => {
  const trace = {
    fixes: [0, 30, 60, 300].map((seconds, index) => ({
      unixSeconds: 1_000 + seconds,
      latitude: index,
      longitude: 0,
    })),
  };

  it('play scaled, tell of nothing twice and nothing in a gap, and begin anew', () => {
    const play = createTracePlayer(trace, 10);
    const told = [0, 1, 3, 4, 6, 12, 29, 30, 33, 40].map((second) => play(second)?.latitude ?? null);
    expect(told).toEqual([0, null, 1, null, 2, null, null, 0, 1, 2]);
  });

  it('of one fix tell of it once', () => {
    const play = createTracePlayer({ fixes: trace.fixes.slice(0, 1) }, 10);
    expect([play(0)?.latitude, play(1), play(100)]).toEqual([0, null, null]);
  });

  it('are read by id, and a row that is no fix is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'traces-'));
    const path = join(folder, 'traces.csv');
    const read = async (...rows: string[]) => {
      await writeFile(path, ['trace_id,unix_seconds,latitude,longitude', ...rows].join('\n'));
      return readTraces(path);
    };
    try {
      expect(await read('a,1,2,3', 'b,1,4,5', 'a,2,2,3')).toMatchObject([
        { fixes: [{ unixSeconds: 1 }, { unixSeconds: 2 }] },
        { fixes: [{ latitude: 4, longitude: 5 }] },
      ]);
      await expect(read('a,1,2,3', 'a,1,,3')).rejects.toThrow(/line 3: not an instant/);
      await expect(read('a,1,2,181')).rejects.toThrow(/line 2: not an instant/);
      await expect(read('a,2,2,3', 'a,1,2,3')).rejects.toThrow(
        /line 3: earlier than the row before of trace a\./,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('latencies', () => {
  it('give the percentiles of what was counted', () => {
    const latencies = createLatencies();
    expect(latencies.percentileMs(0.5)).toBeNull();
    for (let ms = 100; ms >= 1; ms--) latencies.add(ms);
    latencies.add(70_000);
    const shares = [0, 0.5, 0.95, 1].map((share) => latencies.percentileMs(share));
    expect(shares).toEqual([1, 51, 96, 60_000]);
    expect(latencies.longestMs).toBe(70_000);
    expect(latencies.total).toBe(101);
  });
});

describe('ring of friends', () => {
  it.each([
    [1, 4, 0],
    [2, 1, 1],
    [3, 10, 3],
    [10, 4, 20],
    [10, 0, 0],
  ])('%i users with %i friends each are %i pairs', (users, friends, pairs) => {
    const ring = ringOf(
      Array.from({ length: users }, (_, index) => index),
      friends,
    );
    expect(ring).toHaveLength(pairs);
    expect(new Set(ring.map((pair) => [...pair].sort().join())).size).toBe(pairs);
  });
});
