/** Redis may hold and carry anything: it is thrown away and counted, and nobody's list suffers for long. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { RECORD_VERSION } from '../../src/domain/location-update.js';
import { ask, befriend, connectForTest, metric, move, signUp, type TestUser } from '../support/api.js';
import { follow, followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { uuidFrom, uuidOf } from '../support/uuid.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const near = (meters: number) => travel(HERE, 90, meters);
const SOON = { timeout: 5_000, interval: 20 };

let cluster: TestCluster;
/** Somebody else who may write to Redis. */
let stranger: Redis;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  stranger = new Redis(cluster.redis.url);
});
afterAll(async () => {
  stranger.disconnect();
  await cluster.close();
});

const server = (index: number): string => cluster.urls[index] as string;
const drops = (index: number, cause: string): Promise<number> =>
  metric(server(index), `nearby_drops_total{cause="${cause}"}`);

/** A right record of now, but for what is given. */
function record(changes: Record<number, unknown> = {}, leadMs = 0): string {
  const atMs = Date.now() + leadMs;
  const right = [atMs, uuidFrom('f'), atMs, 59.33, 18.07, null, RECORD_VERSION];
  return JSON.stringify(right.map((part, place) => (place in changes ? changes[place] : part)));
}

const foreign: readonly (readonly [what: string, write: (key: string) => Promise<unknown>])[] = [
  ['text', (key) => stranger.set(key, 'not-a-record')],
  ['nothing', (key) => stranger.set(key, '')],
  ['bytes', (key) => stranger.set(key, randomBytes(200))],
  ['another shape', (key) => stranger.set(key, '{"version":2}')],
  ['null', (key) => stranger.set(key, 'null')],
  ['half a record', (key) => stranger.set(key, record().slice(0, -10))],
  ['another version', (key) => stranger.set(key, record({ 6: 2 }))],
  ['a list', (key) => stranger.rpush(key, record())],
  ['a hash', (key) => stranger.hset(key, 'latitude', '59')],
  ['an accuracy below 0', (key) => stranger.set(key, record({ 5: -5 }, -1_000))],
  ['a latitude past the pole', (key) => stranger.set(key, record({ 3: 91 }, -1_000))],
  ['a record of next year', (key) => stranger.set(key, record({}, 31_536_000_000))],
  ['a record of in two minutes', (key) => stranger.set(key, record({}, 120_000))],
];

