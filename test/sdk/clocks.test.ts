/**
 * A device that sleeps and a clock that is set while the app runs. The server has clocks of its own. Sleep is
 * emulated by a `performance.now()` that has stood still, as on most devices, while the time went on.
 */
import {
  type ConnectionState,
  type Fix,
  LocationHistoryDocument,
  type LocationSource,
  MeDocument,
  memoryTokens,
  type NearbyFriendsClient,
} from 'nearby-friends-client';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { move, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { HERE, openClient, openWithFriend } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';
import { startWire } from '../support/wire.js';

const WITHIN = { timeout: 10_000, interval: 10 };
const TTL_SECONDS = 3;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const realNow = Date.now.bind(Date);
const realSteadyNow = performance.now.bind(performance);
let cluster: TestCluster;
let url: string;
let device: TestDevice;

beforeAll(async () => {
  const clock = { ...systemClock, now: realNow, monotonic: realSteadyNow };
  cluster = await startTestCluster(1, { locationTtlSeconds: TTL_SECONDS }, { clock });
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());
beforeEach(() => {
  device = startDevice();
});

interface TestDevice {
  /** The time as the device shows it. */
  now(): number;
  /** Sets the time that it shows. */
  set(byMs: number): void;
  /** Has just woken after so long. */
  sleep(ms: number): void;
  readonly source: LocationSource;
  move(meters: number): void;
}

/** A device at rest answers with the fix that it gave last. */
function startDevice(): TestDevice {
  let setByMs = 0;
  let sleptMs = 0;
  let onFix: (fix: Fix) => void = () => undefined;
  let newest: Fix | null = null;
  const now = (): number => realNow() + setByMs;
  vi.spyOn(Date, 'now').mockImplementation(now);
  vi.spyOn(performance, 'now').mockImplementation(() => realSteadyNow() - sleptMs);
  onTestFinished(() => void vi.restoreAllMocks());
  return {
    now,
    set: (byMs) => (setByMs += byMs),
    sleep: (ms) => (sleptMs += ms),
    source: {
      watch(listener) {
        onFix = listener;
        return () => (onFix = () => undefined);
      },
      current: () => (newest === null ? new Promise(() => undefined) : Promise.resolve(newest)),
    },
    move(meters) {
      newest = { ...travel(HERE, 90, meters), accuracyMeters: 5, takenAtMs: now() };
      onFix(newest);
    },
  };
}

const CHANGES: [string, () => void][] = [
  ['slept for an hour', () => device.sleep(HOUR_MS)],
  ['slept for a minute', () => device.sleep(MINUTE_MS)],
  ['had its clock set back by an hour', () => device.set(-HOUR_MS)],
  ['had its clock set forward by an hour', () => device.set(HOUR_MS)],
  [
    'slept for an hour with a clock that was wrong',
    () => {
      device.set(10 * MINUTE_MS);
      device.sleep(HOUR_MS);
    },
  ],
];

async function recordedTimes(client: NearbyFriendsClient): Promise<number[]> {
  const { locationHistory } = await client.request(LocationHistoryDocument, { first: 50 });
  return locationHistory.edges.map(({ node }) => Date.parse(node.recordedAt));
}

/** The live list of a friend who stays HERE. */
async function listOf(friend: TestUser): Promise<NearbyList> {
  const stay = setInterval(() => void move(url, friend, HERE).catch(() => undefined), 500);
  onTestFinished(() => {
    clearInterval(stay);
  });
  await move(url, friend, HERE);
  const list = follow(url, friend);
  await list.until(({ frames }) => frames.length > 0);
  return list;
}

const shows = (meters: number) => (list: NearbyList) =>
  [...list.entries.values()].some(({ distanceMeters }) => Math.round(distanceMeters) === meters);

test.each(CHANGES)('a device that %s dates its fixes right', async (_what, change) => {
  const { client } = await openWithFriend(url);
  onTestFinished(client.nearbyFriends().subscribe(() => undefined));
  const onError = vi.fn();
  const sharing = client.shareLocation({ source: device.source, onError });
  onTestFinished(() => {
    sharing.stop();
  });
  device.move(100);
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  change();
  const fromMs = realNow();
  device.move(2_000);
  sharing.report({ ...travel(HERE, 90, 2_000), accuracyMeters: 5, takenAtMs: device.now() });
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  const [newestMs = 0] = (await recordedTimes(client)).toSorted((a, b) => b - a);
  expect(Math.abs(newestMs - fromMs)).toBeLessThan(2_000);
  expect(Math.abs(client.now() - realNow())).toBeLessThan(2_000);
  expect(onError).not.toHaveBeenCalled();
});

test.each(CHANGES)('what waits while a device %s keeps its time', async (_what, change) => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  const onError = vi.fn();
  const sharing = client.shareLocation({ source: device.source, onError });
  onTestFinished(() => {
    sharing.stop();
  });
  await client.request(MeDocument);
  wire.cut();
  const takenAtMs = realNow() - 30_000;
  sharing.report({ ...travel(HERE, 90, 500), accuracyMeters: 5, takenAtMs: device.now() - 30_000 });
  change();
  const fromMs = realNow();
  sharing.report({ ...travel(HERE, 90, 2_000), accuracyMeters: 5, takenAtMs: device.now() });
  expect(sharing.waiting).toBe(2);
  wire.mend();
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  const times = (await recordedTimes(client)).toSorted((a, b) => a - b);
  expect(Math.abs((times[0] ?? 0) - takenAtMs)).toBeLessThan(2_000);
  expect(Math.abs((times.at(-1) ?? 0) - fromMs)).toBeLessThan(2_000);
  expect(onError).not.toHaveBeenCalled();
});

describe('a device at rest, without a new fix,', () => {
  async function startResting(): Promise<NearbyList> {
    const { client, friend } = await openWithFriend(url);
    onTestFinished(client.nearbyFriends().subscribe(() => undefined));
    const sharing = client.shareLocation({ source: device.source, policy: { stillMs: 500 } });
    onTestFinished(() => {
      sharing.stop();
    });
    device.move(100);
    const list = await listOf(friend);
    await list.until(shows(100));
    return list;
  }

  test.each([
    ['had its clock set back', -HOUR_MS],
    ['had its clock set forward', HOUR_MS],
  ])('that %s stays on friends’ lists', async (_what, byMs) => {
    const list = await startResting();
    device.set(byMs);
    const setAtMs = realNow();
    await list.until(({ entries }) =>
      [...entries.values()].some(({ updatedAt }) => Date.parse(updatedAt) > setAtMs + TTL_SECONDS * 1_000),
    );
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
  });

  test('that slept for an hour may be elsewhere by now, so it waits for a new one', async () => {
    const list = await startResting();
    device.sleep(HOUR_MS);
    await list.until(({ entries }) => entries.size === 0);
    device.move(300);
    await list.until(shows(300));
  });
});

test('a clock that is set renews no token', async () => {
  const tokens = memoryTokens();
  const { client } = await openWithFriend(url, { tokens });
  await client.request(MeDocument);
  const before = tokens.load()?.refreshToken;
  device.set(HOUR_MS);
  await client.request(MeDocument);
  // The server has told its time again.
  await vi.waitFor(() => expect(Math.abs(client.now() - realNow())).toBeLessThan(2_000), WITHIN);
  await client.close();
  await client.request(MeDocument);
  expect(tokens.load()?.refreshToken).toBe(before);
});

test('a client that starts with a wrong clock does not renew its tokens at every connection', async () => {
  const tokens = memoryTokens();
  const { client } = await openWithFriend(url, { tokens });
  await client.close();
  device.set(HOUR_MS);
  const again = openClient(url, { tokens });
  const refreshTokens = new Set<string | undefined>();
  for (let connection = 0; connection < 3; connection++) {
    await again.request(MeDocument);
    refreshTokens.add(tokens.load()?.refreshToken);
    await again.close();
  }
  expect(refreshTokens.size).toBe(1);
});

test('a list that went stale while the device slept says since when', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const { client } = await openWithFriend(wire.url);
  const states: ConnectionState[] = [];
  onTestFinished(client.nearbyFriends().subscribe(({ connection }) => states.push(connection)));
  await vi.waitFor(() => expect(states.at(-1)?.state).toBe('live'), WITHIN);
  const asleepAtMs = realNow();
  // The hour passes on the device only, whose clock is right again: the server has not been asked yet.
  device.set(HOUR_MS);
  wire.cut();
  await vi.waitFor(() => expect(states.at(-1)?.state).toBe('reconnecting'), WITHIN);
  const { staleSince } = states.at(-1) as { readonly staleSince: Date };
  expect(staleSince.getTime()).toBeLessThanOrEqual(asleepAtMs);
});
