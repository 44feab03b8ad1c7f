import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alternatives, CITY_SHARE } from '../../../bench/capacity/alternatives.js';
import { constantsOf, pushMicros, serverMemory } from '../../../bench/capacity/constants.js';
import { historyNeeds, onePostgres } from '../../../bench/capacity/history.js';
import { CHOICES, type Load, onlineFriends, REFERENCE } from '../../../bench/capacity/load.js';
import { hit, type Needs, needsOf, serversTold, sum } from '../../../bench/capacity/model.js';
import { shardLost, zoneLost } from '../../../bench/capacity/recovery.js';
import { sample } from './measured-sample.js';

const constants = constantsOf(sample);
const needsFor = (load: Load): Needs => needsOf(load, constants, CHOICES);

/** Of every size, from a thousand online. */
const load = fc
  .record({
    onlineUsers: fc.integer({ min: 1_000, max: 20_000_000 }),
    usersOfOnline: fc.integer({ min: 2, max: 50 }),
    friends: fc.integer({ min: 1, max: 900 }),
    secondsBetweenUpdates: fc.integer({ min: 1, max: 300 }),
  })
  .map(({ usersOfOnline, ...rest }): Load => ({
    ...rest,
    users: usersOfOnline * rest.onlineUsers,
  }));

describe('hit', () => {
  test.each([
    ['one of one, however often', 1, 1, 7, 1],
    ['two throws at two', 2, 1 / 2, 2, 1.5],
    ['three throws at three', 3, 1 / 3, 3, 3 * (1 - (2 / 3) ** 3)],
    ['all at once', 50, 1, 1, 50],
  ])('%s', (_, total, share, times, expected) => {
    expect(hit(total, share, times)).toBeCloseTo(expected, 9);
  });

  test('is no more than there are, and no more than are drawn', () => {
    const share = fc.double({ min: 1e-9, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), share, fc.nat(1e6), (total, of, times) => {
        const found = hit(total, of, times);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(Math.min(total, total * of * times) * (1 + 1e-9));
      }),
    );
  });

  test('is what counting gives', () => {
    let [seed, distinct] = [1, 0];
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const rounds = 20_000;
    for (let round = 0; round < rounds; round++) {
      distinct += new Set(Array.from({ length: 41 }, () => Math.floor(next() * 60))).size;
    }
    expect(distinct / rounds).toBeCloseTo(hit(60, 1 / 60, 41), 1);
  });
});

describe('needs', () => {
  test('of the reference are those that it gives itself', () => {
    const { updatesPerSecond, changesPerSecond } = needsFor(REFERENCE);
    expect(Math.round(updatesPerSecond)).toBe(333_333);
    expect(Math.round(changesPerSecond)).toBe(13_333_333);
    expect(onlineFriends(REFERENCE)).toBe(40);
  });

  test('use no more of a server than is planned, with a zone lost too, and no less of what is short', () => {
    fc.assert(
      fc.property(load, (of) => {
        const { servers } = needsFor(of);
        const full = servers.bytes * (CHOICES.zones / (CHOICES.zones - 1));
        expect(servers.core).toBeLessThanOrEqual(CHOICES.serverCore * (1 + 1e-9));
        expect(full).toBeLessThanOrEqual(CHOICES.serverBytes * (1 + 1e-9));
        expect(Math.max(servers.core / CHOICES.serverCore, full / CHOICES.serverBytes)).toBeCloseTo(1, 6);
        expect(servers.count * servers.users).toBeGreaterThanOrEqual(of.onlineUsers * (1 - 1e-9));
      }),
    );
  });

  test('of Redis fit into its shards, and would not into one less', () => {
    fc.assert(
      fc.property(load, (of) => {
        const { redis } = needsFor(of);
        const isEnough = (shards: number): boolean =>
          sum(redis.cores) <= shards * CHOICES.redisCore && sum(redis.bytes) <= shards * CHOICES.redisBytes;
        expect(isEnough(redis.shards)).toBe(true);
        expect(isEnough(redis.shards - 1)).toBe(false);
      }),
    );
  });

  test('of twice the users are twice the servers, rows and positions, and at least twice the messages', () => {
    fc.assert(
      fc.property(load, (of) => {
        const [once, twice] = [
          needsFor(of),
          needsFor({ ...of, users: 2 * of.users, onlineUsers: 2 * of.onlineUsers }),
        ];
        expect(Math.abs(twice.servers.count - 2 * once.servers.count)).toBeLessThanOrEqual(1);
        expect(twice.servers.users).toBeCloseTo(once.servers.users, 6);
        expect(twice.updatesPerSecond).toBeCloseTo(2 * once.updatesPerSecond, 6);
        expect(twice.redis.bytes.positions).toBe(2 * once.redis.bytes.positions);
        expect(twice.redis.pushesPerSecond).toBeGreaterThanOrEqual(
          2 * once.redis.pushesPerSecond * (1 - 1e-9),
        );
      }),
    );
  });

  test('grow with friends and with the rate, servers to twice as many at most', () => {
    fc.assert(
      fc.property(load, (of) => {
        const once = needsFor(of);
        for (const more of [
          { ...of, friends: 2 * of.friends },
          { ...of, secondsBetweenUpdates: of.secondsBetweenUpdates / 2 },
        ]) {
          const twice = needsFor(more);
          expect(twice.changesPerSecond).toBeCloseTo(2 * once.changesPerSecond, 4);
          expect(twice.servers.count).toBeGreaterThanOrEqual(once.servers.count);
          expect(twice.servers.count).toBeLessThanOrEqual(2 * once.servers.count + 1);
          expect(twice.redis.pushesPerSecond).toBeGreaterThanOrEqual(once.redis.pushesPerSecond);
          expect(twice.redis.shards).toBeGreaterThanOrEqual(once.redis.shards);
        }
      }),
    );
  });

  test('tell no more servers than there are, nor than watch', () => {
    fc.assert(
      fc.property(load, fc.integer({ min: 1, max: 5_000 }), (of, servers) => {
        const told = serversTold(of, servers);
        expect(told).toBeLessThanOrEqual(Math.min(servers, onlineFriends(of) + 1) * (1 + 1e-9));
        expect(told).toBeGreaterThanOrEqual(Math.min(1, onlineFriends(of) + 1) * (1 - 1e-9));
        expect(serversTold(of, servers + 1)).toBeGreaterThanOrEqual(told * (1 - 1e-12));
      }),
    );
  });

  test('have a subscription at least for every topic, and one for each friend and client at most', () => {
    fc.assert(
      fc.property(load, (of) => {
        const { topics, subscriptions } = needsFor(of).redis;
        const { count, users } = needsFor(of).servers;
        expect(topics).toBeLessThanOrEqual(of.users);
        expect(subscriptions).toBeGreaterThanOrEqual(topics * (1 - 1e-6));
        expect(subscriptions).toBeLessThanOrEqual(count * users * (of.friends + 1) * (1 + 1e-9));
      }),
    );
  });
});