test('what is no record in a position key: lists open, the next update is seen everywhere and takes its place', async () => {
  const ann = await signUp(server(1));
  const friends = await Promise.all(foreign.map(() => signUp(server(0))));
  for (const friend of friends) await befriend(server(1), ann, friend);
  await move(server(1), ann, HERE);
  const keys = friends.map(({ id }) => cluster.names.locationKey(id));
  for (const [index, [, write]] of foreign.entries()) await write(keys[index] as string);
  const before = await drops(1, 'unreadable record');

  const list = follow(server(1), ann);
  await list.until(({ frames }) => frames.length > 0, 3_000);
  expect([...list.entries.keys()]).toEqual([]);
  expect((await drops(1, 'unreadable record')) - before).toBeGreaterThanOrEqual(foreign.length - 2);

  await Promise.all(friends.map((friend, index) => move(server(0), friend, near(100 + index))));
  const unseen = (): string[] =>
    foreign.filter((_, index) => !list.entries.has((friends[index] as TestUser).id)).map(([what]) => what);
  await vi.waitFor(() => expect(unseen()).toEqual([]), SOON);
  expect(await stranger.mget(keys)).toEqual(keys.map(() => expect.stringMatching(/^\[\d+,"/)));

  const later = follow(server(0), ann);
  await later.until(({ entries }) => entries.size === friends.length);
});

const REQUESTS = 'subscription { friendRequests { from { id } status } }';

test('messages that no server sent end no server and no subscription, and each is counted once', async () => {
  const ann = await signUp(server(0));
  const bob = await signUp(server(0));
  await befriend(server(0), ann, bob);
  await move(server(0), ann, HERE);
  const heard: unknown[][] = [[], []];
  // Over one socket: the requests are live when the list is.
  const lists = heard.map((messages, index) => {
    const client = connectForTest(server(index), ann.token);
    const ended = (): void => void messages.push('ended');
    client.subscribe(
      { query: REQUESTS },
      { next: ({ data }) => void messages.push(data), error: ended, complete: ended },
    );
    return followNearby(client);
  });
  await Promise.all(lists.map((list) => list.until(({ frames }) => frames.length > 0)));
  const channel = cluster.names.userChannel(ann.id);
  const messages: (string | Buffer)[] = [
    'null',
    '7',
    '"text"',
    '',
    '{"half":',
    '{}',
    '[]',
    '[[[[]]]]',
    '['.repeat(100_000),
    '{"kind":"request"}',
    '{"kind":"request","request":null}',
    `{"kind":"request","request":{"id":"${uuidOf('request')}"}}`,
    '{"kind":"relation"}',
    '{"kind":"relation","friendId":"x"}',
    '{"kind":"session-ended"}',
    '{"version":2,"kind":"session-ended","sessionId":null}',
    '{"kind":"__proto__"}',
    record({ 3: 91 }),
    record({ 4: 'east' }),
    record({}, 31_536_000_000),
    ...Array.from({ length: 50 }, (_, length) => randomBytes(length + 1)),
  ];
  const before = await Promise.all([0, 1].map((index) => drops(index, 'unreadable message')));
  for (const message of messages) await stranger.publish(channel, message);
  await vi.waitFor(async () => {
    const after = await Promise.all([0, 1].map((index) => drops(index, 'unreadable message')));
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual(
      lists.map(() => messages.length),
    );
  }, SOON);

  const cid = await signUp(server(0));
  const send = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
  await ask(server(0), cid.token, send, { userId: ann.id });
  const request = { friendRequests: { from: { id: cid.id }, status: 'PENDING' } };
  await vi.waitFor(() => expect(heard).toEqual([[request], [request]]), SOON);
  await move(server(0), bob, near(300));
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
  for (const index of [0, 1]) expect(await metric(server(index), 'nearby_operation_failures_total')).toBe(0);
});

test('a record from the future on a topic freezes nobody', async () => {
  const [ann, bob] = [await signUp(server(0)), await signUp(server(0))];
  await befriend(server(0), ann, bob);
  await Promise.all([move(server(0), ann, HERE), move(server(0), bob, near(100))]);
  const list = follow(server(1), ann);
  await list.until(({ entries }) => entries.has(bob.id));
  const distance = (): number => list.entries.get(bob.id)?.distanceMeters ?? 0;
  const forge = async (leadMs: number): Promise<void> => {
    const forged = record({ 3: 59.34 }, leadMs);
    await stranger.set(cluster.names.locationKey(bob.id), forged);
    await stranger.publish(cluster.names.userChannel(bob.id), forged);
  };
  for (const leadMs of [31_536_000_000, 120_000]) await forge(leadMs);
  await move(server(0), bob, near(200));
  await list.until(() => Math.abs(distance() - 200) < 1);
  expect(list.frames.flatMap(({ nearby }) => nearby).filter((entry) => entry.distanceMeters > 201)).toEqual(
    [],
  );

  // Like a device, a server may be a little ahead.
  await forge(30_000);
  await list.until(() => distance() > 1_000);
  expect(Date.parse(list.entries.get(bob.id)?.updatedAt ?? '')).toBeLessThanOrEqual(Date.now());
  await move(server(0), bob, near(300));
  await list.until(() => Math.abs(distance() - 300) < 1);
}, 30_000);

test('what is known of devices is not, where it is something else', async () => {
  const [ann, bob] = [await signUp(server(0)), await signUp(server(0))];
  await befriend(server(0), ann, bob);
  await move(server(0), ann, HERE);
  const list = follow(server(1), ann);
  onTestFinished(() => list.close());
  const key = cluster.names.devicesKey(bob.id);
  const kinds: ((key: string) => Promise<unknown>)[] = [
    (name) => stranger.set(name, 'garbage'),
    (name) => stranger.set(name, '{"0123456789ab":{"latitude":"north"}}'),
    (name) => stranger.rpush(name, 'a list'),
  ];
  for (const [nth, write] of kinds.entries()) {
    await stranger.del(key);
    await write(key);
    await move(server(0), bob, { ...near(100 + nth), device: 'phone' } as never);
    await move(server(0), bob, { ...near(300), device: 'tablet' } as never);
    await vi.waitFor(async () => expect(await stranger.get(key)).toMatch(/^\{"[0-9a-f]{12}":/), SOON);
  }
  await list.until(({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - 102) < 1);
});
