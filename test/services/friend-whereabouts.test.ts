/** Whom a list watches, and that it misses nobody: each rule of docs/decisions/097-whereabouts.md by itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRecord } from '../../src/domain/location-update.js';
import { ANNOUNCEMENT_MS, nextWhereabouts, overlapMeters } from '../../src/domain/whereabouts.js';
import { settle } from '../support/fake-clock.js';
import { uuidOf } from '../support/uuid.js';
import {
  createNearbyClient,
  createNearbyWorld,
  type NearbyClient,
  type NearbyWorld,
  NOTHING_LEFT,
  RADIUS_METERS,
  TTL_MS,
  VIEWER,
} from './nearby-world.js';

/** The viewer's own topic and inbox. */
const OWN_CHANNELS = 2;

/** A list of 1,000 m around 0 m: ann is at 100 m, bob at 5,000 m, and ten others are absent. */
async function start(): Promise<{ world: NearbyWorld; client: NearbyClient }> {
  const world = createNearbyWorld(0);
  world.befriend('ann', 'bob', ...Array.from({ length: 10 }, (_, index) => `absent-${index}`));
  await world.move('me', 0);
  await world.move('ann', 100);
  await world.move('bob', 5_000);
  const client = createNearbyClient(world);
  await client.read();
  await shows(client, { ann: 100 });
  return { world, client };
}

async function shows(client: NearbyClient, list: Record<string, number>): Promise<void> {
  await expect.poll(() => client.list).toEqual(list);
}

/** Besides the viewer's own topic. */
const topicsOfFriends = (world: NearbyWorld): number => world.userTopics.size - 1;

