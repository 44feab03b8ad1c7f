import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Fix,
  LocationHistoryDocument,
  type LocationSource,
  MeDocument,
  memoryTokens,
  type NearbyFriendsClient,
  type ReportPolicy,
  type TextStorage,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { stubPlatformEvents } from '../support/platform-events.js';
import { HERE, newHandle, openClient, openWithFriend, PASSWORD } from '../support/sdk-client.js';
import { listOf } from '../support/sharing.js';
import { travel } from '../support/sphere.js';
import { startWire, type Wire } from '../support/wire.js';
import { WebSocket } from 'ws';

const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

/** A device in the test's hands. */
function device(): LocationSource & { move(fix: Fix): void } {
  let onFix: (fix: Fix) => void = () => undefined;
  let newest: Fix | null = null;
  return {
    watch(listener) {
      onFix = listener;
      return () => (onFix = () => undefined);
    },
    current: async () => newest as Fix,
    move(fix) {
      newest = fix;
      onFix(fix);
    },
  };
}

const DAY_MS = 86_400_000;
const startMs = Date.now() - 600_000;
const fixAt = (seconds: number, meters: number): Fix => ({
  ...travel(HERE, 90, meters),
  accuracyMeters: 8,
  takenAtMs: startMs + seconds * 1_000,
});

test('reports as often as the policy says, with the times of the device', async () => {
  const { client } = await openWithFriend(url);
  const source = device();
  const reported: Fix[] = [];
  const sharing = client.shareLocation({ source, onReported: (fix) => reported.push(fix) });
  onTestFinished(() => sharing.stop());
  // A walk of 1.5 m/s with a fix each second: a report each 30 s.
  for (let second = 0; second <= 120; second++) source.move(fixAt(second, second * 1.5));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(reported.map(({ takenAtMs }) => (takenAtMs - startMs) / 1_000)).toEqual([0, 30, 60, 90, 120]);
  const { locationHistory } = await client.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  expect(locationHistory.edges.map(({ node }) => Date.parse(node.recordedAt))).toEqual(
    reported.map(({ takenAtMs }) => takenAtMs).toReversed(),
  );
});

test('tells the speed and heading that the browser knows', async () => {
  let onPosition = (_position: unknown): void => undefined;
  const geolocation = {
    watchPosition: (listener: typeof onPosition) => (onPosition = listener),
    clearWatch: () => undefined,
    getCurrentPosition: () => undefined,
  };
  vi.stubGlobal('navigator', { geolocation });
  onTestFinished(() => void vi.unstubAllGlobals());
  const { client } = await openWithFriend(url);
  const reported: Fix[] = [];
  const sharing = client.shareLocation({ onReported: (fix) => reported.push(fix) });
  onTestFinished(() => sharing.stop());
  // Browsers have no heading for who stands still, or NaN; apps in web views pass on the -1 of iOS.
  const motions = [
    [12.5, 271.25],
    [0, NaN],
    [-1, -1],
    [null, null],
  ] as const;
  for (const [nth, [speed, heading]] of motions.entries()) {
    const { latitude, longitude } = travel(HERE, 90, nth * 500);
    onPosition({
      coords: { latitude, longitude, accuracy: 8, speed, heading },
      timestamp: startMs + nth * 60_000,
    });
  }
  await vi.waitFor(() => expect(reported).toHaveLength(motions.length), WITHIN);
  expect(reported[0]).toMatchObject({ speedMetersPerSecond: 12.5, headingDegrees: 271.25 });
  const { locationHistory } = await client.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  const told = locationHistory.edges.map(({ node }) => [node.speedMetersPerSecond, node.headingDegrees]);
  expect(told.toReversed()).toEqual([
    [12.5, 271.25],
    [0, null],
    [null, null],
    [null, null],
  ]);
});

