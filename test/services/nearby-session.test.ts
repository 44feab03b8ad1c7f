import { describe, expect, test } from 'vitest';
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

/** A client whose snapshot is read: `me` at 0 m, ann at 100 m, bob at 5,000 m. */
async function start(
  frameIntervalMs = 0,
  reading = true,
): Promise<{ world: NearbyWorld; client: NearbyClient }> {
  const world = createNearbyWorld(frameIntervalMs);
  world.befriend('ann', 'bob');
  await world.move('me', 0);
  await world.move('ann', 100);
  await world.move('bob', 5_000);
  const client = createNearbyClient(world);
  if (reading) await client.read();
  else await client.readOne();
  expect(client.list).toEqual({ ann: 100 });
  return { world, client };
}

const lastOf = (client: NearbyClient) => client.frames.at(-1);

describe('the list', () => {
  test('opens with a snapshot of friends near, with or without anybody', async () => {
    const world = createNearbyWorld(0);
    const client = createNearbyClient(world);
    await client.read();
    expect(client.frames).toMatchObject([{ snapshot: true, nearby: [], left: [], origin: null }]);
    world.befriend('ann');
    await world.move('ann', 10);
    const second = createNearbyClient(world);
    await second.read();
    expect(second.list).toEqual({});
    await world.move('me', 0);
    await expect.poll(() => second.list).toEqual({ ann: 10 });
  });

  test('is the one that asking once gives', async () => {
    const { world, client } = await start();
    const once = await world.nearbyFriends.list(VIEWER);
    expect(once).toEqual(client.frames[0]?.nearby);
    expect(await world.nearbyFriends.list(VIEWER, 10_000)).toHaveLength(2);
    for (const radius of [0, -1, 500_001, NaN]) {
      await expect(world.nearbyFriends.list(VIEWER, radius)).rejects.toMatchObject({ kind: 'invalid' });
      expect(() => world.nearbyFriends.subscribe(VIEWER, { radiusMeters: radius }, { isOpen: true })).toThrow(
        'radiusMeters',
      );
    }
    expect(world.nearbyFriends.size).toBe(1);
  });

  test('holds nobody who does not share, and nobody who is no friend', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann');
    world.setSharing('bob', { enabled: false, untilMs: null });
    for (const id of ['me', 'ann', 'bob', 'cid']) await world.move(id, 10);
    const client = createNearbyClient(world);
    await client.read();
    await world.move('bob', 20);
    await world.move('cid', 20);
    expect(client.list).toEqual({ ann: 0 });
    expect(client.frames).toHaveLength(1);
    expect(await world.nearbyFriends.list(VIEWER)).toHaveLength(1);
  });

  test('follows friends who come, move and go, and the viewer', async () => {
    const { world, client } = await start();
    await world.move('bob', 900);
    expect(lastOf(client)).toMatchObject({
      snapshot: false,
      nearby: [{ friend: { handle: 'bob' } }],
      left: [],
    });
    await world.move('ann', 2_000);
    expect(lastOf(client)?.left).toEqual([{ friendId: uuidOf('ann'), reason: 'OUT_OF_RANGE' }]);
    await world.move('me', 1_500);
    expect(client.list).toEqual({ ann: 500, bob: 600 });
    expect(lastOf(client)?.nearby.map(({ friend }) => friend.handle)).toEqual(['ann', 'bob']);
  });

  test('misses nothing that happens while it is put up', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann', 'bob');
    await world.move('me', 0);
    await world.move('ann', 100);
    world.holdReads();
    world.topics.hold();
    const client = createNearbyClient(world);
    void client.read();
    await world.move('ann', 150);
    world.topics.release();
    await settle();
    await world.move('ann', 200);
    await world.releaseReads();
    await world.move('ann', 250);
    await settle();
    expect(client.list).toEqual({ ann: 250 });
    expect(client.frames[0]?.snapshot).toBe(true);
  });
});