describe('a list watches', () => {
  test('whose whereabouts its radius may meet, and nobody else', async () => {
    const { world, client } = await start();
    expect([topicsOfFriends(world), world.topics.live]).toEqual([1, 1 + OWN_CHANNELS]);
    await world.move('bob', 900);
    await shows(client, { ann: 100, bob: 900 });
    await world.move('absent-3', -500);
    await shows(client, { ann: 100, bob: 900, 'absent-3': 500 });
    expect(topicsOfFriends(world)).toBe(3);
    await world.move('bob', 20_000);
    await world.move('absent-3', 20_000);
    await shows(client, { ann: 100 });
    expect(topicsOfFriends(world)).toBe(1);
    await client.leave();
    await expect.poll(() => world.leftovers).toEqual(NOTHING_LEFT);
  });

  test('others when the viewer moves', async () => {
    const { world, client } = await start();
    await world.move('me', 4_500);
    await shows(client, { bob: 500 });
    expect(topicsOfFriends(world)).toBe(1);
    await world.move('bob', 4_600);
    await shows(client, { bob: 100 });
    await world.move('me', 0);
    await shows(client, { ann: 100 });
    expect(topicsOfFriends(world)).toBe(1);
  });

  test('a friend at the edge without coming and going at every step', async () => {
    const { world } = await start();
    await world.move('bob', 1_500);
    await expect.poll(() => topicsOfFriends(world)).toBe(2);
    const { subscribed } = world.topics;
    const watched: number[] = [];
    // Bob's whereabouts reach 5 km from 1,500 m, so far that his distance is at least that much less.
    for (const meters of [-4_000, -4_500, -4_700, -4_799, -4_810, -4_700, -4_502]) {
      await world.move('me', meters);
      watched.push(world.userTopics.get(uuidOf('bob')) === undefined ? 0 : 1);
    }
    expect(watched).toEqual([1, 1, 1, 1, 0, 0, 0]);
    await world.move('me', -4_499);
    expect(world.userTopics.get(uuidOf('bob'))).toBeDefined();
    expect(world.topics.subscribed - subscribed).toBeLessThan(6);
  });

  test('the same friends as if it decided anew of all of them at every step', async () => {
    const anywhere = fc.integer({ min: -20_000, max: 20_000 });
    const places = fc.array(anywhere, { minLength: 1, maxLength: 6 });
    const viewerSteps = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -400, max: 400 }) }, anywhere);
    // Discs meet the radius at 1,500 m from the viewer, and larger ones of who moves fast at 6,000 m.
    const friendPlaces = fc.oneof(
      anywhere,
      fc.integer({ min: 1_300, max: 2_100 }),
      fc.integer({ min: 5_700, max: 6_600 }),
    );
    const viewerMoves = fc.record({ friend: fc.constant(null), meters: viewerSteps });
    const friendMoves = fc.record({ friend: fc.nat(5), meters: friendPlaces });
    const steps = fc.array(fc.oneof(viewerMoves, friendMoves), { minLength: 10, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(places, steps, async (places, steps) => {
        const world = createNearbyWorld(0);
        const me = { name: 'me', at: 0 };
        const friends = places.map((at, index) => {
          const disc = nextWhereabouts(world.updateAt(at), null);
          return { name: `friend-${index}`, at, disc, isWatched: false };
        });
        world.befriend(...friends.map(({ name }) => name));
        for (const { name, at } of [me, ...friends]) await world.move(name, at);
        const client = createNearbyClient(world);
        await client.read();
        for (const { friend: nth, meters } of [{ friend: null, meters: 0 }, ...steps]) {
          await world.clock.advance(5_000);
          const mover = nth === null ? me : (friends[nth % friends.length] ?? me);
          mover.at = me.at + meters;
          await world.move(mover.name, mover.at);
          await settle();
          for (const friend of friends) {
            if (friend === mover) friend.disc = nextWhereabouts(world.updateAt(friend.at), friend.disc);
            const overlap = overlapMeters(
              world.updateAt(me.at),
              friend.disc,
              RADIUS_METERS,
              friend.isWatched,
            );
            friend.isWatched = overlap >= 0;
          }
          const watched = friends.filter(({ name }) => world.userTopics.get(uuidOf(name)) !== undefined);
          expect(watched).toEqual(friends.filter(({ isWatched }) => isWatched));
        }
        await client.leave();
      }),
      { numRuns: 30 },
    );
  });

  test('each radius of several lists of a user by itself', async () => {
    const { world, client } = await start();
    const far = createNearbyClient(world, VIEWER, 500_000);
    await far.read();
    await shows(far, { ann: 100, bob: 5_000 });
    expect(topicsOfFriends(world)).toBe(2);
    await world.move('bob', 400_000);
    await shows(far, { ann: 100, bob: 400_000 });
    expect(client.list).toEqual({ ann: 100 });
    await far.leave();
    await expect.poll(() => topicsOfFriends(world)).toBe(1);
  });

  test('up to the margin, beyond which a friend leaves the list', async () => {
    const { world, client } = await start();
    const wide = createNearbyClient(world, VIEWER, 1_000, 400);
    await wide.read();
    // Where they come their whereabouts reach 500 m, so one is 1,350 m away at least, and the other 1,410 m.
    await world.move('absent-1', 1_850);
    await world.move('absent-2', 1_910);
    await expect.poll(() => world.userTopics.get(uuidOf('absent-1'))).toBeDefined();
    expect(world.userTopics.get(uuidOf('absent-2'))).toBeUndefined();
    await world.move('ann', 1_399);
    await shows(wide, { ann: 1_399 });
    await shows(client, {});
    await world.move('ann', 1_401);
    await shows(wide, {});
  });

  test('nobody for a viewer who is nowhere', async () => {
    const { world, client } = await start();
    await world.clock.advance(TTL_MS / 2);
    for (const [name, meters] of [
      ['ann', 100],
      ['bob', 900],
    ] as const)
      await world.move(name, meters);
    await shows(client, { ann: 100, bob: 900 });
    await world.clock.advance(TTL_MS / 2 + 2_000);
    expect(client.list).toEqual({});
    expect(topicsOfFriends(world)).toBe(0);
    await world.move('me', 0);
    await shows(client, { ann: 100, bob: 900 });
  });

  test('no stranger who announces something', async () => {
    const { world, client } = await start();
    await world.move('stranger', 10);
    const record = toRecord({ ...world.updateAt(10), whereabouts: `0,0,500,${world.clock.now()},1` });
    await world.announcements.publish([
      { userId: VIEWER.userId, notification: { kind: 'whereabouts', friendId: uuidOf('stranger'), record } },
    ]);
    await settle();
    expect(topicsOfFriends(world)).toBe(1);
    expect(client.list).toEqual({ ann: 100 });
  });

  test('a friend whose relation can not be read now a little later, and goes on with the others', async () => {
    const { world, client } = await start();
    world.reader.failing = true;
    await world.move('bob', 900);
    await world.move('ann', 110);
    await shows(client, { ann: 110 });
    await world.clock.advance(3_000);
    expect(world.failures.length).toBeGreaterThan(1);
    world.reader.failing = false;
    await world.clock.advance(1_000);
    await shows(client, { ann: 110, bob: 900 });
    expect(client.frames.slice(1).map(({ snapshot }) => snapshot)).not.toContain(true);
  });
});

