/** What the load balancer's configuration promises, with real servers, and with some that misbehave. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  get,
  type IncomingMessage,
  request as sendRequest,
  type RequestListener,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readConfig } from '../../src/config.js';
import { connectForTest, metric, move, requestOverSocket, signUp, type TestUser } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { type Haproxy, startHaproxy } from '../support/haproxy.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';

// Each starts three servers and a load balancer.
vi.setConfig({ testTimeout: 60_000 });

const HERE = { latitude: 48.21, longitude: 16.37 };
const ALL = [0, 1, 2];

async function openHaproxy(ports: readonly number[]): Promise<Haproxy> {
  const haproxy = await startHaproxy(ports);
  onTestFinished(() => haproxy.close());
  return haproxy;
}

async function threeServers(): Promise<{ cluster: TestCluster; haproxy: Haproxy; user: TestUser }> {
  const cluster = await startTestCluster(3, { drainSeconds: 600 });
  onTestFinished(() => cluster.close());
  const haproxy = await openHaproxy(cluster.urls.map((url) => Number(new URL(url).port)));
  await haproxy.untilReady(ALL);
  return { cluster, haproxy, user: await signUp(cluster.urls[0] as string) };
}

const ofEach = (cluster: TestCluster, name: string): Promise<number[]> =>
  Promise.all(cluster.urls.map((url) => metric(url, name)));

async function openSockets({ url }: Haproxy, user: TestUser, count: number): Promise<void> {
  for (let opened = 0; opened < count; opened++) await follow(url, user).next();
}

async function getLive(url: string, agent: Agent): Promise<{ status?: number | undefined; reused: boolean }> {
  const sent = get(`${url}/health/live`, { agent });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  return { status: response.statusCode, reused: sent.reusedSocket };
}

describe('three servers', () => {
  it('take requests in turns, and sockets where there are fewest', async () => {
    const { cluster, haproxy, user } = await threeServers();
    for (let sent = 0; sent < 9; sent++) await move(haproxy.url, user, HERE);
    expect(await ofEach(cluster, 'nearby_location_updates_total{recorded="true"}')).toEqual([3, 3, 3]);
    for (let opened = 0; opened < 2; opened++) await follow(cluster.urls[1] as string, user).next();
    await openSockets(haproxy, user, 6);
    expect(await ofEach(cluster, 'nearby_connections')).toEqual([2, 4, 2]);
  });

  it('limit clients by their addresses, which only the load balancer knows', async () => {
    const limits = { ...readConfig({}).limits, signUpsPerAddress: 2 };
    const cluster = await startTestCluster(3, { trustedProxies: ['127.0.0.1'], limits });
    onTestFinished(() => cluster.close());
    const haproxy = await openHaproxy(cluster.urls.map((url) => Number(new URL(url).port)));
    await haproxy.untilReady(ALL);
    let made = 0;
    const signUpFrom = async (localAddress: string): Promise<boolean> => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `203.0.113.${++made}` };
      const sent = sendRequest(`${haproxy.url}/graphql`, { method: 'POST', localAddress, headers });
      const input = `{ handle: "client_${made}", displayName: "C", password: "correct horse" }`;
      sent.end(JSON.stringify({ query: `mutation { signUp(input: ${input}) { user { id } } }` }));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return !(await text(response)).includes('RATE_LIMITED');
    };
    const passed = [];
    for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.3'])
      passed.push(await signUpFrom(address));
    expect(passed).toEqual([true, true, true, false, false, true]);
  });

  it('of which one is about to go, which nobody has noticed yet, take its new sockets over', async () => {
    const { cluster, haproxy, user } = await threeServers();
    void cluster.nodes[0]?.drain();
    await openSockets(haproxy, user, 8);
    expect(await ofEach(cluster, 'nearby_connections')).toEqual([0, 4, 4]);
    await haproxy.untilReady([1, 2]);
    // No waves are left to wait for.
    void cluster.nodes[0]?.drain();
  });

  it('that lose Redis, and are not ready, do what they still can', async () => {
    const { cluster, haproxy, user } = await threeServers();
    await cluster.redis.kill9();
    await haproxy.untilReady([]);
    expect((await fetch(`${haproxy.url}/health/ready`)).status).toBe(503);
    expect(await move(haproxy.url, user, HERE)).toMatchObject({ recorded: true });
    const client = connectForTest(haproxy.url, user.token);
    expect((await requestOverSocket(client, '{ me { id } }')).data).toEqual({ me: { id: user.id } });
  });

  it('show their metrics to nobody outside', async () => {
    const { haproxy } = await threeServers();
    for (const path of ['/metrics', '/metrics?x', '//metrics', '/%6detrics'])
      expect((await fetch(haproxy.url + path)).status, path).toBe(404);
    expect((await fetch(`${haproxy.url}/health/ready`)).status).toBe(200);
  });

  it('keep a socket that nothing is said on, and a connection that rests, for as long as their server does', async () => {
    const { haproxy, user } = await threeServers();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    expect(await getLive(haproxy.url, agent)).toEqual({ status: 200, reused: false });
    const raw = await openRawSocket(haproxy.url);
    await raw.init(user.token);
    // A ping after 30 s, which `ws` answers.
    const pinged = new Promise((resolve) => raw.socket.once('ping', resolve));
    await pinged;
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } });
    await raw.message(({ type }) => type === 'next');
    raw.socket.close();
    expect(await getLive(haproxy.url, agent)).toEqual({ status: 200, reused: true });
  }, 60_000);
});

describe('servers that do not answer', () => {
  /** Three of them, ready by their own account, for as long as they answer that; tells how many other requests came. */
  async function threeThat(
    misbehave: RequestListener,
    answersChecks: (asked: number) => boolean = () => true,
  ): Promise<{ haproxy: Haproxy; asked(): number }> {
    let asked = 0;
    const ports = await Promise.all(
      ALL.map(async () => {
        const server = createServer((request, response) => {
          if (request.url?.startsWith('/health/') === true) {
            if (answersChecks(asked)) response.end();
            return;
          }
          asked += 1;
          misbehave(request, response);
        });
        onTestFinished(() => server.closeAllConnections());
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        onTestFinished(() => void server.close());
        return (server.address() as AddressInfo).port;
      }),
    );
    const haproxy = await openHaproxy(ports);
    await haproxy.untilReady(ALL);
    return { haproxy, asked: () => asked };
  }

  it.each([
    ['a mutation, which may have been done, is sent once', 'POST', 1],
    ['a query is sent to the others too', 'GET', 4],
  ])('%s', async (_name, method, times) => {
    const { haproxy, asked } = await threeThat((request) => request.socket.destroy());
    const body = method === 'POST' ? '{"query":"mutation { signOut }"}' : null;
    expect((await fetch(`${haproxy.url}/graphql`, { method, body })).status).toBe(502);
    expect(asked()).toBe(times);
  });

  it('an upgrade that one leaves unanswered goes to another', async () => {
    const { haproxy, asked } = await threeThat(() => undefined);
    const raw = openRawSocket(haproxy.url);
    raw.catch(() => undefined);
    await vi.waitFor(() => expect(asked()).toBe(2), 6_000);
  });

  it('an upgrade that two leave unanswered is tried again when none is taken for ready any more', async () => {
    const { haproxy, asked } = await threeThat(
      () => undefined,
      (soFar) => soFar === 0,
    );
    const raw = openRawSocket(haproxy.url);
    raw.catch(() => undefined);
    await haproxy.untilReady([]);
    await vi.waitFor(() => expect(asked()).toBe(3), 9_000);
  });
});
