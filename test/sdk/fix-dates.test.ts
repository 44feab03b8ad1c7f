/** Devices whose fixes have odd dates, and what friends see of them. */
import type { LocationSource, NearbyFriendsClient, ReportPolicy } from 'nearby-friends-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import type { NearbyList } from '../support/nearby-list.js';
import { openWithFriend } from '../support/sdk-client.js';
import { eastOfHere, listOf, pushingDevice, shownAt } from '../support/sharing.js';

const TTL_SECONDS = 2;
const HOUR_MS = 3_600_000;

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1, { locationTtlSeconds: TTL_SECONDS });
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

interface Scene {
  readonly client: NearbyFriendsClient;
  readonly list: NearbyList;
}

async function share(source: LocationSource, policy: Partial<ReportPolicy> = {}): Promise<Scene> {
  const { client, friend } = await openWithFriend(url);
  const sharing = client.shareLocation({ source, policy });
  onTestFinished(() => {
    sharing.stop();
  });
  return { client, list: await listOf(url, friend) };
}

/** Walks eastwards from 1 km on, 100 m at each fix, until the list shows what is wanted. */
async function walk(list: NearbyList, push: (meters: number) => void, until: () => boolean): Promise<void> {
  let meters = 1_000;
  const walking = setInterval(() => {
    push((meters += 100));
  }, 300);
  try {
    await list.until(until);
  } finally {
    clearInterval(walking);
  }
}

const places = ({ frames }: NearbyList): Set<number> =>
  new Set(
    frames
      .flatMap(({ nearby }) => nearby)
      .map(({ distanceMeters }) => Math.round(distanceMeters))
      .filter((meters) => meters >= 1_000),
  );

describe('who moves is seen to move while', () => {
  const policy = { movingMs: 300, usualMs: 300, stillMs: 300 };
  const startedAtMs = Date.now();

  test.each<[string, () => number]>([
    ['every fix has the same date', () => startedAtMs],
    ['the dates are two hours back', () => Date.now() - 2 * HOUR_MS],
  ])('%s', async (_what, dateOf) => {
    const device = pushingDevice();
    const { list } = await share(device, policy);
    const push = (meters: number): void => {
      device.push(eastOfHere(meters, dateOf()));
    };
    await walk(list, push, () => places(list).size >= 5);
    const newest = [...list.entries.values()][0];
    expect(Date.now() - Date.parse(newest?.location.recordedAt ?? '')).toBeLessThan(2_000);
  });
});

test('who is at rest is seen while the device, when asked, gives new fixes that are two hours back', async () => {
  const current = async () => eastOfHere(1_000, Date.now() - 2 * HOUR_MS);
  const device: LocationSource = {
    watch(onFix) {
      void current().then(onFix);
      return () => undefined;
    },
    current,
  };
  const { list } = await share(device, { stillMs: 500 });
  await list.until(() => shownAt(list).includes(1_000));
  const sinceMs = Date.now();
  await list.until(({ entries }) =>
    [...entries.values()].some(({ updatedAt }) => Date.parse(updatedAt) > sinceMs + 2_000 * TTL_SECONDS),
  );
  const shownFrom = list.frames.findIndex(({ nearby }) =>
    nearby.some(({ distanceMeters }) => distanceMeters > 900),
  );
  expect(list.frames.slice(shownFrom).flatMap(({ left }) => left)).toEqual([]);
});

test('an old place that the device has kept is never shown, and the next fix is', async () => {
  const device = pushingDevice();
  const { list } = await share(device);
  const keptAtMs = Date.now() - 2 * HOUR_MS;
  // The watch, and whoever asks, get it again and again.
  await walk(
    list,
    () => device.push(eastOfHere(5_000, keptAtMs)),
    () => shownAt(list).length === 0,
  );
  // What was gathered during sleep comes at once.
  for (let second = 1; second < 100; second++)
    device.push(eastOfHere(6_000 + second, keptAtMs + second * 1_000));
  device.push(eastOfHere(2_000));
  await list.until(() => shownAt(list).includes(2_000));
  expect(places(list)).toEqual(new Set([2_000]));
});

test('an older fix, or one that is no place, changes nothing: the user stays where the newest was', async () => {
  const device = pushingDevice();
  const { list } = await share(device, { stillMs: 500 });
  device.push(eastOfHere(1_000));
  await list.until(() => shownAt(list).includes(1_000));
  const framesBefore = list.frames.length;
  const sinceMs = Date.now();
  device.push(eastOfHere(1_010, Date.now() - 1_500));
  device.push({ ...eastOfHere(1_020), accuracyMeters: -1 });
  await list.until(({ entries }) =>
    [...entries.values()].some(({ updatedAt }) => Date.parse(updatedAt) > sinceMs + 2_000 * TTL_SECONDS),
  );
  expect(places(list)).toEqual(new Set([1_000]));
  expect(list.frames.slice(framesBefore).flatMap(({ left }) => left)).toEqual([]);
});