describe('nobody is missed', () => {
  test('whose announcement could not be published: the next update after two seconds tells', async () => {
    const { world, client } = await start();
    world.failAnnouncements(true);
    await world.move('bob', 900);
    await settle();
    world.failAnnouncements(false);
    await world.move('bob', 901);
    await settle();
    expect(client.list).toEqual({ ann: 100 });
    await world.clock.advance(ANNOUNCEMENT_MS + 1);
    await world.move('bob', 902);
    await shows(client, { ann: 100, bob: 902 });
  });

  test('whose server died before it announced: the user’s next list does', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann');
    await world.move('ann', 100);
    const inbox = await world.inboxOf('ann');
    world.announce(false);
    await world.move('me', 0);
    world.announce(true);
    await settle();
    expect(inbox).toEqual([]);
    const client = createNearbyClient(world);
    await client.read();
    await expect.poll(() => inbox).toMatchObject([{ kind: 'whereabouts', friendId: VIEWER.userId }]);
    const again = createNearbyClient(world);
    await again.read();
    await shows(again, { ann: 100 });
    expect(inbox).toHaveLength(1);
  });

  test('who did not hear of the viewer: a friend who becomes known is answered once', async () => {
    const { world } = await start();
    const inbox = await world.inboxOf('absent-1');
    await world.move('me', 50);
    await world.move('absent-1', 30_000);
    await expect.poll(() => inbox).toMatchObject([{ friendId: VIEWER.userId, record: { length: 9 } }]);
    await world.move('absent-1', 60_000);
    for (let turn = 0; turn < 5; turn++) await settle();
    expect(inbox).toHaveLength(1);
  });

  test('who becomes a friend: both are told', async () => {
    const { world, client } = await start();
    const inbox = await world.inboxOf('cid');
    await world.move('cid', 300);
    await settle();
    world.befriend('cid');
    await world.relation('cid');
    await shows(client, { ann: 100, cid: 300 });
    await expect.poll(() => inbox).toMatchObject([{ friendId: VIEWER.userId }]);
    world.unfriend('cid');
    await world.relation('cid');
    await shows(client, { ann: 100 });
    expect(topicsOfFriends(world)).toBe(1);
  });

  test('who comes at the same time: the viewer’s own location is read before those of friends', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann', 'bob');
    await world.move('me', 0);
    await world.move('ann', 100);
    await settle();
    world.cacheReads.length = 0;
    const client = createNearbyClient(world);
    await client.read();
    await shows(client, { ann: 100 });
    expect(world.cacheReads.slice(0, 2)).toEqual([[VIEWER.userId], ['ann', 'bob'].map(uuidOf)]);
  });

  test('who comes while the list asks who is there', async () => {
    const world = createNearbyWorld(0);
    world.befriend('ann', 'bob');
    await world.move('me', 0);
    world.holdCache();
    const client = createNearbyClient(world);
    await client.read();
    for (let turn = 0; turn < 5; turn++) await settle();
    await world.move('ann', 100);
    await settle();
    await world.releaseCache();
    await shows(client, { ann: 100 });
  });

  test('who comes while the viewer is not there: the viewer’s next update begins the list anew', async () => {
    const { world, client } = await start();
    world.lose('me');
    await world.move('absent-2', 200);
    await settle();
    expect(client.list).toEqual({ ann: 100 });
    await world.clock.advance(1_000);
    await world.move('me', 0);
    await shows(client, { ann: 100, 'absent-2': 200 });
  });

  test('who is silent by the clock of this server alone', async () => {
    const { world, client } = await start();
    await world.clock.advance(TTL_MS / 2);
    await world.move('me', 0);
    await world.moveUnheard('ann', 150);
    await world.clock.advance(TTL_MS / 2 + 1_000);
    await shows(client, { ann: 150 });
    await world.move('ann', 160);
    await shows(client, { ann: 160 });
  });

  test('who was gone: a silent friend has no topic, and comes back by announcing it', async () => {
    const { world, client } = await start();
    await world.clock.advance(TTL_MS / 2);
    await world.move('me', 0);
    await world.clock.advance(TTL_MS / 2 + 1_000);
    await shows(client, {});
    await world.move('me', 0);
    await expect.poll(() => topicsOfFriends(world)).toBe(0);
    await world.move('ann', 120);
    await shows(client, { ann: 120 });
  });

  test('who comes back with a clock that was set back', async () => {
    const { world, client } = await start();
    world.lose('bob');
    await world.clock.advance(10_000);
    await world.store.publish(uuidOf('bob'), world.updateAt(700, world.clock.now() - 3_600_000));
    await shows(client, { ann: 100, bob: 700 });
  });

  test('of whom this server had an update before Redis had it', async () => {
    const { world, client } = await start();
    await world.move('bob', 1_400);
    await expect.poll(() => topicsOfFriends(world)).toBe(2);
    await world.move('bob', 20_000);
    await expect.poll(() => topicsOfFriends(world)).toBe(1);
    await world.clock.advance(600_000 - 1);
    for (const [name, meters] of [
      ['me', 0],
      ['ann', 100],
      ['bob', 1_400],
    ] as const)
      await world.move(name, meters);
    await expect.poll(() => topicsOfFriends(world)).toBe(2);
    const update = world.updateAt(60_000);
    world.dispatcher.receiveOwn(uuidOf('bob'), update);
    await world.move('me', 59_500);
    await world.store.publish(uuidOf('bob'), update);
    await shows(client, { bob: 500 });
  });

  test('whose announcement a failed-over Redis had lost: friends are told to read again', async () => {
    const { world, client } = await start();
    world.announce(false);
    await world.move('bob', 900);
    world.announce(true);
    await settle();
    expect(client.list).toEqual({ ann: 100 });
    await world.announcements.publish([
      { userId: VIEWER.userId, notification: { kind: 'whereabouts', friendId: uuidOf('bob'), record: null } },
    ]);
    await shows(client, { ann: 100, bob: 900 });
  });

  test('whose announcement was lost with a connection: who is not watched is read again', async () => {
    const { world, client } = await start();
    world.announce(false);
    await world.move('bob', 900);
    world.announce(true);
    world.topics.interrupt([uuidOf('bob')]);
    await settle();
    expect(client.list).toEqual({ ann: 100 });
    await world.topics.restore();
    await shows(client, { ann: 100, bob: 900 });
  });

  test('whose announcement was lost without anybody noticing: the list begins anew after half an hour', async () => {
    const { world, client } = await start();
    world.announce(false);
    await world.move('bob', 900);
    await world.store.confirm(uuidOf('bob'), world.clock.now());
    world.announce(true);
    const moveAll = async (): Promise<void> => {
      for (const [name, meters] of [
        ['me', 0],
        ['ann', 100],
        ['bob', 900],
      ] as const)
        await world.move(name, meters);
    };
    for (let minute = 5; minute <= 30; minute += 5) {
      await world.clock.advance(300_000);
      await moveAll();
    }
    expect(client.list).toEqual({ ann: 100 });
    await world.clock.advance(300_000);
    await moveAll();
    await shows(client, { ann: 100, bob: 900 });
  });

  test('while servers of the release before are at work, which announce nobody', async () => {
    const { world, client } = await start();
    const publishOld = (name: string, meters: number) =>
      world.topics.publish(uuidOf(name), toRecord(world.updateAt(meters)));
    await publishOld('absent-1', 300);
    await settle();
    expect(client.list).toEqual({ ann: 100 });
    await publishOld('ann', 110);
    await expect.poll(() => topicsOfFriends(world)).toBe(11);
    await publishOld('absent-1', 300);
    await shows(client, { ann: 110, 'absent-1': 300 });
  });
});