describe('with a frame interval', () => {
  test('the meter hears of each frame: changes that others overtook, and how long the first update waited', async () => {
    const { world } = await start(1_000);
    expect(world.metered).toMatchObject([{ frame: { snapshot: true }, coalesced: 0, lagMs: null }]);
    await world.clock.advance(1_000);
    await world.move('ann', 110);
    await world.clock.advance(100);
    await world.move('bob', 6_000);
    await world.clock.advance(100);
    await world.move('ann', 120);
    await world.clock.advance(300);
    await world.move('ann', 130);
    await world.move('bob', 500);
    await world.clock.advance(1_000);
    const [ann, bob] = [{ friend: { handle: 'ann' } }, { friend: { handle: 'bob' } }];
    expect(world.metered.slice(1)).toMatchObject([
      { frame: { nearby: [ann] }, coalesced: 0, lagMs: 0 },
      { frame: { nearby: [ann, bob] }, coalesced: 1, lagMs: 800 },
    ]);
    await world.relation('ann');
    await world.clock.advance(1_000);
    expect(world.metered.slice(3)).toMatchObject([{ frame: { nearby: [ann] }, coalesced: 0, lagMs: null }]);
  });

  test('the first change after a quiet spell goes out at once, later ones merge, the newest of each friend', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(1_000);
    const startMs = world.clock.now();
    await world.move('ann', 110);
    await settle();
    expect(client.frames).toHaveLength(2);
    await world.clock.advance(300);
    await world.move('ann', 120);
    await world.move('bob', 500);
    await world.clock.advance(300);
    await world.move('ann', 130);
    await world.clock.advance(399);
    expect(client.frames).toHaveLength(2);
    await world.clock.advance(1);
    expect(client.frames).toHaveLength(3);
    expect(lastOf(client)?.nearby.map(({ friend }) => friend.handle)).toEqual(['ann', 'bob']);
    expect(client.list).toEqual({ ann: 130, bob: 500 });
    expect(lastOf(client)?.atMs).toBe(startMs + 1_000);
    await world.clock.advance(5_000);
    await world.move('ann', 140);
    await settle();
    expect(lastOf(client)?.atMs).toBe(startMs + 6_000);
    expect(client.frames).toHaveLength(4);
  });

  test('the snapshot counts: the first change after it waits', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(10);
    await world.move('ann', 110);
    await world.clock.advance(989);
    expect(client.frames).toHaveLength(1);
    await world.clock.advance(1);
    expect(client.frames).toHaveLength(2);
  });

  test('what comes to nothing is no message, and the next change need not wait for it', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(500);
    await world.move('bob', 500);
    await world.move('bob', 5_000);
    await world.clock.advance(700);
    expect(client.frames).toHaveLength(1);
    await world.move('ann', 110);
    await settle();
    expect(client.frames).toHaveLength(2);
  });

  test('two messages are never closer than the interval, however slowly or unevenly the client reads', async () => {
    const { world, client } = await start(1_000, false);
    const delays = [0, 10, 5_000, 0, 1_700, 1, 999, 1_000, 3_000, 0, 0, 2_500];
    for (const [round, delay] of delays.entries()) {
      for (let step = 0; step <= delay; step += 250) {
        await world.move('ann', 200 + round);
        await world.clock.advance(Math.min(250, delay));
      }
      let read = false;
      void client.readOne().then(() => (read = true));
      await settle();
      for (let waited = 0; !read && waited < 5; waited++) await world.clock.advance(250);
      expect(read).toBe(true);
    }
    const gaps = client.frames.slice(1).map(({ atMs }, index) => atMs - (client.frames[index]?.atMs ?? 0));
    expect(gaps).toHaveLength(delays.length);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  test('a slow client gets the newest state at the moment when it asks', async () => {
    const { world, client } = await start(1_000, false);
    for (let meters = 101; meters <= 140; meters++) {
      await world.clock.advance(250);
      await world.move('ann', meters);
    }
    await client.readOne();
    expect(client.list).toEqual({ ann: 140 });
    expect(client.frames).toHaveLength(2);
  });

  test('a resync keeps to the interval too', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(100);
    world.topics.interrupt();
    await world.topics.restore();
    await world.clock.advance(899);
    expect(client.frames).toHaveLength(1);
    await world.clock.advance(1);
    expect(lastOf(client)?.snapshot).toBe(true);
    expect(client.frames).toHaveLength(2);
  });
});

