/** Clients with the settings that docs/clients.md gives, and the SDK's, behind a load balancer whose servers go away. */
import { readFile } from 'node:fs/promises';
import { createNearbyFriendsClient, type NearbyState } from 'nearby-friends-client';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { freePort } from '../../src/embedded/free-port.js';
import { openAppSocket } from '../support/app-socket.js';
import { createCrowd, faultOf, type Member, moveSomewhere } from '../support/crowd.js';
import { startHaproxy } from '../support/haproxy.js';
import { followNearby } from '../support/nearby-list.js';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';

const SERVERS = [0, 1, 2];
const CLIENTS = 100;
const SDK_CLIENTS = 25;
/** From the loss of a socket to a right list. */
const BACK_WITHIN_MS = 6_000;
const DRAIN_SECONDS = 2;
const SERVICE_RESTART = 1012;
const ABNORMAL = 1006;

/** A client with an open list. */
interface App {
  /** Of its sockets that were open or tried, since `closes` was emptied. */
  readonly closes: { readonly code: number; readonly atMs: number }[];
  /** Whether it shows the right list, told by the server to which it is connected now. */
  isRight(): boolean;
}

/** A WebSocket that writes down when and how it closes. */
function noting(closes: App['closes']): unknown {
  return class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      this.once('close', (code) => closes.push({ code, atMs: performance.now() }));
    }
  };
}

function openSocketApp(url: string, member: Member): App {
  const closes: App['closes'] = [];
  const client = openAppSocket(url, member.token, noting(closes));
  const list = followNearby(client);
  let framesAtClose = 0;
  client.on('closed', () => (framesAtClose = list.frames.length));
  return {
    closes,
    isRight: () => list.frames.length > framesAtClose && faultOf(member, list.entries.values()) === null,
  };
}

function openSdkApp(url: string, member: Member): App {
  const closes: App['closes'] = [];
  const tokens = {
    userId: member.id,
    accessToken: member.token,
    accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    refreshToken: '',
  };
  const client = createNearbyFriendsClient({
    url: `${url}/graphql`,
    webSocketImpl: noting(closes),
    tokens: { load: () => tokens, save: () => undefined },
  });
  onTestFinished(() => client.close());
  let state: NearbyState | undefined;
  client.nearbyFriends().subscribe((told) => (state = told));
  return {
    closes,
    isRight: () => state?.connection.state === 'live' && faultOf(member, state.friends) === null,
  };
}

/**
 * Waits until it is over and every list is right.
 * @returns how long each of those who lost their socket was without a right list, milliseconds, the shortest first.
 */
async function cameBack(apps: readonly App[], over: Promise<unknown>): Promise<number[]> {
  const tookMs = new Map<App, number>();
  let isOver = false;
  const end = (): boolean => (isOver = true);
  over.then(end, end);
  const giveUpAt = performance.now() + 30_000;
  const isBack = (app: App): boolean => app.isRight() && (app.closes.length === 0 || tookMs.has(app));
  while (!isOver || !apps.every(isBack)) {
    const now = performance.now();
    for (const app of apps) {
      const [loss] = app.closes;
      if (loss !== undefined && !tookMs.has(app) && app.isRight()) tookMs.set(app, now - loss.atMs);
    }
    if (now > giveUpAt) expect.fail(`${apps.filter((app) => !isBack(app)).length} lists are not right`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await over;
  return [...tookMs.values()].sort((a, b) => a - b);
}

test('the settings are those of docs/clients.md', async () => {
  const squeezed = async (file: string): Promise<string> =>
    (await readFile(file, 'utf8')).replace(/\s|,(?=\s*\))/g, '');
  const settings = /retryAttempts:.*?(?=\}\);)/.exec(await squeezed('docs/clients.md'))?.[0] ?? 'none';
  expect(await squeezed('test/support/app-socket.ts')).toContain(settings);
});

test('whichever server goes, politely or not, its clients have the right list again within 6 s', async ({
  annotate,
}) => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const ports = await Promise.all(SERVERS.map(freePort));
  const start = (server: number) =>
    startServer({
      PORT: String(ports[server]),
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      DRAIN_SECONDS: String(DRAIN_SECONDS),
    });
  const servers = SERVERS.map(start);
  const haproxy = await startHaproxy(ports);
  onTestFinished(() => haproxy.close());
  const crowd = await createCrowd(database.url, CLIENTS);
  await Promise.all(servers.map(({ url }) => url));
  await haproxy.untilReady(SERVERS);
  const moveAll = (members: readonly Member[]) =>
    Promise.all(members.map((member) => moveSomewhere(haproxy.url, member)));

  await moveAll(crowd);
  const apps = crowd.map((member, index) =>
    (index < SDK_CLIENTS ? openSdkApp : openSocketApp)(haproxy.url, member),
  );
  await cameBack(apps, Promise.resolve());

  for (const [server, signal, code] of [
    [0, 'SIGKILL', ABNORMAL],
    [1, 'SIGTERM', SERVICE_RESTART],
    [2, 'SIGKILL', ABNORMAL],
  ] as const) {
    for (const { closes } of apps) closes.length = 0;
    const ended = servers[server]?.ended;
    servers[server]?.child.kill(signal);
    if (signal === 'SIGKILL') await ended;
    // Who comes back has missed something.
    const moved = moveAll(crowd.filter((_, index) => index % 3 === server));
    const tookMs = await cameBack(apps, Promise.all([moved, ended]));
    await annotate(
      `${signal}: ${tookMs.length} clients, ${Math.round(tookMs[tookMs.length >> 1] ?? 0)} ms (median), ` +
        `${Math.round(tookMs.at(-1) ?? 0)} ms (worst)`,
    );
    expect(tookMs.length).toBeGreaterThan(CLIENTS / 5);
    expect(tookMs.at(-1)).toBeLessThan(BACK_WITHIN_MS);
    expect(new Set(apps.flatMap(({ closes }) => closes.map((each) => each.code)))).toEqual(new Set([code]));
    expect((await ended)?.status).toBe(signal === 'SIGTERM' ? 0 : null);
    servers[server] = start(server);
    await servers[server].url;
    await haproxy.untilReady(SERVERS);
  }
}, 120_000);
