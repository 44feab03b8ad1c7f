import { beforeEach, describe, expect, test } from 'vitest';
import { toClearing } from '../../src/domain/cleared-location.js';
import { type LocationUpdate, toRecord } from '../../src/domain/location-update.js';
import { parseWhereabouts } from '../../src/domain/whereabouts.js';
import {
  createLocationDispatcher,
  type LocationDispatcher,
  type Lookups,
} from '../../src/services/location-dispatcher.js';
import {
  createUserTopics,
  type LocationSubscriber,
  type UserTopics,
} from '../../src/services/user-topics.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';
import { uuidFrom } from '../support/uuid.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';

const TTL_MS = 600_000;

let clock: FakeClock;
let topics: ManualTopics;
let userTopics: UserTopics;
let cache: Map<string, LocationUpdate>;
/** When users took their locations back. */
let cleared: Map<string, number>;
/** What the cache was asked for, in order. */
let reads: string[][];
let cacheFails: boolean;
let failures: unknown[];
let dispatcher: LocationDispatcher;
let delivered: string[];
let meter: { users: Lookups; stored: Lookups; unread: number; unreadable(): void };

beforeEach(() => {
  clock = createFakeClock();
  topics = createManualTopics();
  cache = new Map();
  cleared = new Map();
  reads = [];
  delivered = [];
  cacheFails = false;
  failures = [];
  userTopics = createUserTopics(topics, {
    onLocation: (topic, record) => {
      dispatcher.receive(topic, record);
    },
    onNotification: () => undefined,
    onFailed: (error) => failures.push(error),
  });
  topics.onInterrupted((interruption) => {
    userTopics.awaitRestored(interruption);
    dispatcher.reload(interruption.users);
  });
  meter = {
    users: { hits: 0, misses: 0 },
    stored: { hits: 0, misses: 0 },
    unread: 0,
    unreadable: () => void meter.unread++,
  };
  dispatcher = createLocationDispatcher({
    topics: userTopics,
    store: {
      async newest(userIds, onCleared) {
        reads.push([...userIds]);
        if (cacheFails) throw new Error('cache down');
        for (const userId of userIds) {
          const clearedAtMs = cleared.get(userId);
          if (clearedAtMs !== undefined) onCleared?.(userId, clearedAtMs);
        }
        return userIds.map((userId) => cache.get(userId) ?? null);
      },
    },
    locationTtlMs: TTL_MS,
    clock,
    meter,
    trace: (traceparent, watchers, deliver) => {
      delivered.push(`follow ${traceparent} to ${watchers}`);
      deliver();
    },
    onOlderServer: () => undefined,
    onReadFailed: (error) => failures.push(error),
  });
});

const at = (recordedAtMs: number, idStart = 'a', receivedAtMs = clock.now()): LocationUpdate => ({
  id: uuidFrom(idStart),
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs,
  receivedAtMs,
});

const publish = (userId: string, update: LocationUpdate) => topics.publish(userId, toRecord(update));

const subscriber = (name: string): LocationSubscriber => ({
  onLocation: ({ userId }, { recordedAtMs, id }) =>
    delivered.push(`${name}: ${userId} at ${recordedAtMs}${id[0]}`),
  onWhereabouts: ({ userId, kept }) =>
    delivered.push(`${name}: ${userId} within ${parseWhereabouts(kept?.whereabouts)?.reachMeters} m`),
  onApproximate: ({ userId, approximate }) =>
    delivered.push(`${name}: ${userId} about ${approximate?.latitude} ${approximate?.longitude}`),
  onInactive: ({ userId }) => delivered.push(`${name}: ${userId} inactive`),
});

const subscribe = (userIds: string[], by: LocationSubscriber): Promise<void> =>
  dispatcher.whenLoaded(dispatcher.subscribe(userIds, by));

