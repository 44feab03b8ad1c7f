/**
 * After every step of a played scene each subscriber's list equals what a brute-force computation of ours says, which
 * shares no code with the server: the same friends, at the places that their answers told, with distances to the centimetre.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { oracleScene, randomFrom } from '../support/oracle-scene.js';
import { startTestRedisCluster, type TestRedisCluster } from '../support/redis-cluster.js';
import { type Place, travelExactly } from '../support/sphere.js';

const TRACES = new URL('../../../shared/data/traces.csv', import.meta.url);
const BUSES = 47;
const TRACE_STEP_SECONDS = 300;
const TRACE_STEPS = 40;
const WALKERS = 30;
const WALK_STEPS = 48;
const STEPS_AT_A_PLACE = 6;

type Meeting = readonly [name: string, center: Place];

/** Where walkers come together: each place is one at which coordinates or rounding turn nasty. */
const MEETING_PLACES: readonly Meeting[] = [
  ['the north pole', { latitude: 90, longitude: 0 }],
  ['the south pole', { latitude: -90, longitude: 0 }],
  ['the antimeridian', { latitude: -17.7, longitude: 180 }],
  ['the equator and the zero meridian', { latitude: 0, longitude: 0 }],
];

describe.each([
  ['two servers on one Redis, a frame for every change', 2, false, 0],
  ['four servers on a Redis Cluster, merged frames', 4, true, 100],
])('%s', (_name, servers, isSharded, frameIntervalMs) => {
  let redis: TestRedisCluster | null = null;
  let cluster: TestCluster;

  beforeAll(async () => {
    if (isSharded) redis = await startTestRedisCluster();
    // Walkers are at the next meeting place at once, which is a leap too many for a walk that is drawn wide.
    const settings = {
      frameIntervalMs,
      maxSpeedMetersPerSecond: 1e9,
      ...(redis !== null && { redisClusterNodes: redis.urls }),
    };
    cluster = await startTestCluster(servers, settings);
  });

  afterAll(async () => {
    await cluster.close();
    await redis?.close();
  });

  it('generated walks across poles, antimeridian and radius, with friendship and sharing changing', async () => {
    const seed = Date.now() % 100_000;
    const random = randomFrom(seed);
    const scene = await oracleScene(cluster, WALKERS, random, [undefined, 500, 3_000, 20_000, 500_000]);
    let near = 0;
    for (let step = 0; step < WALK_STEPS; step++) {
      const [name, center] = MEETING_PLACES[
        Math.floor(step / STEPS_AT_A_PLACE) % MEETING_PLACES.length
      ] as Meeting;
      const walkers = [...scene.users.keys()].filter(() => random() < 0.6);
      await scene.moveAll(
        walkers.map((user) => [user, travelExactly(center, random() * 360, random() ** 2 * 12_000)]),
      );
      if (step % 2 === 1) for (let change = 0; change < 3; change++) await scene.changeSomething();
      near += await scene.expectAllEqual(`${name}, seed ${seed}, step ${step}`);
    }
    expect(near).toBeGreaterThan(WALK_STEPS * WALKERS);
    await scene.expectFreshEqual(`seed ${seed}`);
  }, 60_000);

  it('school buses of Athens through the day', async (context) => {
    if (!existsSync(TRACES)) {
      console.warn(`skipped: ${TRACES.pathname} is not here`);
      context.skip();
    }
    const traces = busTraces();
    const random = randomFrom(7);
    const scene = await oracleScene(cluster, traces.length, random, [undefined, 2_000]);
    let near = 0;
    for (let step = 0; step < TRACE_STEPS; step++) {
      const moves: [number, Place][] = [];
      traces.forEach((positions, bus) => {
        const position = positions.get(step);
        if (position !== undefined) moves.push([bus, position]);
      });
      await scene.moveAll(moves);
      if (step % 4 === 3) await scene.changeSomething();
      near += await scene.expectAllEqual(`step ${step}`);
    }
    expect(near).toBeGreaterThan(TRACE_STEPS * 10);
    await scene.expectFreshEqual('at the end');
  }, 60_000);
});

/** The buses with the most fixes; of each the last fix in every step of the day. */
function busTraces(): Map<number, Place>[] {
  const buses = new Map<string, Map<number, Place>>();
  const startOfDay = Date.UTC(2011, 3, 13, 6) / 1_000;
  for (const line of readFileSync(TRACES, 'utf8').split('\n')) {
    if (!line.startsWith('ath-')) continue;
    const [bus = '', seconds, latitude, longitude] = line.split(',');
    const step = Math.floor((Number(seconds) - startOfDay) / TRACE_STEP_SECONDS);
    const positions = buses.get(bus) ?? new Map<number, Place>();
    buses.set(bus, positions.set(step, { latitude: Number(latitude), longitude: Number(longitude) }));
  }
  return [...buses.values()].sort((a, b) => b.size - a.size).slice(0, BUSES);
}