describe('constants', () => {
  test('of memory add up to the three runs that they come from', () => {
    const { client, topic, friend } = serverMemory(sample);
    const { present, absent, scattered } = sample.memory;
    expect(client + topic + 40 * friend).toBeCloseTo(present.median, 6);
    expect(client + topic + 400 * friend + (360 / 41) * topic).toBeCloseTo(absent.median, 6);
    expect(client + 401 * topic + 400 * friend).toBeCloseTo(scattered.median, 6);
  });

  test('of a message are what one more server costs', () => {
    expect(pushMicros(sample.redis.sharded)).toBeCloseTo(5, 9);
    expect(pushMicros(sample.redis.sharded, 'max')).toBeCloseTo(6, 9);
    expect(pushMicros(sample.redis.sharded, 'median', 'microsTogether')).toBeCloseTo(1, 9);
  });
});

describe('recovery', () => {
  test('of a lost zone is half as many users more for each of the others', () => {
    const needs = needsFor(REFERENCE);
    const { users, serverSeconds } = zoneLost(REFERENCE, needs, constants, CHOICES);
    expect(users).toBeCloseTo(REFERENCE.onlineUsers / 3, 3);
    const each = (needs.servers.users / 2) * (constants.connectMicros / 1e6);
    expect(serverSeconds).toBeCloseTo(each / (1 - needs.servers.core), 1);
  });

  test('of a lost shard is one of all shards of the subscriptions', () => {
    const needs = needsFor(REFERENCE);
    const { subscriptions } = shardLost(needs, constants);
    expect(subscriptions * needs.redis.shards).toBeCloseTo(needs.redis.subscriptions, 3);
  });
});

describe('other ways', () => {
  test('differ as they should: fewer subscriptions, fewer messages when merged, more for cells of a city', () => {
    const needs = needsFor(REFERENCE);
    const [ours, present, servers, merged, cells] = alternatives(REFERENCE, needs, constants);
    expect(ours?.pushesPerSecond).toBe(needs.redis.pushesPerSecond);
    expect(present?.pushesPerSecond).toBe(ours?.pushesPerSecond);
    expect((present?.subscriptions ?? NaN) / (ours?.subscriptions ?? NaN)).toBeCloseTo(0.1, 1);
    expect(servers?.subscriptions).toBe(needs.servers.count);
    expect(merged?.pushesPerSecond).toBeLessThan(servers?.pushesPerSecond ?? NaN);
    expect(REFERENCE.onlineUsers * CITY_SHARE).toBeGreaterThan(onlineFriends(REFERENCE) + 1);
    expect(cells?.pushesPerSecond).toBeGreaterThan(ours?.pushesPerSecond ?? NaN);
  });

  test('merged messages are at most one for each pair of servers and tick', () => {
    fc.assert(
      fc.property(load, (of) => {
        const needs = needsFor(of);
        const [, , servers, merged] = alternatives(of, needs, constants);
        const pairs = needs.servers.count ** 2;
        expect(merged?.pushesPerSecond).toBeLessThanOrEqual((servers?.pushesPerSecond ?? NaN) * (1 + 1e-9));
        expect(merged?.pushesPerSecond).toBeLessThanOrEqual(pairs * 20 * (1 + 1e-9));
      }),
    );
  });
});

describe('history', () => {
  test('of as many users as one PostgreSQL is enough for needs one, and of more two', () => {
    const { usersByRate, usersByDisk } = onePostgres(REFERENCE, constants, CHOICES);
    const of = (onlineUsers: number) => historyNeeds({ ...REFERENCE, onlineUsers }, constants, CHOICES);
    expect(of(usersByRate * 0.999).nodesByRate).toBe(1);
    expect(of(usersByRate * 1.001).nodesByRate).toBe(2);
    expect(of(usersByDisk * 0.999).nodesByDisk).toBe(1);
    expect(of(usersByDisk * 1.001).nodesByDisk).toBe(2);
  });
});