describe('watching', () => {
  test('knows the newest of each when it resolves, and subscribes and reads once for all watchers', async () => {
    cache.set('ann', at(5));
    const [one, two] = [subscriber('one'), subscriber('two')];
    await Promise.all([subscribe(['ann', 'bob'], one), subscribe(['bob', 'ann'], two)]);
    expect(dispatcher.newest('ann')).toEqual(at(5));
    expect(dispatcher.newest('bob')).toBeNull();
    expect(dispatcher.newest('cid')).toBeNull();
    await subscribe(['ann', 'bob'], one);
    expect([topics.subscribed, userTopics.size, reads]).toEqual([2, 2, [['ann', 'bob']]]);
  });

  test('reads the cache after the topic is live: no update falls in between', async () => {
    topics.hold();
    const subscribing = subscribe(['ann'], subscriber('one'));
    await settle();
    expect(reads).toEqual([]);
    cache.set('ann', at(1));
    topics.release();
    await subscribing;
    expect(dispatcher.newest('ann')).toEqual(at(1));
  });

  test('tells each watcher of what is newer, once, and of nothing else', async () => {
    await subscribe(['ann'], subscriber('one'));
    await subscribe(['ann'], subscriber('two'));
    for (const update of [at(5, 'b'), at(5, 'b'), at(5, 'a'), at(4, 'f'), at(5, 'c'), at(6, 'a')]) {
      await publish('ann', update);
    }
    await topics.publish('ann', ['no record']);
    await topics.publish('ann', []);
    expect(delivered).toEqual(['5b', '5c', '6a'].flatMap((x) => [`one: ann at ${x}`, `two: ann at ${x}`]));
    expect(meter.unread).toBe(2);
    expect(dispatcher.newest('ann')).toEqual(at(6, 'a'));
  });

  test('counts whom it knows already, and what the cache has of the others', async () => {
    cache.set('ann', at(5));
    await subscribe(['ann', 'bob'], subscriber('one'));
    await subscribe(['ann', 'cid'], subscriber('two'));
    expect(meter).toMatchObject({ users: { hits: 1, misses: 3 }, stored: { hits: 1, misses: 2 } });
    await dispatcher.read(['ann', 'dan']);
    expect(meter).toMatchObject({ users: { hits: 2, misses: 4 }, stored: { hits: 1, misses: 3 } });
  });

  test('follows a message that says so while its watchers are told', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await subscribe(['ann'], subscriber('one'));
    await subscribe(['ann'], subscriber('two'));
    await publish('ann', { ...at(5), traceparent });
    await publish('ann', at(6));
    expect(delivered).toEqual([
      `follow ${traceparent} to 2`,
      ...['5a', '6a'].flatMap((x) => [`one: ann at ${x}`, `two: ann at ${x}`]),
    ]);
  });

  test('tells of what its own server received at once, and not again when it comes back as a message', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    cache.set('ann', at(1));
    await subscribe(['ann'], subscriber('one'));
    dispatcher.receiveOwn('ann', { ...at(5, 'b'), traceparent });
    dispatcher.receiveOwn('bob', at(5));
    expect(delivered).toEqual(['one: ann at 1a', `follow ${traceparent} to 1`, 'one: ann at 5b']);
    await publish('ann', { ...at(5, 'b'), traceparent });
    dispatcher.receiveOwn('ann', at(4));
    expect(delivered).toHaveLength(3);
    expect([dispatcher.newest('ann')?.recordedAtMs, dispatcher.newest('bob')]).toEqual([5, null]);
  });

  test('loses a location that is taken back, whatever of it comes late, and not one of later', async () => {
    const clearedAtMs = clock.now();
    cache.set('ann', at(1, 'a', clearedAtMs - 1_000));
    await subscribe(['ann'], subscriber('one'));
    await topics.publish('ann', toClearing(clearedAtMs));
    await publish('ann', at(2, 'b', clearedAtMs));
    dispatcher.learn('ann', at(2, 'b', clearedAtMs - 1));
    dispatcher.receiveOwn('ann', at(3, 'c', clearedAtMs + 1));
    expect(dispatcher.newest('ann')).toBeNull();
    await publish('ann', at(3, 'c', clearedAtMs + 1));
    expect(delivered).toEqual(['one: ann at 1a', 'one: ann inactive', 'one: ann at 3c']);
    expect(meter.unread).toBe(0);
    await topics.publish('ann', toClearing(clearedAtMs + 3_600_000));
    expect([meter.unread, dispatcher.newest('ann')?.recordedAtMs]).toEqual([1, 3]);
  });

  test('loses a location whose end it missed, once it reads again', async () => {
    cache.set('ann', at(1, 'a', 1_000)).set('bob', at(1, 'b', 2_001));
    await subscribe(['ann', 'bob'], subscriber('one'));
    topics.interrupt(['ann', 'bob']);
    cache.clear();
    cleared.set('ann', 2_000).set('bob', 2_000);
    await topics.restore();
    expect([dispatcher.newest('ann'), dispatcher.newest('bob')?.recordedAtMs]).toEqual([null, 1]);
    expect(delivered.slice(2)).toEqual(['one: ann inactive']);
  });

  test('leaves the report of a named device to the store while another one may be shown', async () => {
    const [phone, tablet] = ['0123456789ab', 'ba9876543210'];
    cache.set('ann', { ...at(5), device: phone });
    topics.hold();
    const subscribing = subscribe(['ann'], subscriber('one'));
    dispatcher.receiveOwn('ann', { ...at(6, 'b'), device: tablet });
    expect(delivered).toEqual([]);
    topics.release();
    await subscribing;
    dispatcher.receiveOwn('ann', { ...at(7, 'c'), device: tablet });
    expect(dispatcher.newest('ann')?.device).toBe(phone);
    dispatcher.receiveOwn('ann', { ...at(8, 'd'), device: phone });
    expect(dispatcher.newest('ann')?.recordedAtMs).toBe(8);
  });

  test('is renewed by a sign of life with an older fix, of the server itself and of a store that lost the newer one', async () => {
    await subscribe(['ann'], subscriber('one'));
    await publish('ann', at(5));
    for (const sign of ['own', 'stored', 'missed']) {
      await clock.advance(TTL_MS * 0.6);
      const older = at(4);
      if (sign === 'own') dispatcher.receiveOwn('ann', { ...older, stillHere: true });
      if (sign === 'stored') await publish('ann', older);
      if (sign === 'missed') {
        cache.set('ann', older);
        topics.interrupt(['ann']);
        await topics.restore();
      }
      expect(dispatcher.newest('ann')).toEqual({ ...at(5), receivedAtMs: clock.now() });
    }
    dispatcher.receiveOwn('ann', at(4));
    expect(delivered).toEqual(Array(4).fill('one: ann at 5a'));
  });

  test('takes the newer of cache and message, whichever comes first', async () => {
    topics.hold();
    const subscribing = subscribe(['ann', 'bob'], subscriber('one'));
    cache.set('ann', at(5)).set('bob', at(5));
    topics.release();
    await settle();
    await publish('ann', at(6));
    await publish('bob', at(4));
    await subscribing;
    expect([dispatcher.newest('ann')?.recordedAtMs, dispatcher.newest('bob')?.recordedAtMs]).toEqual([6, 5]);
  });

  test('ends with the last watcher: nothing is left, nothing more is heard', async () => {
    const [one, two] = [subscriber('one'), subscriber('two')];
    await subscribe(['ann', 'bob'], one);
    await subscribe(['ann'], two);
    dispatcher.unsubscribe(['ann', 'bob', 'cid'], one);
    await publish('ann', at(1));
    expect(delivered).toEqual(['two: ann at 1a']);
    dispatcher.unsubscribe(['ann'], two);
    await settle();
    expect([topics.live, userTopics.size]).toEqual([0, 0]);
    expect(dispatcher.newest('ann')).toBeNull();
  });

  test('whose cache can not be read rejects, goes on hearing, and reads again when called again', async () => {
    const one = subscriber('one');
    cacheFails = true;
    await expect(subscribe(['ann', 'bob'], one)).rejects.toThrow('cache down');
    await publish('bob', at(1));
    expect(delivered).toEqual(['one: bob at 1a']);
    cacheFails = false;
    cache.set('ann', at(5));
    await subscribe(['ann', 'bob'], one);
    expect(dispatcher.newest('ann')?.recordedAtMs).toBe(5);
    expect(topics.subscribed).toBe(2);
  });

  test('whose subscription fails rejects, and works when called again', async () => {
    topics.failNext();
    await expect(subscribe(['ann', 'bob'], subscriber('one'))).rejects.toThrow('subscribe failed');
    await subscribe(['ann', 'bob'], subscriber('one'));
    expect([topics.live, userTopics.size]).toEqual([2, 2]);
  });
});

