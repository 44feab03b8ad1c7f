import {
  type Fix,
  LocationHistoryDocument,
  type LocationSource,
  memoryTokens,
  type TextStorage,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { HERE, newHandle, openClient, openWithFriend, PASSWORD } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';
import { startWire } from '../support/wire.js';

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
  expect(storage.size).toBe(0);
});

test('what the server refuses for good is told and does not hold up the rest', async () => {
  const { client } = await openWithFriend(url);
  const errors: unknown[] = [];
  const sharing = client.shareLocation({ source: device(), onError: (error) => errors.push(error) });
  onTestFinished(() => sharing.stop());
  sharing.report({ ...fixAt(0, 0), takenAtMs: Date.UTC(2001, 0) });
  sharing.report(fixAt(60, 100));
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  const { locationHistory } = await client.request(LocationHistoryDocument, {
    to: new Date(startMs + 500_000).toISOString(),
  });
  expect(locationHistory.edges).toHaveLength(1);
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