describe('without a frame interval', () => {
  test('every change is a message', async () => {
    const { world, client } = await start(0, false);
    for (let meters = 101; meters <= 110; meters++) await world.move('ann', meters);
    for (let count = 0; count < 10; count++) await client.readOne();
    expect(client.frames.map(({ nearby }) => Math.round(nearby[0]?.distanceMeters ?? NaN))).toEqual(
      Array.from({ length: 11 }, (_, index) => 100 + index),
    );
  });

  test('what a client that does not read has waiting is bounded, and its newest is the newest', async () => {
    const { world, client } = await start(0, false);
    for (let meters = 101; meters <= 900; meters++) await world.move('ann', meters);
    await client.read();
    expect(client.frames.length).toBeLessThanOrEqual(66);
    expect(client.list).toEqual({ ann: 900 });
  });
});

describe.each([0, 1_000])('who may not be seen any more, at an interval of %d ms,', (intervalMs) => {
  /** Reads for ten seconds all that is sent. */
  async function readOn(world: NearbyWorld, client: NearbyClient): Promise<void> {
    await client.read();
    await world.clock.advance(10_000);
  }

  test.each(['removed', 'paused'])('%s, leaves the list within a second as UNAVAILABLE', async (how) => {
    const { world, client } = await start(intervalMs);
    if (how === 'removed') world.unfriend('ann');
    else world.setSharing('ann', { enabled: false, untilMs: null });
    await world.relation('ann');
    await world.clock.advance(1_000);
    expect(lastOf(client)?.left).toEqual([{ friendId: uuidOf('ann'), reason: 'UNAVAILABLE' }]);
    await world.move('ann', 50);
    await world.clock.advance(2_000);
    expect(client.frames).toHaveLength(2);
    // The viewer's own topic, and ann's while she is a friend; bob is too far away.
    expect(world.userTopics.size).toBe(how === 'removed' ? 1 : 2);
  });

  test.each(['removed', 'paused'])(
    '%s, is in no message after the notification, of a slow client either',
    async (how) => {
      const { world, client } = await start(intervalMs, false);
      await world.clock.advance(2_000);
      await world.move('ann', 110);
      await world.move('bob', 500);
      await world.clock.advance(2_000);
      world.holdReads();
      if (how === 'removed') world.unfriend('ann');
      else world.setSharing('ann', { enabled: false, untilMs: null });
      await world.relation('ann');
      await world.move('ann', 120);
      const readBefore = client.frames.length;
      await readOn(world, client);
      await world.releaseReads();
      await world.clock.advance(2_000);
      for (const { nearby } of client.frames.slice(readBefore)) {
        expect(nearby.map(({ friend }) => friend.handle)).not.toContain('ann');
      }
      expect(client.list).toEqual({ bob: 500 });
    },
  );

  test('whose sharing ends by itself, is in no message after it', async () => {
    const { world, client } = await start(intervalMs, false);
    world.setSharing('ann', { enabled: true, untilMs: world.clock.now() + 30_000 });
    await world.relation('ann');
    await world.clock.advance(29_000);
    await world.move('ann', 110);
    await world.move('bob', 500);
    await world.clock.advance(1_000);
    const readBefore = client.frames.length;
    await readOn(world, client);
    for (const { nearby } of client.frames.slice(readBefore)) {
      expect(nearby.map(({ friend }) => friend.handle)).not.toContain('ann');
    }
    expect(client.list).toEqual({ bob: 500 });
  });
});