test('a watcher that throws keeps nothing from the others', async () => {
  const broken = new Error('broken');
  const breaking: LocationSubscriber = {
    onLocation() {
      throw broken;
    },
    onWhereabouts() {
      throw broken;
    },
    onApproximate() {
      throw broken;
    },
    onInactive() {
      throw broken;
    },
  };
  await subscribe(['ann'], breaking);
  await subscribe(['ann'], subscriber('one'));
  await publish('ann', at(1));
  dispatcher.receiveOwn('ann', at(2, 'b'));
  cache.set('ann', at(3));
  topics.interrupt();
  await topics.restore();
  await clock.advance(TTL_MS + 1_000);
  expect(delivered).toEqual(['one: ann at 1a', 'one: ann at 2b', 'one: ann at 3a', 'one: ann inactive']);
  expect(failures).toEqual([broken, broken, broken, broken]);
});

test('a record that no server wrote is thrown away and counted, and the next one is shown', async () => {
  await subscribe(['ann'], subscriber('one'));
  const right = toRecord(at(5));
  const now = clock.now();
  const foreign: unknown[][] = [
    right.with(3, 90.1),
    right.with(4, -180.1),
    right.with(5, -5),
    right.with(6, 2),
    right.with(1, 'no-id'),
    right.with(2, now + 60_001),
    [now + 31_536_000_000, uuidFrom('f'), now + 31_536_000_000, ...right.slice(3)],
    right.with(2, now - 2 * 86_400_000 - 1),
    right.with(0, -1),
  ];
  for (const record of foreign) await topics.publish('ann', record);
  expect([delivered, meter.unread]).toEqual([[], foreign.length]);
  await publish('ann', at(5));
  expect(delivered).toEqual(['one: ann at 5a']);
});

