/**
 * Redis falls silent without closing a connection, for one server or for both, just before somebody ends a friendship,
 * pauses, blocks, signs out or leaves. No position that is sent after the answer is shown later than a second after it,
 * over sockets and event streams alike, and what was opened with the session that signed out ends within two seconds.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createLogger } from '../../src/log.js';
import { type Node, startNode } from '../../src/node.js';
import { act, connect, metric, move, request, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { type Frame, followNearby, NEARBY_FRIENDS, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type Place, travel } from '../support/sphere.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const SHOWN_WITHIN_MS = 1_000;
const ENDED_WITHIN_MS = 2_000;
const ANSWERED_WITHIN_MS = 3_000;
/** Without a lease, positions went on for 1 to 3 s after the answer. */
const WATCHED_MS = 2_000;
const HEALED_MS = 10_000;
const REPORT_EVERY_MS = 60;

let cluster: TestCluster;
let proxies: readonly [TcpProxy, TcpProxy];
let nodes: readonly [Node, Node];

beforeAll(async () => {
  cluster = await startTestCluster(0);
  const start = async (): Promise<[TcpProxy, Node]> => {
    const proxy = await startTcpProxy(cluster.redis.port);
    const redisUrl = cluster.redis.url.replace(`:${cluster.redis.port}`, `:${proxy.port}`);
    return [proxy, await startNode({ ...cluster.config, redisUrl }, { log: createLogger('silent') })];
  };
  const [[firstProxy, first], [secondProxy, second]] = [await start(), await start()];
  proxies = [firstProxy, secondProxy];
  nodes = [first, second];
}, 30_000);

afterAll(async () => {
  for (const node of nodes) await node.close();
  for (const proxy of proxies) proxy.close();
  await cluster.close();
});

const server = (index: number): string => (nodes[index] as Node).url;

/** What a viewer is shown of a friend on the second server, over a socket and over an event stream. */
interface Scene {
  readonly viewer: TestUser;
  readonly friend: TestUser;
  readonly list: NearbyList;
  /** When what was shown, latest last, by the latitude that the friend reported. */
  readonly shown: { readonly latitude: number; readonly atMs: number; readonly over: 'socket' | 'events' }[];
  /** Times at which the friend's reports were sent, by latitude. */
  readonly sentAtMs: Map<number, number>;
  /** When socket and event stream ended. */
  readonly ended: { socketAtMs: number | null; eventsAtMs: number | null };
  /** Friends that left the list. */
  readonly left: string[];
}

const now = (): number => performance.now();

async function openScene(): Promise<Scene> {
  const [viewer, friend] = await signUpFriends(server(0));
  await move(server(1), viewer, HERE);
  await move(server(0), friend, travel(HERE, 0, 50));
  const client = connect(server(1), viewer.token);
  onTestFinished(async () => {
    await client.dispose();
  });
  const scene: Scene = {
    viewer,
    friend,
    list: followNearby(client),
    shown: [],
    sentAtMs: new Map(),
    ended: { socketAtMs: null, eventsAtMs: null },
    left: [],
  };
  client.on('closed', () => (scene.ended.socketAtMs = now()));
  let seen = 0;
  const note = (frame: Frame, over: 'socket' | 'events'): void => {
    for (const {
      friend: { id },
      location,
    } of frame.nearby)
      if (id === friend.id) scene.shown.push({ latitude: location.latitude, atMs: now(), over });
    for (const { friendId } of frame.left) scene.left.push(friendId);
  };
  const watchSocket = (list: NearbyList): boolean => {
    for (; seen < list.frames.length; seen++) note(list.frames[seen] as Frame, 'socket');
    return false;
  };
  scene.list.until(watchSocket, 600_000).catch(() => undefined);
  void (async () => {
    try {
      for await (const event of eventStream(server(1), viewer, NEARBY_FRIENDS))
        note((event as { data: { nearbyFriends: Frame } }).data.nearbyFriends, 'events');
    } catch {
      // It was cut.
    }
    scene.ended.eventsAtMs = now();
  })();
  await vi.waitFor(() => expect(new Set(scene.shown.map(({ over }) => over)).size).toBe(2), HEALED_MS);
  return scene;
}