test('sooner after a real move, seldom while still', async () => {
  const { client } = await openWithFriend(url);
  const source = device();
  const reported: number[] = [];
  const sharing = client.shareLocation({
    source,
    onReported: ({ takenAtMs }) => reported.push((takenAtMs - startMs) / 1_000),
  });
  onTestFinished(() => sharing.stop());
  // A minute on a bicycle, then a rest.
  for (let second = 0; second <= 300; second++) source.move(fixAt(second, Math.min(second, 60) * 11));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(reported).toEqual([0, 10, 20, 30, 40, 50, 60, 180, 300]);
});

test('seldom while the page is hidden, and at once when it is shown again', async () => {
  const page = Object.assign(new EventTarget(), { hidden: true });
  vi.stubGlobal('document', page);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { client } = await openWithFriend(url);
  const source = device();
  const reported: number[] = [];
  const sharing = client.shareLocation({
    source,
    onReported: ({ takenAtMs }) => reported.push((takenAtMs - startMs) / 1_000),
  });
  onTestFinished(() => sharing.stop());
  for (let second = 0; second <= 420; second++) source.move(fixAt(second, second * 1.5));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(reported).toEqual([0, 300]);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.waitFor(() => expect(reported).toEqual([0, 300, 420]), WITHIN);
});

test('reports of the time when the server was away arrive late, once each, and in order', async () => {
  const own = await startTestCluster(1);
  onTestFinished(() => own.close());
  const { client } = await openWithFriend(own.urls[0] as string);
  const source = device();
  const reported: Fix[] = [];
  const sharing = client.shareLocation({ source, onReported: (fix) => reported.push(fix) });
  onTestFinished(() => sharing.stop());
  source.move(fixAt(0, 0));
  // Whether this one was answered before the server went is open: it is sent again if not.
  await own.stop(0);
  for (let minute = 1; minute < 5; minute++) source.move(fixAt(minute * 60, minute * 200));
  await own.start(0);
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(reported.map(({ takenAtMs }) => (takenAtMs - startMs) / 60_000)).toEqual([0, 1, 2, 3, 4]);
  const { locationHistory } = await client.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  expect(locationHistory.edges).toHaveLength(5);
}, 60_000);

test('what one user recorded is never sent as another who signs in', async () => {
  const { client, handle } = await openWithFriend(url);
  const source = device();
  const reported: Fix[] = [];
  const onError = vi.fn();
  const sharing = client.shareLocation({ source, onError, onReported: (fix) => reported.push(fix) });
  onTestFinished(() => sharing.stop());
  await client.signUp({ handle: newHandle(), displayName: 'Other', password: PASSWORD });
  source.move(fixAt(0, 0));
  await vi.waitFor(() => expect(onError).toHaveBeenCalled(), WITHIN);
  expect(onError.mock.calls[0]).toMatchObject([{ code: 'SIGNED_OUT' }]);
  expect((await client.request(LocationHistoryDocument, {})).locationHistory.edges).toEqual([]);

  await client.signIn({ handle, password: PASSWORD });
  source.move(fixAt(60, 100));
  await vi.waitFor(() => expect(reported).toHaveLength(2), WITHIN);
});

test('ends with the client', async () => {
  const { client } = await openWithFriend(url);
  const source = device();
  const sharing = client.shareLocation({ source });
  source.move(fixAt(0, 0));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  await client.close();
  source.move(fixAt(60, 100));
  expect([sharing.waiting, client.connection.state]).toEqual([0, 'idle']);
});

test('keeps what it could not send, over a restart of the app too, and each is recorded once', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const tokens = memoryTokens();
  const storage = textStorage();
  const { client } = await openWithFriend(url, { tokens, url: `${wire.url}/graphql` });
  wire.cut();
  const source = device();
  const sharing = client.shareLocation({ source, storage });
  for (let minute = 0; minute < 5; minute++) source.move(fixAt(minute * 60, minute * 200));
  expect(sharing.waiting).toBe(5);
  sharing.stop();
  await client.close();

  wire.mend();
  const again = openClient(wire.url, { tokens });
  const reported: Fix[] = [];
  const resumed = again.shareLocation({
    source: device(),
    storage,
    onReported: (fix) => reported.push(fix),
  });
  onTestFinished(() => resumed.stop());
  await vi.waitFor(() => expect(resumed.waiting).toBe(0), WITHIN);
  expect(reported.map(({ takenAtMs }) => (takenAtMs - startMs) / 60_000)).toEqual([0, 1, 2, 3, 4]);
  const { locationHistory } = await again.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  expect(locationHistory.edges).toHaveLength(5);
  // The name of the device is left.
  expect(storage.size).toBe(1);
});