describe('relations', () => {
  test('a new friend is shown, and followed from then on', async () => {
    const { world, client } = await start();
    await world.move('cid', 300);
    world.befriend('cid');
    await world.relation('cid');
    await settle();
    expect(client.list).toEqual({ ann: 100, cid: 300 });
    await world.move('cid', 400);
    await settle();
    expect(client.list).toEqual({ ann: 100, cid: 400 });
  });

  test('that change while the friends are read are read again before they are shown', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann', 'bob');
    for (const id of ['me', 'ann', 'bob', 'cid']) await world.move(id, 10);
    world.holdReads();
    const client = createNearbyClient(world);
    void client.read();
    await settle();
    expect(world.reader.reads).toBe(1);
    world.unfriend('ann');
    world.befriend('cid');
    await world.relation('ann');
    await world.relation('cid');
    await world.releaseReads();
    expect(client.list).toEqual({ bob: 0, cid: 0 });
    for (const { nearby } of client.frames) {
      expect(nearby.map(({ friend }) => friend.handle)).not.toContain('ann');
    }
    expect(world.userTopics.size).toBe(3);
  });

  test('that change again while they are read are read again', async () => {
    const { world, client } = await start();
    world.unfriend('ann');
    world.holdReads();
    await world.relation('ann');
    await settle();
    world.befriend('ann');
    await world.relation('ann');
    await world.relation('ann');
    await world.move('ann', 120);
    await world.releaseReads();
    expect(client.list).toEqual({ ann: 120 });
    // All friends, ann, and ann twice more.
    expect(world.reader.reads).toBe(4);
    expect(client.frames.flatMap(({ left }) => left)).toEqual([]);
  });

  test('say nothing of the friend while they are read, and go on with the others', async () => {
    const { world, client } = await start();
    await world.move('bob', 900);
    await expect.poll(() => client.list).toEqual({ ann: 100, bob: 900 });
    world.holdReads();
    await world.relation('ann');
    await world.move('ann', 120);
    await world.move('bob', 700);
    await settle();
    expect(client.list).toEqual({ ann: 100, bob: 700 });
    await world.releaseReads();
    expect(client.list).toEqual({ ann: 120, bob: 700 });
  });

  test('that can not be read are read again, with all others: then comes a snapshot', async () => {
    const { world, client } = await start();
    world.reader.failing = true;
    world.unfriend('ann');
    await world.relation('ann');
    await settle();
    await world.move('bob', 500);
    await world.clock.advance(5_000);
    expect(client.frames).toHaveLength(1);
    expect(world.failures.length).toBeGreaterThanOrEqual(5);
    world.reader.failing = false;
    await world.clock.advance(1_000);
    expect(client.frames).toHaveLength(2);
    expect(lastOf(client)?.snapshot).toBe(true);
    expect(client.list).toEqual({ bob: 500 });
    expect(world.userTopics.size).toBe(2);
  });

  test('of which several can not be read at once are tried again once a second', async () => {
    const { world } = await start();
    const before = world.clock.pending;
    world.reader.failing = true;
    for (let index = 0; index < 20; index++) await world.relation(`friend-${index}`);
    await settle();
    expect(world.clock.pending).toBe(before + 1);
    const { reads } = world.reader;
    await world.clock.advance(3_000);
    expect(world.reader.reads).toBe(reads + 3);
  });
});

