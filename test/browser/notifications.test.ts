/**
 * Notifications as somebody turns them on: the server and its messages are real. The browser of the tests has no push
 * service, so `PushManager` is one of ours, and the browser's own tools hand what was sent to the service worker.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { act, ask, befriend, move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type PushService, startPushService, type TestBrowser } from '../support/push-service.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPageIn } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
const SLOW = { timeout: 60_000 };

let service: PushService;
let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  service = await startPushService();
  [cluster, browser] = await Promise.all([
    startTestCluster(1, { push: service.config }),
    launchBrowser(WITHOUT_MAP),
  ]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
  await service.close();
});

/** A page in a browser of its own, whose push service is ours. */
async function open(
  permission: 'granted' | 'denied' = 'granted',
): Promise<MapPage & { receiver: TestBrowser }> {
  const context = await browser.newContext({ locale: 'en-IE', colorScheme: 'light' });
  onTestFinished(() => context.close());
  if (permission === 'granted') await context.grantPermissions(['notifications'], { origin: url });
  const receiver = service.subscribe();
  const { endpoint, p256dh, auth } = receiver;
  await context.addInitScript(stubPushManager, { endpoint, p256dh, auth, permission });
  return { ...(await openMapPageIn(context, url)), receiver };
}

/** Runs in the page before its own scripts. What was subscribed is there after a reload, too. */
function stubPushManager(given: {
  endpoint: string;
  p256dh: string;
  auth: string;
  permission: string;
}): void {
  const KEY = 'test: subscribed with';
  const subscription = {
    endpoint: given.endpoint,
    toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }),
    async unsubscribe() {
      localStorage.removeItem(KEY);
      return true;
    },
  };
  Object.assign(PushManager.prototype, {
    async subscribe({ applicationServerKey }: { applicationServerKey: string }) {
      localStorage.setItem(KEY, applicationServerKey);
      return subscription;
    },
    getSubscription: async () => (localStorage.getItem(KEY) === null ? null : subscription),
  });
  Notification.requestPermission = async () => given.permission as NotificationPermission;
}

const control = (page: Page) => page.getByRole('group', { name: 'Notifications' });
const button = (page: Page, name: string) => control(page).getByRole('button', { name, exact: true });
const isOn = (page: Page) => button(page, 'Notify me').getAttribute('aria-pressed');

/**
 * Hands a message to the page's service worker, as the browser does with one that it was sent. The session stays open:
 * when it is closed, Chromium forgets messages that are still on their way to the worker.
 */
async function deliver({ page }: MapPage, message: unknown): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('ServiceWorker.enable');
  const registration = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL }) => scopeURL === `${url}/`);
      if (found !== undefined) resolve(found.registrationId);
    });
  });
  await session.send('ServiceWorker.disable');
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.deliverPushMessage', {
    origin: url,
    registrationId: await registration,
    data: JSON.stringify(message),
  });
}

/** Clicks on a notification, and returns which windows are brought to the front and which are opened. */
async function click(page: Page, title: string): Promise<unknown> {
  const worker = page.context().serviceWorkers()[0];
  if (worker === undefined) throw new Error('There is no service worker.');
  return worker.evaluate(clickInWorker, title);
}

/** Runs in the service worker. Only a user's own click may bring windows to the front, so that is written down. */
async function clickInWorker(title: string): Promise<unknown> {
  const { registration, clients, WindowClient, NotificationEvent } = globalThis as typeof globalThis &
    WorkerScope;
  const done: unknown[] = [];
  WindowClient.prototype.focus = async function focus() {
    done.push(['focus', new URL(this.url).pathname]);
    return this;
  };
  clients.openWindow = async (opened) => void done.push(['open', new URL(opened).pathname]);
  const notification = (await registration.getNotifications()).find((each) => each.title === title);
  if (notification === undefined) throw new Error(`There is no notification "${title}".`);
  const event = new NotificationEvent('notificationclick', { notification });
  const waits: Promise<unknown>[] = [];
  event.waitUntil = (promise) => void waits.push(promise);
  dispatchEvent(event);
  await Promise.all(waits);
  return done;
}

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { openWindow(url: string): Promise<void> };
  readonly WindowClient: { readonly prototype: { readonly url: string; focus(): Promise<unknown> } };
  readonly NotificationEvent: new (
    type: string,
    init: { readonly notification: Notification },
  ) => Event & { waitUntil(promise: Promise<unknown>): void };
}

const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title }) => title);
  });