test('a list of one is told to friends over its own knowledge, without asking anybody', async () => {
  const { world } = await start();
  const inboxes = await Promise.all(['ann', 'bob', 'absent-1'].map((name) => world.inboxOf(name)));
  const { reads } = world.reader;
  await world.move('me', 3_000);
  await expect.poll(() => inboxes.map(({ length }) => length)).toEqual([1, 1, 0]);
  expect(world.reader.reads).toBe(reads);
  await world.move('me', 3_010);
  await world.clock.advance(ANNOUNCEMENT_MS + 1);
  await world.move('me', 3_020);
  await settle();
  expect(inboxes.map(({ length }) => length)).toEqual([1, 1, 0]);
});

describe('what a list knew of a friend who was too far away is not shown when the viewer comes near', () => {
  /** Whom frames told of after the first ones, though it was only for a moment. */
  const toldSince = (client: NearbyClient, frames: number): string[] =>
    client.frames.slice(frames).flatMap(({ nearby }) => nearby.map(({ friend }) => friend.handle));

  /** The viewer moves. The answer of the store, where the friend is, comes at releaseCache(). */
  async function moveBeforeLoad(world: NearbyWorld, meters: number): Promise<void> {
    world.holdCache();
    await world.move('me', meters);
    for (let turn = 0; turn < 5; turn++) await settle();
  }

  test('nor for another TTL, when it has expired', async () => {
    const { world, client } = await start();
    for (let part = 0; part < 3; part++) {
      await world.clock.advance(TTL_MS * 0.4);
      await world.move('me', part);
    }
    const frames = client.frames.length;
    await world.move('me', 4_500);
    await expect.poll(() => topicsOfFriends(world)).toBe(0);
    await world.clock.advance(TTL_MS / 2);
    await settle();
    expect([client.list, toldSince(client, frames)]).toEqual([{}, []]);
  });

  test('when it was taken back', async () => {
    const { world, client } = await start();
    await world.clock.advance(60_000);
    await world.store.clear(uuidOf('bob'), world.clock.now());
    const frames = client.frames.length;
    await moveBeforeLoad(world, 4_500);
    await world.releaseCache();
    await expect.poll(() => topicsOfFriends(world)).toBe(0);
    expect([client.list, toldSince(client, frames)]).toEqual([{}, []]);
  });

  test('when the friend has moved within the whereabouts, and is out of the radius', async () => {
    const { world, client } = await start();
    await world.clock.advance(300_000);
    await world.move('bob', 5_400);
    const frames = client.frames.length;
    await moveBeforeLoad(world, 4_300);
    await world.releaseCache();
    await expect.poll(() => client.list).toEqual({});
    expect(toldSince(client, frames)).toEqual([]);
    await world.move('bob', 5_200);
    await shows(client, { bob: 900 });
  });

  test('when the friend is shown approximately, in another cell', async () => {
    const world = createNearbyWorld(0);
    world.setSharing('bob', { enabled: true, untilMs: null, precision: 'APPROXIMATE' });
    await world.move('me', 0);
    await world.move('bob', 20_000);
    const client = createNearbyClient(world);
    await client.read();
    // Far enough to have whereabouts of several kilometres.
    await world.clock.advance(61_000);
    await world.move('bob', 30_000);
    await world.clock.advance(120_000);
    await world.move('bob', 33_500);
    await world.clock.advance(121_000 - (world.clock.now() % 60_000));
    await moveBeforeLoad(world, 33_400);
    expect(client.list).toEqual({});
    await world.releaseCache();
    await expect.poll(() => Object.keys(client.list)).toEqual(['bob']);
  });
});