describe('time', () => {
  test('a silent friend leaves as UNAVAILABLE within five seconds of the TTL', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(TTL_MS / 2);
    await world.move('me', 0);
    await world.clock.advance(TTL_MS / 2 - 1);
    expect(client.list).toEqual({ ann: 100 });
    await world.clock.advance(5_000);
    expect(lastOf(client)?.left).toEqual([{ friendId: uuidOf('ann'), reason: 'UNAVAILABLE' }]);
    expect(client.list).toEqual({});
  });

  test('a silent viewer has an empty list without an origin, and the whole of it again with the next update', async () => {
    const { world, client } = await start(1_000);
    await world.clock.advance(TTL_MS / 2);
    await world.move('ann', 100);
    await world.clock.advance(TTL_MS / 2 + 2_000);
    expect(lastOf(client)).toMatchObject({ snapshot: true, nearby: [], origin: null });
    await world.move('me', 10);
    await world.clock.advance(1_000);
    expect(client.list).toEqual({ ann: 90 });
    expect(lastOf(client)?.origin).not.toBeNull();
  });

  test('timed sharing turns over by itself, both ways, at its instant', async () => {
    const { world, client } = await start();
    const nowMs = world.clock.now();
    world.setSharing('ann', { enabled: true, untilMs: nowMs + 60_000 });
    world.setSharing('bob', { enabled: false, untilMs: nowMs + 90_000 });
    await world.relation('ann');
    await world.relation('bob');
    await world.move('bob', 300);
    await world.clock.advance(59_999);
    expect(client.list).toEqual({ ann: 100 });
    await world.clock.advance(1);
    expect(client.list).toEqual({});
    await world.clock.advance(30_000);
    expect(client.list).toEqual({ bob: 300 });
    await world.clock.advance(100_000);
    expect(client.list).toEqual({ bob: 300 });
  });

  test('sharing that turned over before the subscription opened counts as it is now', async () => {
    const world = createNearbyWorld(0);
    world.setSharing('ann', { enabled: false, untilMs: world.clock.now() - 1 });
    world.setSharing('bob', { enabled: true, untilMs: world.clock.now() });
    for (const id of ['me', 'ann', 'bob']) await world.move(id, 0);
    const client = createNearbyClient(world);
    await client.read();
    expect(client.list).toEqual({ ann: 0 });
    expect((await world.nearbyFriends.list(VIEWER)).map(({ friend }) => friend.handle)).toEqual(['ann']);
  });

  test('a turnover that is late is not lost when another relation is read in between', async () => {
    const { world, client } = await start();
    world.setSharing('ann', { enabled: true, untilMs: world.clock.now() + 1_000 });
    await world.relation('ann');
    await settle();
    world.clock.slip(2_000);
    await world.relation('bob');
    await world.clock.advance(0);
    expect(client.list).toEqual({});
  });

  test('a turnover in the middle of reading the relation again says nothing of the friend', async () => {
    const { world, client } = await start();
    world.setSharing('ann', { enabled: true, untilMs: world.clock.now() + 1_000 });
    await world.relation('ann');
    await settle();
    const { length } = client.frames;
    world.holdReads();
    world.setSharing('ann', { enabled: true, untilMs: null });
    await world.relation('ann');
    await world.clock.advance(2_000);
    expect(client.frames).toHaveLength(length);
    await world.releaseReads();
    expect(client.list).toEqual({ ann: 100 });
  });
});

describe('a gap in the messages', () => {
  test('is silence, then a snapshot of how things stand', async () => {
    const { world, client } = await start();
    world.topics.interrupt();
    await world.move('ann', 150);
    world.unfriend('bob');
    await world.relation('bob');
    await world.clock.advance(60_000);
    expect(client.frames).toHaveLength(1);
    await world.topics.restore();
    expect(client.frames).toHaveLength(2);
    expect(lastOf(client)?.snapshot).toBe(true);
    expect(client.list).toEqual({ ann: 150 });
    await world.move('ann', 160);
    await settle();
    expect(client.list).toEqual({ ann: 160 });
    expect(world.userTopics.size).toBe(2);
  });

  test('that begins while the list is put up makes it wait for the end of the gap', async () => {
    const { world, client } = await start();
    world.holdReads();
    world.topics.interrupt();
    await world.topics.restore();
    world.topics.interrupt();
    await world.releaseReads();
    await world.clock.advance(10_000);
    expect(client.frames).toHaveLength(1);
    await world.topics.restore();
    expect(client.frames).toHaveLength(2);
  });

  test('of friends only takes what was missed from the cache: changes, no snapshot', async () => {
    const { world, client } = await start();
    world.topics.interrupt(['ann', 'bob'].map(uuidOf));
    await world.moveUnheard('ann', 150);
    await world.move('me', 10);
    await settle();
    expect(client.list['ann']).toBe(90);
    await world.topics.restore();
    expect(client.list['ann']).toBe(140);
    expect(client.frames.slice(1).map(({ snapshot }) => snapshot)).not.toContain(true);
  });

  test('of friends, after which the cache can not be read at first, is read about until it can', async () => {
    const { world, client } = await start();
    world.topics.interrupt([uuidOf('ann')]);
    await world.moveUnheard('ann', 150);
    world.failCache(true);
    await world.topics.restore();
    await world.clock.advance(3_000);
    expect(client.list['ann']).toBe(100);
    expect(world.failures.length).toBeGreaterThan(1);
    world.failCache(false);
    await world.clock.advance(1_000);
    expect(client.list['ann']).toBe(150);
  });

  test('keeps who comes meanwhile waiting for its end', async () => {
    const { world } = await start();
    world.topics.interrupt([VIEWER.userId]);
    const late = createNearbyClient(world);
    await late.read();
    await world.clock.advance(10_000);
    expect(late.frames).toEqual([]);
    await world.topics.restore();
    await expect.poll(() => late.frames).toHaveLength(1);
  });

  test('keeps what was waiting from a slow client: it may not be so any more', async () => {
    const { world, client } = await start(0, false);
    await world.move('ann', 110);
    world.topics.interrupt();
    world.unfriend('ann');
    await world.topics.restore();
    await client.read();
    expect(client.frames.slice(1)).toMatchObject([{ snapshot: true, nearby: [] }]);
  });
});