it(
  'whoever turns them on is told of requests and of a friend who comes near; signing out ends that',
  SLOW,
  async () => {
    const [user, ada] = [await signUp(url), await signUp(url, undefined, 'Ada')];
    await befriend(url, user, ada);
    const mine = await open();
    const { page, receiver } = mine;
    await mine.signIn(user.handle);
    await button(page, 'Notify me').click();
    await expect.poll(() => isOn(page), PATIENCE).toBe('true');
    expect(await page.evaluate(() => localStorage.getItem('test: subscribed with'))).toBe(
      service.config.publicKey,
    );

    const eve = await signUp(url, undefined, 'Eve');
    await act(url, eve, `sendFriendRequest(userId: "${user.id}") { id }`);
    await expect.poll(() => receiver.received, PATIENCE).toHaveLength(1);
    await deliver(mine, receiver.received[0]?.message);
    await expect.poll(() => shown(page), PATIENCE).toEqual(['Eve wants to be friends']);

    await page.getByRole('button', { name: `Ada @${ada.handle}` }).click();
    const choice = page.getByLabel('Tell me when within');
    expect(await choice.inputValue()).toBe('');
    await choice.selectOption('500 m');
    const alerts = '{ nearAlerts { edges { node { radiusMeters } } } }';
    const edges = [{ node: { radiusMeters: 500 } }];
    await expect.poll(() => ask(url, user.token, alerts), PATIENCE).toEqual({ nearAlerts: { edges } });
    await move(url, user, HERE);
    await move(url, ada, HERE);
    await expect.poll(() => receiver.received, PATIENCE).toHaveLength(2);
    await deliver(mine, receiver.received[1]?.message);
    await expect.poll(() => shown(page), PATIENCE).toContain('Ada is near');
    expect(await accessibilityFaults(page)).toEqual([]);

    // A click shows the page that is open, and the notification is gone.
    expect(await click(page, 'Ada is near')).toEqual([['focus', '/']]);
    expect(await shown(page)).toEqual(['Eve wants to be friends']);
    await page.goto('about:blank');
    expect(await click(page, 'Eve wants to be friends')).toEqual([['open', '/']]);

    await page.goto(url);
    await expect.poll(() => isOn(page), PATIENCE).toBe('true');
    await page.getByRole('button', { name: `Ada @${ada.handle}` }).click();
    await expect.poll(() => page.getByLabel('Tell me when within').inputValue(), PATIENCE).toBe('500');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem('test: subscribed with')), PATIENCE)
      .toBeNull();
    const other = await signUp(url);
    await act(url, other, `sendFriendRequest(userId: "${user.id}") { id }`);
    await mine.signIn(other.handle);
    await expect.poll(() => isOn(page), PATIENCE).toBe('false');
    expect(receiver.received).toHaveLength(2);
    expect(mine.errors).toEqual([]);
  },
);

it('turning them off ends it on the server, too', SLOW, async () => {
  const user = await signUp(url);
  const mine = await open();
  await mine.signIn(user.handle);
  await button(mine.page, 'Notify me').click();
  await expect.poll(() => isOn(mine.page), PATIENCE).toBe('true');
  await button(mine.page, 'Do not notify').click();
  await expect.poll(() => isOn(mine.page), PATIENCE).toBe('false');
  const gone = () => act(url, user, `removePushSubscription(endpoint: "${mine.receiver.endpoint}")`);
  await expect.poll(gone, PATIENCE).toBe(false);
});

it('a browser that refuses says what to do', SLOW, async () => {
  const user = await signUp(url);
  const mine = await open('denied');
  await mine.signIn(user.handle);
  await button(mine.page, 'Notify me').click();
  await expect
    .poll(() => control(mine.page).innerText(), PATIENCE)
    .toContain('Allow notifications in the settings');
  expect(mine.receiver.received).toEqual([]);
});

it('a server that sends none offers none', SLOW, async () => {
  const without = await startTestCluster(1);
  onTestFinished(() => without.close());
  const at = without.urls[0] ?? '';
  const [user, ada] = [await signUp(at), await signUp(at, undefined, 'Ada')];
  await befriend(at, user, ada);
  const context = await browser.newContext({ locale: 'en-IE', colorScheme: 'light' });
  onTestFinished(() => context.close());
  const mine = await openMapPageIn(context, at);
  await mine.signIn(user.handle);
  await mine.page.getByRole('button', { name: `Ada @${ada.handle}` }).click();
  await mine.page.getByRole('button', { name: 'Not at all' }).waitFor();
  expect(await control(mine.page).count()).toBe(0);
  expect(await mine.page.getByLabel('Tell me when within').count()).toBe(0);
});