/** The friend goes north, a step with each report, by both servers in turn. @returns stops that. */
function walk(scene: Scene): () => void {
  let step = 0;
  const timer = setInterval(() => {
    const place: Place = travel(HERE, 0, 100 + step++);
    scene.sentAtMs.set(place.latitude, now());
    move(server(step % 2), scene.friend, place).catch(() => undefined);
  }, REPORT_EVERY_MS);
  const stop = (): void => clearInterval(timer);
  onTestFinished(stop);
  return stop;
}

const CHANGES = {
  removeFriend: ({ viewer, friend }: Scene, url: string) =>
    act(url, friend, `removeFriend(userId: "${viewer.id}")`),
  blockUser: ({ viewer, friend }: Scene, url: string) =>
    act(url, friend, `blockUser(userId: "${viewer.id}")`),
  pause: ({ friend }: Scene, url: string) =>
    act(url, friend, 'updateSharing(input: { enabled: false }) { enabled }'),
  signOut: ({ viewer }: Scene, url: string) => act(url, viewer, 'signOut'),
  deleteAccount: ({ friend }: Scene, url: string) => act(url, friend, 'deleteAccount'),
} as const;

type Change = keyof typeof CHANGES;

interface Outcome {
  readonly change: Change;
  readonly answeredAfterMs: number;
  /** How long after the answer a position was last shown that was sent after it; null for none. */
  readonly lastShownAfterMs: number | null;
  readonly endedAfterMs: number | null;
}

async function make(change: Change, scene: Scene, by: number): Promise<Outcome> {
  const beforeMs = now();
  await CHANGES[change](scene, server(by));
  const answeredAtMs = now();
  await wait(WATCHED_MS);
  const late = scene.shown.filter(({ latitude }) => (scene.sentAtMs.get(latitude) ?? 0) > answeredAtMs);
  const { socketAtMs, eventsAtMs } = scene.ended;
  return {
    change,
    answeredAfterMs: answeredAtMs - beforeMs,
    lastShownAfterMs: late.length === 0 ? null : Math.max(...late.map(({ atMs }) => atMs - answeredAtMs)),
    endedAfterMs:
      socketAtMs === null || eventsAtMs === null ? null : Math.max(socketAtMs, eventsAtMs) - beforeMs,
  };
}

async function heal(): Promise<void> {
  cluster.redis.signal('SIGCONT');
  for (const proxy of proxies) proxy.heal();
  await vi.waitFor(
    async () => {
      for (const { url } of nodes) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    },
    { timeout: HEALED_MS, interval: 50 },
  );
}

const swallow = (index: number, what: TcpProxy['swallows']) => () => {
  (proxies[index] as TcpProxy).swallows = what;
};