test('what the server refuses for good is told and does not hold up the rest', async () => {
  const { client } = await openWithFriend(url);
  const errors: unknown[] = [];
  const sharing = client.shareLocation({ source: device(), onError: (error) => errors.push(error) });
  onTestFinished(() => sharing.stop());
  sharing.report({ ...fixAt(0, 0), takenAtMs: Date.now() - 200 * DAY_MS });
  sharing.report(fixAt(60, 100));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  const { locationHistory } = await client.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  expect(locationHistory.edges).toHaveLength(1);
});

describe('a device that stays where it is and gives no new fix', () => {
  const TTL_SECONDS = 3;
  const STILL_MS = 800;

  test.each<[string, (first: Fix) => () => Promise<Fix>, Partial<ReportPolicy>?]>([
    ['never answers', () => () => new Promise(() => undefined)],
    ['never answers, by the default policy', () => () => new Promise(() => undefined), {}],
    [
      'hangs once, then gives the cached fix',
      (first) => {
        let asked = 0;
        return () => (++asked === 1 ? new Promise(() => undefined) : Promise.resolve(first));
      },
    ],
    ['times out', () => () => Promise.reject(new Error('Timeout expired'))],
    ['gives the cached fix', (first) => () => Promise.resolve(first)],
  ])(
    'stays on friends’ lists when asking for one %s',
    async (_name, currentOf, policy = { stillMs: STILL_MS }) => {
      const own = await startTestCluster(1, { locationTtlSeconds: TTL_SECONDS });
      onTestFinished(() => own.close());
      const { client, friend } = await openWithFriend(own.urls[0] as string);
      const first: Fix = { ...travel(HERE, 90, 30), accuracyMeters: 5, takenAtMs: Date.now() };
      const source: LocationSource = {
        watch(onFix) {
          onFix(first);
          return () => undefined;
        },
        current: currentOf(first),
      };
      const sharing = client.shareLocation({ source, policy });
      onTestFinished(() => sharing.stop());
      const list = await listOf(own.urls[0] as string, friend);
      const recordedAt = new Date(first.takenAtMs).toISOString();
      await list.until(({ entries }) =>
        [...entries.values()].some((entry) => entry.location.recordedAt === recordedAt),
      );
      await list.until(
        ({ entries }) =>
          [...entries.values()].some(
            (entry) => Date.parse(entry.updatedAt) > first.takenAtMs + 2 * TTL_SECONDS * 1_000,
          ),
        5 * TTL_SECONDS * 1_000,
      );
      expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
      const { locationHistory } = await client.request(LocationHistoryDocument, {});
      expect(locationHistory.edges.filter(({ node }) => node.recordedAt === recordedAt)).toHaveLength(1);
    },
    30_000,
  );

  test('is silent once the user forbids the device to tell its place', async () => {
    const own = await startTestCluster(1, { locationTtlSeconds: 2 });
    onTestFinished(() => own.close());
    const { client, friend } = await openWithFriend(own.urls[0] as string);
    // Open before the report, which is forgotten soon.
    const list = await listOf(own.urls[0] as string, friend);
    const first: Fix = { ...travel(HERE, 90, 30), accuracyMeters: 5, takenAtMs: Date.now() };
    const source: LocationSource = {
      watch(onFix) {
        onFix(first);
        return () => undefined;
      },
      current: () => Promise.reject(Object.assign(new Error('User denied Geolocation'), { code: 1 })),
    };
    const sharing = client.shareLocation({ source, policy: { stillMs: 500 } });
    onTestFinished(() => sharing.stop());
    await list.until(({ entries }) => entries.size === 1);
    await list.until(({ entries }) => entries.size === 0);
  });
});

