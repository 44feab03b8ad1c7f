/** What the benchmark's people of a graph are counted and compared with: its own errors would look like the servers'. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createBalancer } from '../../bench/load/people/balancer.js';
import { createLists, type Sighting } from '../../bench/load/people/lists.js';
import { createMovement } from '../../bench/load/people/movement.js';
import { type RedisObserver, startRedisProxy } from '../../bench/load/people/redis-proxy.js';
import { createSessions } from '../../bench/load/people/sessions.js';
import { createTally } from '../../bench/load/people/tally.js';
import { mulberry32 } from '../../bench/load/random.js';
import { distanceMeters } from '../../src/domain/distance.js';

const ADA = '01930000-0000-7000-8000-000000000000';
const BEN = '01930000-0000-7000-8000-000000000001';

describe('a balancer', () => {
  test('keeps a neighbourhood together up to a quarter more than the mean', () => {
    const balancer = createBalancer(4, 'near', mulberry32(1));
    const servers = Array.from({ length: 400 }, (_, index) => balancer.open(String(index % 40)));
    const counts = [0, 1, 2, 3].map((server) => servers.filter((one) => one === server).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(125);
    const together = servers.filter((server, index) => server === servers[index % 40]);
    expect(together.length).toBeGreaterThan(300);
  });

  test('sends clients without a neighbourhood where the fewest are', () => {
    const balancer = createBalancer(3, 'near', mulberry32(1));
    const [first, second] = [balancer.open(null), balancer.open(null)];
    const third = balancer.open(null);
    expect(new Set([first, second, third]).size).toBe(3);
    balancer.close(second);
    expect(balancer.open(null)).toBe(second);
  });
});

describe('a proxy', () => {
  const message = (mark: string): string =>
    `${mark}3\r\n$7\r\nmessage\r\n$${5 + ADA.length}\r\nuser:${ADA}\r\n$4\r\n[1,]\r\n`;
  const subscribe = `*3\r\n$9\r\nsubscribe\r\n$${6 + ADA.length}\r\ninbox:${ADA}\r\n$5\r\nother\r\n`;

  test.each([
    ['RESP2', '*'],
    ['RESP3', '>'],
  ])('hands on every byte of %s and tells of messages and channels', async (_, mark) => {
    const redis = createServer().listen(0, '127.0.0.1');
    await once(redis, 'listening');
    const seen: unknown[] = [];
    let bytes = 0;
    const observer: RedisObserver = {
      onConnection: () => seen.push('connection'),
      onBytes: (count) => void (bytes += count),
      onMessage: (...args) => seen.push(['message', ...args]),
      onJoin: (channels) => seen.push(['join', ...channels]),
      onLeave: (channels) => seen.push(['leave', ...channels]),
    };
    const { port } = redis.address() as AddressInfo;
    const proxy = await startRedisProxy(`redis://:secret@127.0.0.1:${port}`, observer);
    const accepted = once(redis, 'connection') as Promise<[Socket]>;
    const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    const [server] = await accepted;
    try {
      client.write(subscribe);
      expect(await textFrom(server, subscribe.length)).toBe(subscribe);
      const sent = `+OK\r\n${message(mark)}*2\r\n$-1\r\n$2\r\nxy\r\n${message(mark)}`;
      const received = textFrom(client, sent.length);
      // Two pieces, of which neither ends with a value.
      server.write(sent.slice(0, 20));
      await new Promise(setImmediate);
      server.write(sent.slice(20));
      expect(await received).toBe(sent);
      expect(bytes).toBe(sent.length);
      const told = ['message', `user:${ADA}`, '[1,]'];
      expect(seen).toEqual(['connection', ['join', `inbox:${ADA}`, 'other'], told, told]);
    } finally {
      client.destroy();
      proxy.close();
      redis.close();
    }
  });

  async function textFrom(socket: Socket, length: number): Promise<string> {
    let text = '';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.length >= length) break;
    }
    return text;
  }
});

test('a tally tells messages that a server needs from those that it does not', () => {
  // Both are on server 0; somebody on server 1 needs to hear of Ada.
  const tally = createTally(3, {
    numberOf: (id) => [ADA, BEN].indexOf(id),
    serverOf: () => 0,
    isNeeded: (user, server) => user === 0 && server === 1,
  });
  const topic = `prefix:{7}:user:${ADA}`;
  for (const server of [0, 1, 2]) tally.observer(server).onMessage(topic, '[]');
  tally.observer(1).onMessage(`prefix:{7}:inbox:${BEN}`, `{"friendId":"${ADA}"}`);
  tally.observer(0).onMessage(`prefix:{7}:inbox:${BEN}`, `{"friendId":"${ADA}"}`);
  tally.observer(0).onMessage(`prefix:{7}:heartbeat:${BEN}`, '1');
  tally.observer(2).onJoin([topic, `floor:${BEN}`, 'prefix:{7}:heartbeat:x']);
  tally.observer(2).onLeave([topic]);
  expect(tally.counts).toEqual({
    ownMessages: 1,
    neededMessages: 1,
    needlessMessages: 1,
    ownInboxMessages: 1,
    inboxMessages: 1,
    otherMessages: 1,
    joins: 2,
    leaves: 1,
    bytes: 0,
    connections: 0,
  });
  expect([...(tally.joined[2] ?? [])]).toEqual([`floor:${BEN}`]);
});

describe('a list', () => {
  const place = { latitude: 48, longitude: 11 };
  const near: Sighting = { place: { latitude: 48.01, longitude: 11 }, ageMs: 1_000 };
  const far: Sighting = { place: { latitude: 49, longitude: 11 }, ageMs: 1_000 };
  const viewer: Sighting = { place, ageMs: 0 };

  test.each([
    ['has a friend who is near', viewer, near, near.place, true],
    ['lacks a friend who is near', viewer, near, null, false],
    ['has a friend where the friend was before', viewer, near, place, false],
    ['has a friend who is far', viewer, far, far.place, false],
    ['lacks a friend who is far', viewer, far, null, true],
    ['has a friend who went away a moment ago', viewer, { ...near, ageMs: 590_000 }, near.place, true],
    ['has a friend who went away long ago', viewer, { ...near, ageMs: 610_000 }, near.place, false],
    ['has a friend, of a viewer without a place', null, near, near.place, false],
  ])('%s', (_, from, sighting, shown, isRight) => {
    const lists = createLists(1);
    if (shown !== null) lists.receive(0, { isWhole: true, nearby: [entryOf(shown)], leftIds: [] });
    expect(lists.isRight(0, from, [{ id: BEN, sighting }])).toBe(isRight);
  });

  test('with a stranger is wrong', () => {
    const lists = createLists(1);
    lists.receive(0, { isWhole: true, nearby: [entryOf(place)], leftIds: [] });
    expect(lists.isRight(0, viewer, [])).toBe(false);
    lists.receive(0, { isWhole: false, nearby: [], leftIds: [BEN] });
    expect(lists.isRight(0, viewer, [])).toBe(true);
  });

  const entryOf = (at: typeof place) => ({
    friend: { id: BEN, handle: 'ben', displayName: 'Ben' },
    distanceMeters: 1,
    location: { ...at, accuracyMeters: 1, recordedAt: '' },
    updatedAt: '',
  });
});

test('a share of people is online at any time, and they change', () => {
  const sessions = createSessions(1_000, 0.1, 1_800, mulberry32(1));
  const online = [0, 3_600, 7_200].map((seconds) =>
    Array.from({ length: 1_000 }, (_, user) => sessions.isOnline(user, seconds)),
  );
  for (const now of online) {
    const count = now.filter(Boolean).length;
    expect(count).toBeGreaterThan(60);
    expect(count).toBeLessThan(140);
  }
  expect(online[0]?.filter((was, user) => was && online[2]?.[user]).length).toBeLessThan(40);
});

test('people move no faster than on a motorway, and most stay', () => {
  const homes = Array.from({ length: 500 }, (_, user) => ({ latitude: 40, longitude: (user % 300) - 120 }));
  const movement = createMovement(homes, 1);
  const steps = homes.map((_, user) => {
    movement.appear(user);
    return distanceMeters(movement.move(user, 30), movement.move(user, 30));
  });
  const inOrder = steps.sort((a, b) => a - b);
  expect(inOrder[250]).toBeLessThan(25);
  expect(inOrder[350]).toBeGreaterThan(20);
  // One may have flown.
  expect(inOrder[498]).toBeLessThan(36 * 30 + 20);
});
