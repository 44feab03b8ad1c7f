/** Push messages where push services, Redis or the keys are away. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/config.js';
import { act, ask, befriend, codesOf, metric, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster } from '../support/nodes.js';
import { type PushService, startPushService, type TestBrowser } from '../support/push-service.js';

const SENT = { timeout: 6_000, interval: 20 };
const HERE = { latitude: 48.2, longitude: 16.37 };
const ADD = 'mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) }';

let services: [PushService, PushService];

beforeAll(async () => {
  const first = await startPushService();
  services = [first, await startPushService(first.config)];
});
afterAll(() => Promise.all(services.map((service) => service.close())));

/** One server that sends to both services, and what it logs. */
async function start(settings: Partial<Config> = {}) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const [{ config, origin }, other] = services;
  const push = { ...config, services: [origin, other.origin] };
  const cluster = await startTestCluster(1, { push, ...settings }, { log: pino({ level: 'trace' }, stream) });
  onTestFinished(() => cluster.close());
  return { cluster, url: cluster.urls[0] ?? '', lines };
}

async function subscribe(url: string, user: TestUser, service = services[0]): Promise<TestBrowser> {
  const browser = service.subscribe();
  const { endpoint, p256dh, auth } = browser;
  await ask(url, user.token, ADD, { input: { endpoint, p256dh, auth } });
  return browser;
}

async function asked(url: string, user: TestUser): Promise<void> {
  await act(url, await signUp(url), `sendFriendRequest(userId: "${user.id}") { id }`);
}

it('a push service that does not answer delays nobody, holds a bounded number of calls and is given up; nothing tells its URL', async () => {
  const { url, lines } = await start();
  const [deafService, service] = services;
  const [ann, bob] = [await signUp(url), await signUp(url)];
  const browsers = [];
  for (let count = 0; count < 10; count++) {
    const deaf = await subscribe(url, ann);
    deafService.answer(deaf, () => undefined);
    browsers.push(deaf);
  }
  const open = await subscribe(url, bob, service);
  for (let count = 0; count < 5; count++) await asked(url, ann);
  await expect.poll(() => deafService.open, SENT).toBe(32);
  const startedAtMs = performance.now();
  await asked(url, bob);
  await expect.poll(() => open.received, SENT).toHaveLength(1);
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  expect(deafService.open).toBe(32);

  // Those that were given up make room for the others.
  const failed = () => metric(url, 'nearby_pushes_total{kind="friend-request",outcome="failed"}');
  await expect.poll(failed, { timeout: 15_000, interval: 100 }).toBeGreaterThanOrEqual(32);
  expect(lines.join('')).toContain('does not answer: TimeoutError');
  expect(await metric(url, 'nearby_dependency_failures_total{cause="push"}')).toBeGreaterThanOrEqual(32);
  for (const { endpoint, auth } of browsers) {
    expect(lines.join('')).not.toContain(new URL(endpoint).pathname);
    expect(lines.join('')).not.toContain(auth);
  }
}, 60_000);

it('a server that closes gives up what is being sent', async () => {
  const { cluster, url } = await start();
  const [deafService] = services;
  const ann = await signUp(url);
  const deaf = await subscribe(url, ann);
  await expect.poll(() => deafService.open, SENT).toBe(0);
  deafService.answer(deaf, () => undefined);
  await asked(url, ann);
  await expect.poll(() => deafService.open, SENT).toBe(1);
  const startedAtMs = performance.now();
  await cluster.stop(0);
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  await expect.poll(() => deafService.open, SENT).toBe(0);
});

it('while Redis is away nobody is told that somebody is near; friend requests are sent all the same', async () => {
  const { cluster, url } = await start();
  const [bob, ada] = [await signUp(url), await signUp(url)];
  await befriend(url, bob, ada);
  const browser = await subscribe(url, bob);
  await act(url, bob, `setNearAlert(friendId: "${ada.id}", radiusMeters: 500) { radiusMeters }`);
  await move(url, bob, HERE);
  await expect.poll(() => metric(url, 'nearby_alerted_users'), SENT).toBe(1);
  await cluster.redis.kill9();
  onTestFinished(() => cluster.redis.restart());
  await move(url, ada, HERE);
  await asked(url, bob);
  await expect.poll(() => browser.received, SENT).toHaveLength(1);
  expect(browser.received[0]?.message).toMatchObject({ kind: 'friend-request' });
});

it('a user is watched for with an alert and a browser alone', async () => {
  const { url } = await start();
  const watched = () => metric(url, 'nearby_alerted_users');
  const [bob, ada] = [await signUp(url), await signUp(url)];
  await befriend(url, bob, ada);
  await move(url, bob, HERE);
  const browser = await subscribe(url, bob);
  const alert = (radius: number | null) =>
    act(url, bob, `setNearAlert(friendId: "${ada.id}", radiusMeters: ${radius}) { radiusMeters }`);
  expect(await watched()).toBe(0);
  await alert(500);
  await expect.poll(watched, SENT).toBe(1);
  await act(url, bob, `removePushSubscription(endpoint: "${browser.endpoint}")`);
  await expect.poll(watched, SENT).toBe(0);
  await subscribe(url, bob);
  await expect.poll(watched, SENT).toBe(1);
  await alert(null);
  await expect.poll(watched, SENT).toBe(0);
});

it('a server without keys says so, and subscribes nobody', async () => {
  const { url } = await start({ push: null });
  const user = await signUp(url);
  expect(await ask(url, user.token, '{ server { pushPublicKey } }')).toEqual({
    server: { pushPublicKey: null },
  });
  const { endpoint, p256dh, auth } = services[0].subscribe();
  expect(await codesOf(url, user.token, ADD, { input: { endpoint, p256dh, auth } })).toEqual([
    'BAD_USER_INPUT',
  ]);
  await asked(url, user);
  await move(url, user, HERE);
  expect(await metric(url, 'nearby_alerted_users')).toBe(0);
});