describe('while notifications are not proven to arrive', () => {
  test.each([0, 1_000])('frames wait, at an interval of %d ms, and nothing is lost', async (intervalMs) => {
    const { world, client } = await start(intervalMs);
    world.befriend('carol');
    await world.relation('carol');
    await world.clock.advance(2_000);
    const { length } = client.frames;
    world.holdLease(false);
    for (const meters of [110, 120]) await world.move('ann', meters);
    await world.move('carol', 50);
    await world.move('carol', 5_000);
    await world.move('bob', 200);
    await world.clock.advance(5_000);
    expect(client.frames).toHaveLength(length);
    world.holdLease(true);
    await settle();
    expect(client.list).toEqual({ ann: 120, bob: 200 });
    expect(client.frames.slice(length)).toMatchObject([{ snapshot: false, left: [] }]);
    await world.clock.advance(2_000);
    await world.move('ann', 130);
    await settle();
    expect(client.list).toEqual({ ann: 130, bob: 200 });
  });

  test('a list that opens waits with its snapshot', async () => {
    const { world } = await start();
    world.holdLease(false);
    const second = createNearbyClient(world);
    await second.read();
    expect(second.frames).toEqual([]);
    await world.move('ann', 150);
    world.holdLease(true);
    await settle();
    expect(second.frames).toMatchObject([{ snapshot: true }]);
    expect(second.list).toEqual({ ann: 150 });
  });

  test('who is no friend any more when they arrive again is in no frame', async () => {
    const { world, client } = await start();
    world.holdLease(false);
    await world.move('ann', 110);
    const { length } = client.frames;
    world.unfriend('ann');
    await world.relation('ann');
    world.holdLease(true);
    await settle();
    expect(client.frames.slice(length).flatMap(({ nearby }) => nearby)).toEqual([]);
    expect(client.list).toEqual({});
  });
});