describe('silence', () => {
  test('is delivered of once, within a second of the TTL by the clock of this server', async () => {
    await subscribe(['ann', 'bob'], subscriber('one'));
    await publish('ann', at(1));
    await clock.advance(TTL_MS - 1);
    expect(delivered).toEqual(['one: ann at 1a']);
    expect(dispatcher.newest('ann')).not.toBeNull();
    await clock.advance(1);
    expect(dispatcher.newest('ann')).toBeNull();
    await clock.advance(999);
    expect(delivered).toEqual(['one: ann at 1a', 'one: ann inactive']);
    await clock.advance(TTL_MS * 2);
    expect(delivered).toHaveLength(2);
  });

  test('goes by the time of receipt, whenever the fix was taken', async () => {
    await subscribe(['ann'], subscriber('one'));
    await publish('ann', at(1, 'a', clock.now() - TTL_MS + 2_000));
    await publish('ann', at(2, 'b', clock.now() - TTL_MS));
    await clock.advance(1_999);
    expect(delivered).toEqual(['one: ann at 1a']);
    await clock.advance(1_000);
    expect(delivered).toEqual(['one: ann at 1a', 'one: ann inactive']);
  });

  test('is delivered of everybody in their time, and not of who moves on', async () => {
    await subscribe(['ann', 'bob', 'cid'], subscriber('one'));
    for (const userId of ['ann', 'bob', 'cid']) {
      await publish(userId, at(1));
      await clock.advance(10_000);
    }
    delivered.length = 0;
    await publish('bob', at(2));
    await clock.advance(TTL_MS - 29_000);
    expect(delivered).toEqual(['one: bob at 2a', 'one: ann inactive']);
    await clock.advance(18_999);
    expect(delivered).toHaveLength(2);
    await clock.advance(1_001);
    expect(delivered.slice(2)).toEqual(['one: cid inactive']);
    await clock.advance(10_000);
    expect(delivered.slice(3)).toEqual(['one: bob inactive']);
  });

  test('ends with a new update, an older one by the device too', async () => {
    await subscribe(['ann'], subscriber('one'));
    await publish('ann', at(5));
    await clock.advance(TTL_MS + 1_000);
    await publish('ann', at(4));
    expect(delivered).toEqual(['one: ann at 5a', 'one: ann inactive', 'one: ann at 4a']);
    expect(dispatcher.newest('ann')?.recordedAtMs).toBe(4);
  });

  test('counts for what the cache holds', async () => {
    cache.set('ann', at(1, 'a', clock.now() - TTL_MS)).set('bob', at(1, 'a', clock.now() - TTL_MS + 1));
    await subscribe(['ann', 'bob'], subscriber('one'));
    expect([dispatcher.newest('ann'), dispatcher.newest('bob')?.recordedAtMs]).toEqual([null, 1]);
  });
});

