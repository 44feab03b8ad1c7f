/** What waited on a device without a connection, once it comes back. */
import type { Fix } from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { readConfig } from '../../src/config.js';
import { metric } from '../support/api.js';
import { GENEROUS_LIMITS, startTestCluster, type TestCluster } from '../support/nodes.js';
import { stubPlatformEvents } from '../support/platform-events.js';
import { countRows, openWithFriend } from '../support/sdk-client.js';
import { eastOfHere, listOf, pushingDevice, shownAt } from '../support/sharing.js';
import { startWire } from '../support/wire.js';
import { WebSocket } from 'ws';

const DAY_MS = 86_400_000;
const BACKLOG = 2_000;

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  // A user who catches up is held to the limits of every day.
  cluster = await startTestCluster(1, { historyRetentionDays: 1, limits: readConfig({}).limits });
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

/** Of the walk eastwards, one fix each second up to now. */
const walked = (index: number): Fix => eastOfHere(index, Date.now() - 1_000 * (BACKLOG - 1 - index));

const odd = (index: number): boolean => index % 2 === 1;

test.each<[string, (index: number) => Fix | null, good: number, attempts: number]>([
  ['all of it good', () => null, BACKLOG, 1],
  [
    'every other fix older than the history is kept',
    (index) => (odd(index) ? null : { ...walked(index), takenAtMs: Date.now() - 2 * DAY_MS - index }),
    BACKLOG / 2,
    // After so many the waits between them are the longest.
    5,
  ],
  [
    'every other fix without a position',
    (index) => (odd(index) ? null : { ...walked(index), accuracyMeters: -1 }),
    BACKLOG / 2,
    1,
  ],
])(
  'with %s: friends see the true place within 2 s, and the rest is history within 10 s',
  async (_what, badAt, good, attempts) => {
    // All waits before an attempt to connect are long. Numbers still differ, as graphql-ws makes its ids of them.
    const random = Math.random.bind(Math);
    vi.spyOn(Math, 'random').mockImplementation(() => 0.8 + random() / 5);
    onTestFinished(() => void vi.restoreAllMocks());
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    let closed = 0;
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols);
        this.once('close', () => closed++);
      }
    }
    const options = { url: `${wire.url}/graphql`, webSocketImpl: Socket };
    const { client, friend } = await openWithFriend(url, options);
    onTestFinished(client.nearbyFriends().subscribe(() => undefined));
    const list = await listOf(url, friend);
    wire.cut();
    const onError = vi.fn();
    const sharing = client.shareLocation({ source: pushingDevice(), onError });
    onTestFinished(() => {
      sharing.stop();
    });
    for (let index = 0; index < BACKLOG; index++) sharing.report(badAt(index) ?? walked(index));
    const framesBefore = list.frames.length;
    await vi.waitFor(() => expect(closed).toBe(attempts), { timeout: 10_000, interval: 10 });
    const backAtMs = performance.now();
    wire.mend();
    await list.until(() => shownAt(list).some((meters) => meters > BACKLOG - 10));
    expect(performance.now() - backAtMs).toBeLessThan(2_000);
    await vi.waitFor(() => expect(sharing.waiting).toBe(0), { timeout: 10_000, interval: 10 });
    expect(performance.now() - backAtMs).toBeLessThan(10_000);
    expect(onError).toHaveBeenCalledTimes(BACKLOG - good);
    for (const [error] of onError.mock.calls) expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
    // Not one of the old places was shown.
    const shown = list.frames.slice(framesBefore).flatMap(({ nearby }) => nearby);
    expect(new Set(shown.map(({ distanceMeters }) => Math.round(distanceMeters / 10)))).toEqual(
      new Set([0, BACKLOG / 10]),
    );
    // With the one that was there before.
    expect(await countRows(cluster.database, client)).toBe(good + 1);
  },
  30_000,
);

test('a server that has enough is left alone for as long as it says, also when the network comes back', async () => {
  const network = stubPlatformEvents();
  const own = await startTestCluster(1, { limits: { ...GENEROUS_LIMITS, updatesPerSecond: 0.5 } });
  onTestFinished(() => own.close());
  const { client } = await openWithFriend(own.urls[0] as string);
  const sharing = client.shareLocation({ source: pushingDevice() });
  onTestFinished(() => {
    sharing.stop();
  });
  // Five at once are allowed, of which one is sent already.
  for (const meters of [1, 2, 3, 4, 5]) {
    sharing.report(eastOfHere(meters));
    if (meters < 5) await vi.waitFor(() => expect(sharing.waiting).toBe(0), { timeout: 10_000 });
  }
  const refusals = (): Promise<number> =>
    metric(own.urls[0] as string, 'nearby_drops_total{cause="updates over limit"}');
  await vi.waitFor(async () => expect(await refusals()).toBe(1), { timeout: 10_000 });
  network.online();
  await vi.waitFor(() => expect(sharing.waiting).toBe(0), { timeout: 10_000, interval: 10 });
  expect(await refusals()).toBe(1);
}, 30_000);
