/** What a viewer is told of friends who are shown approximately. */
import { describe, expect, test } from 'vitest';
import type { NearbyFriend } from '../../src/domain/proximity-gate.js';
import { toRecord } from '../../src/domain/location-update.js';
import { settle } from '../support/fake-clock.js';
import { uuidOf } from '../support/uuid.js';
import {
  createNearbyClient,
  createNearbyWorld,
  type NearbyClient,
  type NearbyWorld,
  NOTHING_LEFT,
  TTL_MS,
  VIEWER,
} from './nearby-world.js';

const MINUTE_MS = 60_000;
const APPROXIMATE = { enabled: true, untilMs: null, precision: 'APPROXIMATE' } as const;
const EXACT = { ...APPROXIMATE, precision: 'EXACT' } as const;

/**
 * A client whose snapshot is read. `me` is at 0 m, ann at 300 m. Cells begin at every 1,100 m of
 * the equator and at the equator itself, so hers has its middle 550 m to the east and 550 m to the north. It is left
 * 650 m beyond its edge.
 */
async function start(sharing: typeof APPROXIMATE | typeof EXACT = APPROXIMATE) {
  const world = createNearbyWorld(0);
  world.setSharing('ann', sharing);
  await world.move('me', 0);
  await world.move('ann', 300);
  await world.clock.advance(10_000);
  const client = createNearbyClient(world);
  await client.read();
  return { world, client };
}

const share = async (world: NearbyWorld, ...as: Parameters<NearbyWorld['setSharing']>) => {
  world.setSharing(...as);
  await world.relation(as[0]);
  await settle();
};
/** What the last frame says, without when. */
const timesOf = (nearby: readonly NearbyFriend[] = []) => nearby.map(({ location }) => location.receivedAtMs);
const lastOf = (client: NearbyClient) => client.frames.at(-1);
const nextMinute = async (world: NearbyWorld) => {
  await world.clock.advance(MINUTE_MS - (world.clock.now() % MINUTE_MS));
  await settle();
};