describe('looking without watching', () => {
  test('takes what is watched already, and the cache for the others', async () => {
    await subscribe(['ann', 'bob'], subscriber('one'));
    await publish('ann', at(7));
    cache
      .set('ann', at(6))
      .set('bob', at(5))
      .set('cid', at(4))
      .set('dee', at(3, 'a', clock.now() - TTL_MS));
    reads.length = 0;
    const found = await dispatcher.read(['ann', 'bob', 'cid', 'dee', 'eve']);
    expect(Object.fromEntries([...found].map(([userId, update]) => [userId, update.recordedAtMs]))).toEqual({
      ann: 7,
      bob: 5,
      cid: 4,
    });
    expect(reads).toEqual([['bob', 'cid', 'dee', 'eve']]);
    expect([topics.subscribed, userTopics.size]).toEqual([2, 2]);
  });

  test('needs no cache when all is known', async () => {
    await subscribe(['ann'], subscriber('one'));
    await publish('ann', at(7));
    reads.length = 0;
    await dispatcher.read(['ann']);
    expect(reads).toEqual([]);
  });
});

describe('after an interruption', () => {
  test('tells of what was missed, and only of that, when the topics are live again', async () => {
    await subscribe(['ann', 'bob', 'cid'], subscriber('one'));
    await publish('ann', at(5));
    await publish('bob', at(5));
    topics.interrupt(['ann', 'bob']);
    cache.set('ann', at(5)).set('bob', at(6)).set('cid', at(7));
    delivered.length = 0;
    await settle();
    expect(delivered).toEqual([]);
    reads.length = 0;
    await topics.restore();
    expect(delivered).toEqual(['one: bob at 6a']);
    expect(reads).toEqual([['ann', 'bob']]);
  });

  test('a cache that lost everything takes nothing away', async () => {
    await subscribe(['ann'], subscriber('one'));
    await publish('ann', at(5));
    topics.interrupt();
    await topics.restore();
    expect(dispatcher.newest('ann')?.recordedAtMs).toBe(5);
  });

  test('a cache that can not be read is read again every second until it can, and by who watches meanwhile', async () => {
    const one = subscriber('one');
    await subscribe(['ann', 'bob'], one);
    cacheFails = true;
    topics.interrupt();
    await topics.restore();
    expect(failures).toHaveLength(1);
    await expect(subscribe(['ann'], one)).rejects.toThrow('cache down');
    await clock.advance(2_000);
    expect(failures).toHaveLength(3);
    cacheFails = false;
    cache.set('ann', at(9)).set('bob', at(9));
    await subscribe(['ann'], one);
    expect(dispatcher.newest('ann')?.recordedAtMs).toBe(9);
    await clock.advance(1_000);
    expect(delivered).toEqual(['one: ann at 9a', 'one: bob at 9a']);
    expect(reads.at(-1)).toEqual(['bob']);
    await clock.advance(5_000);
    expect(failures).toHaveLength(3);
  });

  test('who comes to watch while it lasts waits for its end', async () => {
    await subscribe(['ann'], subscriber('one'));
    topics.interrupt();
    let known = false;
    void subscribe(['ann'], subscriber('two')).then(() => (known = true));
    await settle();
    expect(known).toBe(false);
    cache.set('ann', at(9));
    await topics.restore();
    expect([known, dispatcher.newest('ann')?.recordedAtMs]).toEqual([true, 9]);
  });
});

test('closing leaves no timer', () => {
  expect(clock.pending).toBe(1);
  dispatcher.close();
  expect(clock.pending).toBe(0);
});
