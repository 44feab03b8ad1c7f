import { totalmem } from 'node:os';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ask,
  codesOf,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUpFriends,
} from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { follow, followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const NAMES = {
  delivered: 'nearby_changes_delivered_total',
  merged: 'nearby_changes_merged_total',
  snapshots: 'nearby_snapshots_total',
  lags: 'nearby_fanout_lag_seconds_count',
  lagSeconds: 'nearby_fanout_lag_seconds_sum',
  frames: 'nearby_frame_bytes_count',
  bytes: 'nearby_frame_bytes_sum',
  rows: 'nearby_history_rows_committed_total',
  commits: 'nearby_history_commit_seconds_count',
  updates: 'nearby_location_updates_total{recorded="true"}',
  known: 'nearby_cache_lookups_total{cache="feed",result="hit"}',
  inRedis: 'nearby_cache_lookups_total{cache="positions",result="hit"}',
  parsed: 'nearby_cache_lookups_total{cache="documents",result="miss"}',
  parsedBefore: 'nearby_cache_lookups_total{cache="documents",result="hit"}',
} as const;
type Counts = Record<keyof typeof NAMES, number>;

/** What has been counted since the call before. */
function countsOf(url: string): () => Promise<Counts> {
  let before: Record<string, number> = {};
  return async () => {
    const now: Record<string, number> = {};
    for (const [key, name] of Object.entries(NAMES)) now[key] = await metric(url, name);
    const since = Object.entries(now).map(([key, value]) => [key, value - (before[key] ?? 0)] as const);
    before = now;
    return Object.fromEntries(since) as Counts;
  };
}

describe('with a message for every change', () => {
  let cluster: TestCluster;
  let here: string;
  let there: string;

  beforeAll(async () => {
    cluster = await startTestCluster(2);
    [here, there] = cluster.urls as [string, string];
  });

  afterAll(() => cluster.close());

  it('an update that one friend sees is one change, one message and one lag, on the server of the friend', async () => {
    const [ann, bob] = await signUpFriends(here);
    const [atHere, atThere] = [countsOf(here), countsOf(there)];
    await atHere();
    await atThere();
    await move(here, ann, HERE);
    // A list whose viewer friends have still to be told of reads the own location once more.
    const redis = new Redis(cluster.redis.url);
    onTestFinished(() => redis.disconnect());
    await expect.poll(() => redis.get(cluster.names.locationKey(ann.id))).toMatch(/,[23]"/);
    const list = follow(there, ann);
    await list.next();
    expect(await atHere()).toMatchObject({ delivered: 0, updates: 1, rows: 1, commits: 1 });
    const opened = await atThere();
    expect(opened).toMatchObject({ delivered: 0, lags: 0, snapshots: 1, frames: 1, updates: 0, rows: 0 });
    expect(opened).toMatchObject({ known: 0, inRedis: 1, parsed: 1 });

    await move(here, bob, travel(HERE, 0, 100));
    await list.next();
    const seen = await atThere();
    expect(seen).toMatchObject({ delivered: 1, merged: 0, snapshots: 0, lags: 1, frames: 1 });
    expect(seen.lagSeconds).toBeLessThan(5);
    expect(seen.bytes).toBeGreaterThan(JSON.stringify(list.frames.at(-1)).length);

    await move(here, bob, travel(HERE, 0, 20_000));
    await list.next();
    await move(here, bob, travel(HERE, 0, 21_000));
    await follow(there, ann).next();
    const left = await atThere();
    expect(left).toMatchObject({
      delivered: 1,
      lags: 1,
      snapshots: 1,
      known: 0,
      parsedBefore: 1,
    });
    // Who is watched from now on is read once, perhaps after the entry is shown. A list that begins reads the
    // viewer's own location, and those of friends whom nobody watches here.
    expect(seen.inRedis + left.inRedis).toBe(1 + 2);
  });

  it('a message on the bus that is neither location nor notice is thrown away and counted', async () => {
    const [ann] = await signUpFriends(here);
    const list = follow(there, ann);
    await list.next();
    const unreadable = () => metric(there, 'nearby_drops_total{cause="unreadable message"}');
    const before = await unreadable();
    const redis = new Redis(cluster.redis.url);
    onTestFinished(() => redis.disconnect());
    for (const text of ['{"not":"a location"}', 'no JSON at all'])
      await redis.publish(cluster.names.userChannel(ann.id), text);
    await vi.waitFor(async () => expect(await unreadable()).toBe(before + 2), { timeout: 10_000 });
  });

  it('durations of operations, over both transports, by their kind and field, and by no name of a client', async () => {
    const [ann] = await signUpFriends(here);
    const count = (type: string, field: string) =>
      metric(here, `nearby_operation_seconds_count{type="${type}",field="${field}"}`).catch(() => 0);
    const all = async () => ({
      me: await count('query', 'me'),
      several: await count('query', 'several'),
      updates: await count('mutation', 'updateLocation'),
      lists: await count('subscription', 'nearbyFriends'),
      requests: await count('subscription', 'friendRequests'),
      sharing: await count('subscription', 'sharing'),
    });
    const before = await all();
    const socket = connectForTest(here, ann.token);
    await ask(here, ann.token, 'query MyOwnName { myOwnAlias: me { id } }');
    await requestOverSocket(socket, 'query MyOwnName { myOwnAlias: me { id } }');
    await ask(here, ann.token, '{ me { id } server { time } }');
    await codesOf(here, ann.token, '{ noSuchField }');
    await codesOf(here, null, '{ me { id } }');
    await move(here, ann, HERE);
    const update = 'mutation { updateLocation(input: { latitude: 1, longitude: 1 }) { recorded } }';
    await requestOverSocket(socket, update);
    await followNearby(socket).next();
    await eventStream(here, ann, 'subscription { nearbyFriends { snapshot } }').next();
    await eventStream(here, ann, 'subscription { sharing { sharing { enabled } } }').next();
    const sharing = 'subscription { sharing { sharing { enabled } } }';
    await requestOverSocket(socket, sharing);
    const after = await all();
    const rise = Object.entries(after).map(([key, value]) => [
      key,
      value - before[key as keyof typeof before],
    ]);
    expect(Object.fromEntries(rise)).toEqual({
      me: 3,
      several: 1,
      updates: 2,
      lists: 2,
      requests: 0,
      sharing: 2,
    });
    const seconds = await metric(
      here,
      'nearby_operation_seconds_sum{type="mutation",field="updateLocation"}',
    );
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(10);
    const text = await (await fetch(`${here}/metrics`)).text();
    expect(text).not.toMatch(/MyOwn|myOwn|noSuchField/);
  });

  it('wrong passwords, and how much memory the process may take', async () => {
    const failures = () => metric(here, 'nearby_sign_in_failures_total');
    const [user] = await signUpFriends(here);
    const before = await failures();
    const signIn = (password: string) =>
      codesOf(
        here,
        null,
        `mutation { signIn(input: { handle: "${user.handle}", password: "${password}" }) { accessToken } }`,
      );
    expect(await signIn('not that one')).toEqual(['UNAUTHENTICATED']);
    expect(await signIn('correct horse battery')).toEqual([]);
    expect((await failures()) - before).toBe(1);
    for (const [used, limit] of [
      ['process_resident_memory_bytes', 'nearby_memory_limit_bytes'],
      ['nodejs_heap_size_used_bytes', 'nearby_heap_limit_bytes'],
    ] as const)
      expect(await metric(here, used)).toBeLessThan(await metric(here, limit));
    expect(await metric(here, 'nearby_memory_limit_bytes')).toBeLessThanOrEqual(totalmem());
  });

  it('tell whether the server is ready', async () => {
    expect(await metric(here, 'nearby_ready')).toBe(1);
    await cluster.redis.kill9();
    await vi.waitFor(async () => expect(await metric(here, 'nearby_ready')).toBe(0), { timeout: 10_000 });
    await cluster.redis.restart();
    await vi.waitFor(async () => expect(await metric(here, 'nearby_ready')).toBe(1), { timeout: 10_000 });
  });
});

it('two updates within one frame interval are one change delivered and one merged', async () => {
  const cluster = await startTestCluster(1, { frameIntervalMs: 3_000 });
  onTestFinished(() => cluster.close());
  const url = cluster.urls[0] as string;
  const [ann, bob] = await signUpFriends(url);
  await move(url, ann, HERE);
  const list = follow(url, ann);
  await list.next();
  const counts = countsOf(url);
  await counts();
  await move(url, bob, travel(HERE, 0, 100));
  await move(url, bob, travel(HERE, 0, 200));
  expect((await list.next()).nearby).toHaveLength(1);
  const seen = await counts();
  expect(seen).toMatchObject({ delivered: 1, merged: 1, lags: 1, frames: 1, updates: 2, rows: 2 });
  expect(seen.lagSeconds).toBeGreaterThan(0.05);
  expect(list.frames).toHaveLength(2);
});
