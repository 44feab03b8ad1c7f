/** The page as an installed app: it opens without a network, under any path, and is never older than the server's. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { befriend, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPageIn } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** Each opens several pages, and waits for what a browser does when it has nothing else to do. */
const SLOW = { timeout: 60_000 };

let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser(WITHOUT_MAP)]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

/** A page whose service worker has all it needs, and which has kept its list. */
async function openSeeing(): Promise<{ mine: MapPage; context: BrowserContext; viewer: TestUser }> {
  const [viewer, friend] = [await signUp(url), await signUp(url, undefined, 'Grace')];
  await befriend(url, viewer, friend);
  await move(url, viewer, HERE);
  await move(url, friend, travel(HERE, 0, 1_200));
  const context = await browser.newContext({ locale: 'en-IE', colorScheme: 'light' });
  onTestFinished(() => context.close());
  const mine = await openMapPageIn(context, url);
  await mine.signIn(viewer.handle);
  await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
  await mine.page.evaluate(() => navigator.serviceWorker.ready);
  return { mine, context, viewer };
}

const text = (page: Page) => page.locator('main').innerText();

it('without a network the page opens, and shows the last list as old', SLOW, async () => {
  const { mine, context } = await openSeeing();
  const { page } = mine;
  await context.setOffline(true);
  await page.reload();
  await expect.poll(() => text(page), PATIENCE).toMatch(/As of \d{1,2}:\d\d: you are offline\./);
  expect(await mine.nearby('Grace').innerText()).toContain('1.2 km');
  // It knows the settings of its server.
  expect(await page.getByText('default settings').count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  await context.setOffline(false);
  await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Live');
  await expect.poll(() => text(page), PATIENCE).not.toContain('you are offline');
  await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
});

it('nobody is shown for longer than the server would', SLOW, async () => {
  const { mine, context } = await openSeeing();
  const { page } = mine;
  await context.setOffline(true);
  await context.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + 590_000;
  });
  await page.reload();
  await expect.poll(() => text(page), PATIENCE).toContain('you are offline');
  expect(await mine.nearby('Grace').count()).toBe(1);
  await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(0);
  await context.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + 20_000;
  });
  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  expect(await page.evaluate(() => localStorage.getItem('nearby-friends-last-list'))).toBeNull();
});

it('signing out erases the list, also in another tab; another user never sees it', SLOW, async () => {
  const { mine, context, viewer } = await openSeeing();
  const { page } = mine;
  const other = await context.newPage();
  await other.goto(url);
  await other.getByRole('button', { name: 'Sign out' }).waitFor();
  const kept = () => page.evaluate(() => localStorage.getItem('nearby-friends-last-list'));
  await expect.poll(kept, PATIENCE).toContain(viewer.id);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  expect(await kept()).toBeNull();

  const stranger = await signUp(url);
  await mine.signIn(stranger.handle);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await context.setOffline(true);
  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.waitForFunction(() => !navigator.onLine);
  expect(await mine.nearby('Grace').count()).toBe(0);
});

it('keeps no answer of the API, and takes the page from the server while there is one', SLOW, async () => {
  const { mine, context } = await openSeeing();
  const { page } = mine;
  await page.reload();
  await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Live');
  const cached = () =>
    page.evaluate(async () => {
      const names = await caches.keys();
      const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return { names, paths: all.flat().map((request) => new URL(request.url).pathname) };
    });
  const { names, paths } = await cached();
  expect(names).toHaveLength(1);
  expect(paths).toContain('/');
  expect(
    paths.filter((path) => !/^\/(assets\/.+|page\.json|[\w-]+\.(svg|webmanifest))?$/.test(path)),
  ).toEqual([]);

  // While there is a network the page that is kept does not count: it may be an old one.
  await page.evaluate(async () => {
    const [name = ''] = await caches.keys();
    const old = new Response('<title>Old</title>', { headers: { 'content-type': 'text/html' } });
    await (await caches.open(name)).put('./', old);
  });
  await page.reload();
  expect(await page.title()).toBe('Nearby Friends');
  await context.setOffline(true);
  await page.reload();
  expect(await page.title()).toBe('Old');
  // GraphiQL and the rest of the server go past the service worker.
  await expect(page.goto(`${url}/health/live`)).rejects.toThrow();
});

it('a cache of another version goes; one of another deployment on the origin stays', SLOW, async () => {
  const { mine } = await openSeeing();
  const { page } = mine;
  await page.evaluate(async () => {
    for (const name of ['nearby-friends / old', 'nearby-friends /other/ old', 'else'])
      await caches.open(name);
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.unregister();
  });
  await page.reload();
  await page.evaluate(() => navigator.serviceWorker.ready);
  const names = () => page.evaluate(() => caches.keys());
  await expect.poll(names, PATIENCE).not.toContain('nearby-friends / old');
  expect(await names()).toEqual(expect.arrayContaining(['nearby-friends /other/ old', 'else']));
});

it('can be installed', SLOW, async () => {
  const { mine, context } = await openSeeing();
  const session = await context.newCDPSession(mine.page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A window of a private context is none to install from; everything else is right.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual(
    [],
  );
  const worker = await fetch(`${url}/sw.js`);
  expect(worker.headers.get('cache-control')).toBe('no-cache');
  expect(worker.headers.get('content-type')).toContain('javascript');
  for (const icon of ['icon-192.png', 'icon-512.png', 'icon-maskable-512.png', 'apple-touch-icon.png']) {
    expect((await fetch(`${url}/${icon}`)).headers.get('content-type')).toBe('image/png');
  }
});