describe('the end', () => {
  test.each([
    ['of the session', 'session', true],
    ['of all sessions', null, true],
    ['of another session', 'other', false],
  ])('%s', async (_name, sessionId, ends) => {
    const { world, client } = await start();
    await world.notify({ kind: 'session-ended', sessionId: sessionId && uuidOf(sessionId) });
    await settle();
    expect(client.done).toBe(ends);
    if (ends) expect(world.leftovers).toEqual(NOTHING_LEFT);
  });

  test('comes with the token', async () => {
    const world = createNearbyWorld(0);
    const client = createNearbyClient(world, { ...VIEWER, expiresAtMs: world.clock.now() + 60_000 });
    await client.read();
    await world.clock.advance(59_999);
    expect(client.done).toBe(false);
    await world.clock.advance(1);
    expect(client.done).toBe(true);
    expect(world.leftovers).toEqual(NOTHING_LEFT);
  });

  test('keeps what was waiting from a slow client', async () => {
    const { world, client } = await start(0, false);
    await world.move('ann', 110);
    await world.notify({ kind: 'session-ended', sessionId: null });
    expect(await client.readOne()).toBe(false);
  });

  test('comes when the server closes', async () => {
    const { world, client } = await start();
    world.nearbyFriends.close();
    await settle();
    expect(client.done).toBe(true);
    expect(world.leftovers).toEqual(NOTHING_LEFT);
    world.topics.interrupt();
    await world.topics.restore();
    expect(world.leftovers).toEqual(NOTHING_LEFT);
  });

  /** Where a subscription may be when its client leaves. */
  const moments: [string, (world: NearbyWorld, client: NearbyClient) => Promise<unknown>][] = [
    ['at once', async () => undefined],
    ['while it subscribes', (world) => (world.topics.hold(), settle())],
    ['while friends are read', (world) => (world.holdReads(), settle())],
    [
      'while friends are subscribed',
      async (world) => {
        world.holdReads();
        await settle();
        world.topics.hold();
        await world.releaseReads();
      },
    ],
    ['while it waits for a change', (_world, client) => client.read()],
    [
      'while a change waits for the interval',
      async (world, client) => {
        await client.read();
        await world.move('ann', 120);
      },
    ],
    [
      'while a new friend is read',
      async (world, client) => {
        await client.read();
        world.holdReads();
        world.befriend('cid');
        await world.relation('cid');
      },
    ],
    [
      'while a new friend is subscribed',
      async (world, client) => {
        await client.read();
        world.topics.hold();
        world.befriend('cid');
        await world.relation('cid');
        await settle();
      },
    ],
    [
      'while a failed read waits for its turn',
      async (world) => {
        world.reader.failing = true;
        await settle();
        expect(world.failures).not.toEqual([]);
      },
    ],
    [
      'while sharing is about to turn over',
      async (world, client) => {
        world.setSharing('ann', { enabled: true, untilMs: world.clock.now() + 5_000 });
        await world.relation('ann');
        await client.read();
      },
    ],
    [
      'while it is put up anew',
      async (world, client) => {
        await client.read();
        world.holdReads();
        world.topics.interrupt();
        await world.topics.restore();
      },
    ],
  ];

  test.each(moments)('%s leaves nothing behind', async (_name, until) => {
    const world = createNearbyWorld(1_000);
    world.befriend('ann', 'bob');
    for (const id of ['me', 'ann', 'bob', 'cid']) await world.move(id, 0);
    const viewer = { ...VIEWER, expiresAtMs: world.clock.now() + 3_600_000 };
    const client = createNearbyClient(world, viewer);
    await until(world, client);
    await client.leave();
    expect(world.nearbyFriends.size).toBe(0);
    world.topics.release();
    await world.releaseReads();
    expect(world.leftovers).toEqual(NOTHING_LEFT);
    await world.clock.advance(60_000);
    expect(world.leftovers).toEqual(NOTHING_LEFT);
    expect(await client.readOne()).toBe(false);
  });

  test('a crowd comes and goes one by one, so that turns of the event loop stay short', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann');
    await world.move('me', 0);
    await world.move('ann', 100);
    const crowd = Array.from({ length: 20 }, () => createNearbyClient(world));
    for (const client of crowd) void client.read();
    let turns = 0;
    for (; crowd.some(({ frames }) => frames.length === 0); turns++) await settle();
    expect(turns).toBeGreaterThan(15);
    expect(crowd.map(({ list }) => list)).toEqual(crowd.map(() => ({ ann: 100 })));
    for (const client of crowd) await client.leave();
    expect(world.nearbyFriends.size).toBe(0);
    for (turns = 0; world.leftovers.users > 0; turns++) await settle();
    expect(turns).toBeGreaterThan(15);
    expect(world.leftovers).toEqual(NOTHING_LEFT);
  });
});