test.each<[string, (wire: Wire) => void]>([
  ['waited for the connection', (wire) => wire.cut()],
  ['was under way on a socket that was dead', (wire) => wire.strand()],
])('says nothing more after its end, also of a sign of life that %s', async (_name, end) => {
  const network = stubPlatformEvents();
  const own = await startTestCluster(1, { locationTtlSeconds: 3 });
  onTestFinished(() => own.close());
  const at = own.urls[0] as string;
  const wire = await startWire(at);
  onTestFinished(() => wire.close());
  const { client, friend } = await openWithFriend(at, { url: `${wire.url}/graphql` });
  onTestFinished(client.nearbyFriends().subscribe(() => undefined));
  const fix: Fix = { ...travel(HERE, 90, 30), accuracyMeters: 5, takenAtMs: Date.now() };
  const source: LocationSource = {
    watch(onFix) {
      onFix(fix);
      return () => undefined;
    },
    current: async () => fix,
  };
  const sharing = client.shareLocation({ source, policy: { stillMs: 200 } });
  const list = await listOf(at, friend);
  await list.until(({ entries }) => [...entries.values()].some(({ distanceMeters }) => distanceMeters > 20));
  end(wire);
  const cutAtMs = Date.now();
  // A sign of life is due within a second and waits.
  await sleep(1_500);
  sharing.stop();
  // What the old socket held is lost.
  wire.cut();
  wire.mend();
  network.online();
  await vi.waitFor(() => expect(client.connection.state).toBe('live'), WITHIN);
  await list.until(({ entries }) => entries.size === 0);
  const heardAtMs = list.frames.flatMap(({ nearby }) => nearby.map(({ updatedAt }) => Date.parse(updatedAt)));
  expect(Math.max(...heardAtMs)).toBeLessThanOrEqual(cutAtMs);
});

test('says nothing more after its end, also of a report that was under way on a socket that was dead', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  onTestFinished(client.nearbyFriends().subscribe(() => undefined));
  const sharing = client.shareLocation({ source: device() });
  await client.request(MeDocument);
  wire.strand();
  sharing.report({ ...travel(HERE, 90, 1_000), accuracyMeters: 5, takenAtMs: Date.now() });
  await sleep(50);
  sharing.stop();
  wire.cut();
  wire.mend();
  await vi.waitFor(() => expect(client.connection.state).toBe('live'), WITHIN);
  // Whatever was sent again at once is recorded before this one.
  await client.request(UpdateLocationDocument, { input: HERE });
  const { locationHistory } = await client.request(LocationHistoryDocument, {});
  expect(locationHistory.edges).toHaveLength(2);
});

test('what was under way when the connection was lost goes behind what came since', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const { client, friend } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  onTestFinished(client.nearbyFriends().subscribe(() => undefined));
  const sharing = client.shareLocation({ source: device() });
  onTestFinished(() => sharing.stop());
  const list = await listOf(url, friend);
  await client.request(MeDocument);
  const placesBefore = list.frames.length;
  wire.strand();
  for (const meters of [1_000, 2_000, 3_000]) {
    sharing.report({ ...travel(HERE, 90, meters), accuracyMeters: 5, takenAtMs: Date.now() });
    await sleep(5);
  }
  wire.cut();
  wire.mend();
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  const shows = (meters: number) =>
    [...list.entries.values()].some(({ distanceMeters }) => Math.round(distanceMeters) === meters);
  await list.until(() => shows(3_000));
  const shown = list.frames.slice(placesBefore).flatMap(({ nearby }) => nearby);
  expect(shown.filter(({ distanceMeters }) => Math.abs(distanceMeters - 1_000) < 10)).toEqual([]);
});