describe('a friend who is shown approximately', () => {
  test('is in the middle of a cell, from which the distance is measured, at a full minute', async () => {
    const { world, client } = await start();
    expect(client.list).toEqual({ ann: 778 });
    const [entry] = client.frames[0]?.nearby ?? [];
    const fullMinute = world.clock.now() - 10_000;
    expect(entry?.location).toMatchObject({
      latitude: expect.closeTo(550 / 111_195, 5) as number,
      longitude: expect.closeTo(550 / 111_195, 5) as number,
      accuracyMeters: 778,
      recordedAtMs: fullMinute,
      receivedAtMs: fullMinute,
      isApproximate: true,
    });
    expect(await world.nearbyFriends.list(VIEWER)).toEqual(client.frames[0]?.nearby);
  });

  test('causes no message by fixes in the cell; a full minute tells that the user was there', async () => {
    const { world, client } = await start();
    await nextMinute(world);
    const minuteMs = world.clock.now();
    for (const meters of [1, 999, 1_300, 1_740, 400]) {
      await world.clock.advance(9_000);
      await world.move('ann', meters);
      // Nor does who asks learn of them, or who subscribes anew.
      expect(timesOf(await world.nearbyFriends.list(VIEWER))).toEqual([minuteMs - MINUTE_MS]);
      const late = createNearbyClient(world);
      await late.read();
      expect(timesOf(late.frames[0]?.nearby)).toEqual([minuteMs - MINUTE_MS]);
      await late.leave();
    }
    expect(client.frames).toHaveLength(1);
    await nextMinute(world);
    const { latitude, longitude } = client.frames[0]?.nearby[0]?.location ?? {};
    expect(client.frames).toHaveLength(2);
    expect(lastOf(client)).toMatchObject({
      snapshot: false,
      left: [],
      nearby: [{ location: { latitude, longitude, recordedAtMs: minuteMs, receivedAtMs: minuteMs } }],
    });
    // And a minute without a fix causes none.
    await nextMinute(world);
    await nextMinute(world);
    expect(client.frames).toHaveLength(2);
  });

  test('is shown in another cell at the full minute after the crossing, in lists and to who asks', async () => {
    const { world, client } = await start();
    const asked = async () =>
      (await world.nearbyFriends.list(VIEWER, 5_000)).map((entry) => entry.location.longitude);
    const before = await asked();
    await world.move('ann', 1_950);
    const late = createNearbyClient(world);
    await late.read();
    expect(client.frames).toHaveLength(1);
    expect(late.list).toEqual({ ann: 778 });
    expect(await asked()).toEqual(before);
    await world.clock.advance(MINUTE_MS - (world.clock.now() % MINUTE_MS) - 1);
    expect(client.list).toEqual({ ann: 778 });
    await world.clock.advance(1);
    await settle();
    for (const each of [client, late]) {
      expect(lastOf(each)).toMatchObject({ left: [{ friendId: uuidOf('ann'), reason: 'OUT_OF_RANGE' }] });
      expect(each.list).toEqual({});
    }
    expect(await asked()).toEqual([expect.closeTo(1_650 / 111_195, 5)]);
  });

  test('is on the list by the middle of the cell alone, however far away the friend is', async () => {
    const { world, client } = await start();
    // An hour near the end of a cell; then so far beyond its edge that the exact place is no matter of this list.
    for (let nth = 0; nth < 12; nth++) {
      await world.clock.advance(TTL_MS / 2);
      await world.move('me', -480);
      await world.move('ann', 990);
    }
    await world.move('ann', 1_700);
    await nextMinute(world);
    await expect.poll(() => client.list).toEqual({});
    await world.move('me', -280);
    await expect.poll(() => client.list).toEqual({ ann: 996 });
    const asked = await world.nearbyFriends.list(VIEWER);
    expect(asked.map(({ distanceMeters }) => Math.round(distanceMeters))).toEqual([996]);
    await world.move('me', -290);
    await expect.poll(() => client.list).toEqual({});
    // And who is near by the exact place, but not by the middle, is not on it.
    await world.move('me', -1_300);
    await world.move('ann', -700);
    await nextMinute(world);
    await world.move('ann', -400);
    expect(client.list).toEqual({ ann: 930 });
    await world.move('me', -1_390);
    await expect.poll(() => client.list).toEqual({});
    expect(await world.nearbyFriends.list(VIEWER)).toEqual([]);
  });

  test('who leaps away is shown where they were until the minute is over, to who comes meanwhile, too', async () => {
    const { world, client } = await start();
    await world.move('ann', 90_000);
    const late = createNearbyClient(world);
    await late.read();
    for (const each of [client, late]) expect(each.list).toEqual({ ann: 778 });
    await nextMinute(world);
    for (const each of [client, late]) expect(each.list).toEqual({});
  });

  test('is gone when silent, and back at once with the next fix', async () => {
    const { world, client } = await start();
    const stayed = async () => {
      await world.clock.advance(TTL_MS / 2);
      await world.move('me', 0);
    };
    await stayed();
    await stayed();
    await expect.poll(() => client.list).toEqual({});
    expect(lastOf(client)).toMatchObject({ left: [{ reason: 'UNAVAILABLE' }] });
    await world.clock.advance(5_000);
    await world.move('ann', 2_300);
    await world.move('ann', 200);
    await expect.poll(() => client.list).toEqual({});
    await nextMinute(world);
    expect(client.list).toEqual({ ann: 778 });
    await client.leave();
    await world.clock.advance(MINUTE_MS);
    expect(world.leftovers).toEqual(NOTHING_LEFT);
  });
});

