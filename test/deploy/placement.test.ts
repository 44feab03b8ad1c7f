/** Where the load balancer's configuration puts the sockets of clients that say which number their place has. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryTokens, UpdateLocationDocument } from 'nearby-friends-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { metric } from '../support/api.js';
import { type Haproxy, startHaproxy } from '../support/haproxy.js';
import { startTestCluster } from '../support/nodes.js';
import { HERE, newHandle, openClient, PASSWORD } from '../support/sdk-client.js';

// Each starts three servers and a load balancer.
vi.setConfig({ testTimeout: 60_000 });

const ALL = [0, 1, 2];
/** As deploy/haproxy/haproxy.cfg allows. */
const BOUND = 1.25;

/** Three servers that say which one they are, as the first message of each socket. */
async function threeServers() {
  const isReady = [true, true, true];
  const servers = await Promise.all(
    ALL.map(async (index) => {
      const http = createServer((_request, response) => {
        response.writeHead(isReady[index] === true ? 200 : 503).end();
      });
      const sockets = new WebSocketServer({ noServer: true });
      http.on('upgrade', (request, stream, head) => {
        if (isReady[index] !== true) {
          stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        sockets.handleUpgrade(request, stream, head, (socket) => {
          socket.send(String(index));
        });
      });
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      const close = (): void => {
        for (const socket of sockets.clients) socket.terminate();
        http.close();
        http.closeAllConnections();
      };
      onTestFinished(close);
      return { port: (http.address() as AddressInfo).port, close };
    }),
  );
  const haproxy = await startHaproxy(servers.map(({ port }) => port));
  onTestFinished(() => haproxy.close());
  await haproxy.untilReady(ALL);
  return { servers, haproxy, isReady };
}

interface Placed {
  readonly server: number;
  /** Resolves when the load balancer does not count it any more. */
  close(): Promise<void>;
}

/** @param near the number that the client sends; null sends none. */
async function connect({ url, untilIdle }: Haproxy, near: string | null): Promise<Placed> {
  const query = near === null ? '' : `?near=${near}`;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql${query}`);
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  const [data] = (await once(socket, 'message')) as [Buffer];
  return {
    server: Number(data.toString()),
    async close() {
      socket.terminate();
      await untilIdle();
    },
  };
}

async function connectAll(haproxy: Haproxy, numbers: readonly (string | null)[]): Promise<number[]> {
  const servers: number[] = [];
  for (const near of numbers) servers.push((await connect(haproxy, near)).server);
  return servers;
}

/** How many sockets each server has. */
const counts = (servers: readonly number[]): number[] =>
  ALL.map((index) => servers.filter((server) => server === index).length);

/** The share of pairs of sockets with the same number that are on the same server. */
function shareTogether(numbers: readonly (string | null)[], servers: readonly number[]): number {
  let [pairs, together] = [0, 0];
  for (const [one, near] of numbers.entries()) {
    for (let other = 0; other < one; other++) {
      if (numbers[other] !== near) continue;
      pairs += 1;
      if (servers[other] === servers[one]) together += 1;
    }
  }
  return together / pairs;
}

/** People of 31 places, 10 in each, as they come: of all places in turn, which servers in turn would tear apart. */
const CROWD = Array.from({ length: 310 }, (_, index) => String(1_000_003 * ((index % 31) + 1)));

it('people who are near each other share a server, and none has more than the bound', async () => {
  const { haproxy } = await threeServers();
  const servers = await connectAll(haproxy, CROWD);
  // A third, were they anywhere.
  expect(shareTogether(CROWD, servers)).toBeGreaterThan(0.8);
  expect(Math.max(...counts(servers))).toBeLessThanOrEqual(Math.ceil(BOUND * (CROWD.length / 3)) + 1);
});

it('a hot city spreads over as many servers as it needs, and so does whoever makes up a number', async () => {
  const { haproxy } = await threeServers();
  const servers = await connectAll(haproxy, Array<string>(120).fill('4242424242'));
  expect(Math.max(...counts(servers))).toBeLessThanOrEqual(BOUND * 40 + 1);
  expect(Math.min(...counts(servers))).toBeGreaterThan(0);
  const madeUp = await connectAll(haproxy, ['0', '-1', '%00', 'x'.repeat(32), '%27%22', '1&near=2']);
  expect(madeUp.filter((server) => ALL.includes(server))).toHaveLength(6);
});

it('a client without a number, or with none that could be one, goes where the fewest of them are', async () => {
  const { haproxy } = await threeServers();
  await connectAll(haproxy, CROWD.slice(0, 30));
  expect(counts(await connectAll(haproxy, Array<null>(6).fill(null)))).toEqual([2, 2, 2]);
  expect(counts(await connectAll(haproxy, Array<string>(3).fill('')))).toEqual([1, 1, 1]);
  expect(counts(await connectAll(haproxy, Array<string>(3).fill('9'.repeat(5_000))))).toEqual([1, 1, 1]);
});

it('when a server is lost its places move together, the others stay, and all come back to it', async () => {
  const { haproxy, servers, isReady } = await threeServers();
  const homeOf = async (places: readonly string[]): Promise<Map<string, number>> => {
    const homes = new Map<string, number>();
    for (const near of places) {
      const placed = await connect(haproxy, near);
      homes.set(near, placed.server);
      await placed.close();
    }
    return homes;
  };
  const places = [...new Set(CROWD)].slice(0, 12);
  const before = await homeOf(places);
  expect(new Set(before.values()).size).toBe(3);

  isReady[1] = false;
  await haproxy.untilReady([0, 2]);
  const meanwhile = await homeOf(places);
  for (const [near, server] of before) {
    if (server === 1) expect(meanwhile.get(near), near).not.toBe(1);
    else expect(meanwhile.get(near), near).toBe(server);
  }

  isReady[1] = true;
  await haproxy.untilReady(ALL);
  expect(await homeOf(places)).toEqual(before);

  // Lost at once, before anybody has noticed: it answers nothing any more.
  servers[1]?.close();
  const after = await homeOf(places);
  for (const [near, server] of before) if (server !== 1) expect(after.get(near), near).toBe(server);
  expect([...after.values()]).not.toContain(1);
});

it('a server that drains, which nobody has noticed yet, is left for the next', async () => {
  const { haproxy, isReady } = await threeServers();
  const first = await connect(haproxy, '77');
  await first.close();
  isReady[first.server] = false;
  for (let sent = 0; sent < 4; sent++) {
    const { server, close } = await connect(haproxy, '77');
    expect(server).not.toBe(first.server);
    await close();
  }
});

it('the SDK comes back with the number, to the server that its neighbours are on', async () => {
  const cluster = await startTestCluster(3);
  onTestFinished(() => cluster.close());
  const haproxy = await startHaproxy(cluster.urls.map((url) => Number(new URL(url).port)));
  onTestFinished(() => haproxy.close());
  await haproxy.untilReady(ALL);
  const addresses: string[] = [];
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols);
      addresses.push(address);
    }
  }
  const tokens = memoryTokens();
  const options = { tokens, webSocketImpl: Socket };
  const client = openClient(haproxy.url, options);
  await client.signUp({ handle: newHandle(), displayName: 'Near', password: PASSWORD });
  await client.request(UpdateLocationDocument, { input: HERE });
  const near = tokens.load()?.near ?? '';
  expect(near).toMatch(/^\d+$/);

  const where = async (): Promise<number> => {
    const sockets = await Promise.all(cluster.urls.map((url) => metric(url, 'nearby_connections')));
    return sockets.indexOf(1);
  };
  const seen = new Set<number>();
  for (let visit = 0; visit < 3; visit++) {
    await client.close();
    await vi.waitFor(async () => expect(await where()).toBe(-1), { timeout: 10_000, interval: 20 });
    await haproxy.untilIdle();
    await client.request(UpdateLocationDocument, { input: HERE });
    seen.add(await where());
  }
  expect(seen.size).toBe(1);
  expect(addresses[0]).not.toContain('near');
  expect(addresses.slice(1)).toEqual(
    Array<string>(3).fill(`${haproxy.url.replace('http', 'ws')}/graphql?near=${near}`),
  );
});