test.each([
  // After so many attempts the waits between them are the longest.
  ['2 s', false, 4, 2_000],
  ['a second when the platform tells of it', true, 2, 1_000],
])(
  'friends see the true place within %s of the end of an outage',
  async (_when, isTold, failures, withinMs) => {
    // All waits are long.
    const random = Math.random.bind(Math);
    vi.spyOn(Math, 'random').mockImplementation(() => 0.8 + random() / 5);
    onTestFinished(() => void vi.restoreAllMocks());
    const network = stubPlatformEvents();
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    let attempts = 0;
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols);
        this.once('close', () => attempts++);
      }
    }
    const options = { url: `${wire.url}/graphql`, webSocketImpl: Socket };
    const { client, friend } = await openWithFriend(url, options);
    onTestFinished(client.nearbyFriends().subscribe(() => undefined));
    const sharing = client.shareLocation({ source: device() });
    onTestFinished(() => sharing.stop());
    const list = await listOf(url, friend);
    wire.cut();
    sharing.report({ ...travel(HERE, 90, 1_000), accuracyMeters: 5, takenAtMs: Date.now() });
    // The socket that was open is the first to close.
    await vi.waitFor(() => expect(attempts).toBe(1 + failures), WITHIN);
    wire.mend();
    if (isTold) network.online();
    await list.until(
      ({ entries }) => [...entries.values()].some(({ distanceMeters }) => distanceMeters > 990),
      withinMs,
    );
  },
);

describe('a clock that is wrong', () => {
  const recordedAtOf = async (client: NearbyFriendsClient): Promise<number[]> => {
    const { locationHistory } = await client.request(LocationHistoryDocument, { first: 50 });
    return locationHistory.edges.map(({ node }) => Date.parse(node.recordedAt));
  };

  test.each([
    ['an hour ahead', 3_600_000],
    ['of another decade', -1_024 * 7 * DAY_MS],
  ])(
    'a fix that is %s but came just now is now, and keeps none of the next from being sent',
    async (_name, wrongMs) => {
      const startedAtMs = Date.now();
      const { client } = await openWithFriend(url);
      const source = device();
      const reported: Fix[] = [];
      const onError = vi.fn();
      const policy = { movingMs: 200, usualMs: 200 };
      const sharing = client.shareLocation({
        source,
        policy,
        onError,
        onReported: (fix) => reported.push(fix),
      });
      onTestFinished(() => sharing.stop());
      source.move({ ...travel(HERE, 90, 1_000), accuracyMeters: 8, takenAtMs: Date.now() + wrongMs });
      await vi.waitFor(() => expect(reported).toHaveLength(1), WITHIN);
      await vi.waitFor(() => {
        source.move({ ...travel(HERE, 90, 2_000), accuracyMeters: 8, takenAtMs: Date.now() });
        expect(reported.length).toBeGreaterThan(1);
      }, WITHIN);
      expect(onError).not.toHaveBeenCalled();
      for (const recordedAtMs of await recordedAtOf(client)) {
        expect(recordedAtMs).toBeGreaterThan(startedAtMs - 2_000);
        expect(recordedAtMs).toBeLessThan(Date.now() + 2_000);
      }
    },
  );

  test.each([-600_000, 120_000, 600_000])(
    'a device whose clock is wrong by %d ms can share',
    async (wrongMs) => {
      const real = Date.now.bind(Date);
      vi.spyOn(Date, 'now').mockImplementation(() => real() + wrongMs);
      onTestFinished(() => void vi.restoreAllMocks());
      const { client } = await openWithFriend(url);
      const source = device();
      const reported: Fix[] = [];
      const onError = vi.fn();
      const sharing = client.shareLocation({ source, onError, onReported: (fix) => reported.push(fix) });
      onTestFinished(() => sharing.stop());
      // Its fixes are dated by the same clock, the second one 20 s ago.
      source.move({ ...travel(HERE, 90, 1_000), accuracyMeters: 8, takenAtMs: Date.now() - 60_000 });
      source.move({ ...travel(HERE, 90, 2_000), accuracyMeters: 8, takenAtMs: Date.now() - 20_000 });
      await vi.waitFor(() => expect(reported).toHaveLength(2), WITHIN);
      expect(onError).not.toHaveBeenCalled();
      const [newest, before] = (await recordedAtOf(client))
        .slice(-3)
        .toSorted((a, b) => b - a)
        .slice(1);
      expect(Math.abs(real() - 20_000 - (newest ?? 0))).toBeLessThan(5_000);
      expect(Math.abs(real() - 60_000 - (before ?? 0))).toBeLessThan(5_000);
      expect(Math.abs(client.now() - real())).toBeLessThan(2_000);
    },
  );

  test('reports that waited for the first connection are put right by the time that the server tells', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const tokens = memoryTokens();
    const { client } = await openWithFriend(url, { tokens });
    await client.close();
    const real = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => real() - 1_800_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const again = openClient(wire.url, { tokens });
    wire.cut();
    const source = device();
    const sharing = again.shareLocation({ source });
    onTestFinished(() => sharing.stop());
    source.move({ ...travel(HERE, 90, 1_000), accuracyMeters: 8, takenAtMs: Date.now() - 40_000 });
    expect(sharing.waiting).toBe(1);
    wire.mend();
    await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
    expect((await recordedAtOf(again)).some((atMs) => Math.abs(real() - 40_000 - atMs) < 10_000)).toBe(true);
  });

  test('a refused report is none: the next fix is reported', async () => {
    const { client } = await openWithFriend(url);
    const source = device();
    const reported: Fix[] = [];
    const onError = vi.fn();
    const policy = { movingMs: 100 };
    const sharing = client.shareLocation({
      source,
      policy,
      onError,
      onReported: (fix) => reported.push(fix),
    });
    onTestFinished(() => sharing.stop());
    source.move({ latitude: 91, longitude: 0, accuracyMeters: 8, takenAtMs: Date.now() });
    await vi.waitFor(() => expect(onError).toHaveBeenCalled(), WITHIN);
    await vi.waitFor(() => {
      source.move({ ...HERE, accuracyMeters: 8, takenAtMs: Date.now() });
      expect(reported).toHaveLength(1);
    }, WITHIN);
  });
});