describe('how exactly a friend is shown', () => {
  test('changes at once, both ways', async () => {
    const { world, client } = await start(EXACT);
    expect(client.list).toEqual({ ann: 300 });
    await share(world, 'ann', APPROXIMATE);
    expect(client.list).toEqual({ ann: 778 });
    await world.move('ann', 310);
    expect(client.list).toEqual({ ann: 778 });
    await share(world, 'ann', EXACT);
    expect(client.list).toEqual({ ann: 310 });
    await world.move('ann', 320);
    expect(client.list).toEqual({ ann: 320 });
    expect(client.frames.flatMap(({ left }) => left)).toEqual([]);
  });

  test('turns over by itself where an exception ends', async () => {
    const { world, client } = await start();
    const untilMs = world.clock.now() + 3_600_000;
    await share(world, 'ann', APPROXIMATE, { enabled: true, precision: 'EXACT', untilMs });
    expect(client.list).toEqual({ ann: 300 });
    while (world.clock.now() < untilMs - 1) {
      await world.clock.advance(Math.min(TTL_MS / 2, untilMs - 1 - world.clock.now()));
      await world.move('me', 0);
      await world.move('ann', 305);
    }
    expect(client.list).toEqual({ ann: 305 });
    const { length } = client.frames;
    await world.clock.advance(1);
    await settle();
    expect(client.list).toEqual({ ann: 778 });
    expect(client.frames).toHaveLength(length + 1);
  });

  test('turns over before a frame of the same moment, however late the timer is', async () => {
    const world = createNearbyWorld(1_000);
    const untilMs = world.clock.now() + 10_000;
    world.setSharing('ann', APPROXIMATE, { enabled: true, precision: 'EXACT', untilMs });
    world.setSharing('bob', { ...EXACT, untilMs });
    await world.move('me', 0);
    await world.move('ann', 300);
    await world.move('bob', 1_400);
    const client = createNearbyClient(world);
    await client.read();
    await world.clock.advance(8_940);
    await world.move('ann', 305);
    await world.clock.advance(500);
    await world.move('ann', 123);
    await world.move('bob', 900);
    // A frame is due just before the end, and the event loop is held up until just after it.
    world.clock.slip(untilMs - world.clock.now() + 5);
    await world.clock.advance(2_000);
    expect(client.list).toEqual({ ann: 778 });
    const entries = client.frames.flatMap(({ nearby }) => nearby);
    expect(entries.map(({ distanceMeters }) => Math.round(distanceMeters))).toEqual([300, 305, 778]);
    expect(client.frames.flatMap(({ left }) => left)).toEqual([]);
  });

  test('does not matter to who is hidden from', async () => {
    const { world, client } = await start();
    await share(world, 'ann', APPROXIMATE, { enabled: false, precision: 'EXACT', untilMs: null });
    expect(client.list).toEqual({});
    const { length } = client.frames;
    for (const meters of [400, 5_000, 100]) {
      await world.move('ann', meters);
      await nextMinute(world);
    }
    await share(world, 'ann', EXACT, { enabled: false, precision: 'EXACT', untilMs: null });
    expect(client.frames).toHaveLength(length);
    expect(await world.nearbyFriends.list(VIEWER)).toEqual([]);
  });
});

test('a record without cells, as a server of the release before keeps it, shows nobody approximately', async () => {
  const world = createNearbyWorld(0);
  world.setSharing('ann', APPROXIMATE);
  await world.move('me', 0);
  const client = createNearbyClient(world);
  await client.read();
  const { cells: _, ...update } = { ...world.updateAt(300), cells: undefined };
  await world.topics.publish(uuidOf('ann'), toRecord(update));
  await settle();
  expect(client.list).toEqual({});
});

test('a viewer who goes to a thousand places is told the same, whatever ways and whenever a friend goes through the same cells', async () => {
  /** All that the viewer is told while the friend reports a place in each ten seconds, so late in them. */
  async function transcript(lateMs: number, places: readonly number[]): Promise<unknown[]> {
    const world = createNearbyWorld(0);
    world.setSharing('ann', APPROXIMATE);
    await world.move('me', 0);
    await world.move('ann', places[0] ?? 0);
    const client = createNearbyClient(world, VIEWER, 3_000);
    await client.read();
    const asked: unknown[] = [];
    for (const [nth, meters] of places.entries()) {
      await world.clock.advance(lateMs);
      await world.move('ann', meters);
      await world.clock.advance(5_000 - lateMs);
      for (let step = 0; step < 42; step++) await world.move('me', (nth * 977 + step * 389) % 6_000);
      asked.push(await world.nearbyFriends.list(VIEWER, 3_000));
      await world.clock.advance(5_000);
    }
    const withoutId = (frames: unknown): unknown[] =>
      JSON.parse(
        JSON.stringify(frames, (key, value: unknown) => (key === 'id' ? undefined : value)),
      ) as unknown[];
    return [...withoutId(client.frames), ...withoutId(asked)];
  }
  const pick = (...from: readonly number[]) => from;
  // Four minutes of each way: in the first cell, up to where it is left, in the third cell, and back.
  const one = await transcript(0, [
    ...pick(10, 990, 500, 1_740, 200, 1_000),
    ...pick(1_599, 700, 5, 400, 2_310, 2_320),
    ...pick(2_900, 2_100, 1_600, 3_500, 2_999, 2_001),
    ...pick(1_650, 1_600, 2_000, 2_500, 1_601, 1_200),
  ]);
  const other = await transcript(4_000, [
    ...pick(999, 400, 300, 20, 800, 1_550),
    ...pick(600, 500, 1_400, 2_990, 2_500, 2_990),
    ...pick(2_301, 3_590, 3_000, 2_500, 2_100, 1_900),
    ...pick(2_999, 2_700, 1_650, 1_800, 1_900, 1_250),
  ]);
  expect(other).toEqual(one);
  expect(one.length).toBeGreaterThan(500);
}, 30_000);