test.each<[what: string, fall: () => void, by: number]>([
  ['all of the viewer’s server', swallow(1, 'all'), 0],
  ['what the viewer’s server is sent', swallow(1, 'answers'), 0],
  ['what the viewer’s server sends', swallow(1, 'requests'), 0],
  ['all of the server that takes the change', swallow(0, 'all'), 0],
  ['what the server that takes the change is sent', swallow(0, 'answers'), 0],
  ['Redis itself', () => cluster.redis.signal('SIGSTOP'), 0],
  ['Redis itself, for a change by the viewer’s server', () => cluster.redis.signal('SIGSTOP'), 1],
])(
  'silent: %s',
  async (_, fall, by) => {
    const changes = Object.keys(CHANGES) as Change[];
    const scenes = await Promise.all(changes.map(openScene));
    const bystander = await openScene();
    const stops = [...scenes, bystander].map(walk);
    await wait(Math.random() * 250);
    const snapshots = bystander.list.frames.filter(({ snapshot }) => snapshot).length;
    fall();
    onTestFinished(heal);
    const outcomes = await Promise.all(
      changes.map(async (change, index) => {
        await wait(Math.random() * 700);
        return make(change, scenes[index] as Scene, by);
      }),
    );
    const report = JSON.stringify(outcomes, (_key, value: unknown) =>
      typeof value === 'number' ? Math.round(value) : value,
    );
    for (const { change, answeredAfterMs, lastShownAfterMs, endedAfterMs } of outcomes) {
      expect(answeredAfterMs, report).toBeLessThan(ANSWERED_WITHIN_MS);
      expect(lastShownAfterMs ?? 0, report).toBeLessThan(SHOWN_WITHIN_MS);
      if (change === 'signOut') expect(endedAfterMs ?? Infinity, report).toBeLessThan(ENDED_WITHIN_MS);
    }

    // Who stays a friend is never taken off the list, and is shown again when Redis is back.
    await heal();
    const healedAtMs = now();
    await vi.waitFor(
      () => {
        const fresh = bystander.shown.filter(
          ({ latitude }) => (bystander.sentAtMs.get(latitude) ?? 0) > healedAtMs,
        );
        expect(new Set(fresh.map(({ over }) => over)).size).toBe(2);
      },
      { timeout: HEALED_MS, interval: 20 },
    );
    expect(bystander.left).toEqual([]);
    expect(bystander.list.frames.filter(({ snapshot }) => snapshot).length).toBeLessThanOrEqual(
      snapshots + 1,
    );
    for (const stop of stops) stop();
  },
  30_000,
);

test('a session that signs out while Redis is dead can do nothing more after two seconds, on either server', async () => {
  const user = await signUp(server(0));
  const clients = [connect(server(0), user.token), connect(server(1), user.token)];
  const ends = clients.map((client) => new Promise((resolve) => client.on('closed', resolve)));
  const streamsCut = Promise.allSettled(
    clients.map(async (_, index) => {
      for await (const _event of eventStream(server(index), user, NEARBY_FRIENDS));
    }),
  );
  for (const client of clients) void followNearby(client);
  await Promise.all(clients.map((client) => new Promise((resolve) => client.on('connected', resolve))));
  await cluster.redis.kill9();
  onTestFinished(() => cluster.redis.restart());
  await wait(1_000);
  const beforeMs = now();
  expect(await act(server(0), user, 'signOut')).toBe(true);
  for (const end of ends) expect(await end).toMatchObject({ code: 4403 });
  for (const stream of await streamsCut) expect(stream).toMatchObject({ status: 'rejected' });
  expect(now() - beforeMs).toBeLessThan(ENDED_WITHIN_MS);
  expect((await request(server(1), user.token, '{ me { id } }')).errors?.[0]?.extensions?.code).toBe(
    'UNAUTHENTICATED',
  );
});

test('an event loop that stalls for 300 ms makes no list wait', async () => {
  await heal();
  const scene = await openScene();
  const lapses = 'nearby_dependency_failures_total{cause="delivery"}';
  const before = await metric(server(1), lapses);
  const { length } = scene.list.frames;
  for (let round = 0; round < 5; round++) {
    const untilMs = now() + 300;
    while (now() < untilMs);
    const place = travel(HERE, 0, 500 + round);
    await move(server(0), scene.friend, place);
    const movedAtMs = now();
    await vi.waitFor(
      () => expect(scene.shown.filter(({ latitude }) => latitude === place.latitude)).toHaveLength(2),
      {
        timeout: 1_000,
        interval: 2,
      },
    );
    expect(now() - movedAtMs).toBeLessThan(100);
  }
  expect(await metric(server(1), lapses)).toBe(before);
  expect(scene.list.frames.slice(length).filter(({ snapshot }) => snapshot)).toEqual([]);
}, 20_000);