function textStorage(): TextStorage & { readonly size: number } {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    get size() {
      return items.size;
    },
  };
}

describe('a source that is not as its type says', () => {
  const NOWHERE = { latitude: NaN, longitude: 0, accuracyMeters: 5, takenAtMs: startMs };

  test('gives fixes that are no places: that is said once, until there is a good one', async () => {
    const { client } = await openWithFriend(url);
    const source = device();
    const onError = vi.fn();
    const onReported = vi.fn();
    const sharing = client.shareLocation({ source, onError, onReported });
    onTestFinished(() => sharing.stop());
    const bad = [NOWHERE, undefined, null, {}, { ...NOWHERE, latitude: 91 }] as Fix[];
    for (const fix of bad) source.move(fix);
    expect(onError.mock.calls).toMatchObject([[{ code: 'BAD_USER_INPUT' }]]);
    const undated = { ...HERE, accuracyMeters: 5, altitude: 12, floor: null };
    source.move(undated as Partial<Fix> as Fix);
    await vi.waitFor(() => expect(onReported).toHaveBeenCalledOnce(), WITHIN);
    source.move(NOWHERE);
    expect(onError).toHaveBeenCalledTimes(2);
  });

  test.each<[string, () => LocationSource]>([
    [
      'has a watch that gives no function to end it',
      () => ({ ...device(), watch: () => undefined as never }),
    ],
    [
      'throws when it is watched',
      () => ({
        ...device(),
        watch() {
          throw new Error('no receiver');
        },
      }),
    ],
    [
      'throws when it is asked',
      () => ({
        watch: () => undefined as never,
        current() {
          throw new Error('no receiver');
        },
      }),
    ],
  ])('%s: that is said once, and the rest goes on', async (_what, sourceOf) => {
    const { client } = await openWithFriend(url);
    const onError = vi.fn();
    const onReported = vi.fn();
    const sharing = client.shareLocation({ source: sourceOf(), onError, onReported });
    expect(onError).toHaveBeenCalledOnce();
    sharing.report(fixAt(0, 0));
    await vi.waitFor(() => expect(onReported).toHaveBeenCalledOnce(), WITHIN);
    sharing.stop();
    expect(onError).toHaveBeenCalledOnce();
  });
});
