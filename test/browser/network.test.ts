/** The map page while the network or the page itself is away: it is up to date within 2 s of coming back. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { befriend, move, signUp, type TestUser } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { startWire, type Wire } from '../support/wire.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
const BACK_WITHIN = { timeout: 2_000, interval: 20 };

let cluster: TestCluster;
let browser: Browser;
let url: string;
let wire: Wire;
let friend: TestUser;
let mine: MapPage;
let page: Page;
let context: BrowserContext;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser(WITHOUT_MAP)]);
  url = cluster.urls[0] as string;
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});
beforeEach(async () => {
  wire = await startWire(url);
  const viewer = await signUp(url);
  await move(url, viewer, SYNTAGMA);
  friend = await signUp(url, undefined, 'Grace');
  await befriend(url, viewer, friend);
  await move(url, friend, SYNTAGMA);
  mine = await openMapPage(browser, wire.url, {
    geolocation: { ...travel(SYNTAGMA, 90, 1_000), accuracy: 5 },
    permissions: ['geolocation'],
  });
  page = mine.page;
  context = page.context();
  await mine.signIn(viewer.handle);
  await expect.poll(distance, PATIENCE).toContain('0 m');
});
afterEach(async () => {
  await context.close();
  await wire.close();
});

const distance = async (): Promise<string> => (await mine.nearby('Grace').allInnerTexts()).join(' ');

it('after an outage friends see the true place, and the page shows theirs', async () => {
  const list = follow(url, friend);
  await list.until(({ entries }) => entries.size === 1);
  wire.cut();
  await expect.poll(() => mine.connection.innerText(), PATIENCE).toContain('Reconnecting');
  wire.mend();
  // From here on the network swallows what the browser sends.
  wire.stall();
  await page.waitForTimeout(2_000);
  await context.setOffline(true);
  await mine.tellWhereFrom('Use my location');
  await move(url, friend, travel(SYNTAGMA, 90, 3_000));
  wire.strand();
  await context.setOffline(false);
  await list.until(
    ({ entries }) =>
      [...entries.values()].some(({ location }) => Math.abs(location.longitude - SYNTAGMA.longitude) > 0.01),
    BACK_WITHIN.timeout,
  );
  await expect.poll(distance, PATIENCE).toContain('2 km');
  expect(await mine.connection.innerText()).toBe('Live');
});

it('a page that was frozen while its connection was lost goes on', async () => {
  const session = await context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  wire.cut();
  await move(url, friend, travel(SYNTAGMA, 90, 3_000));
  wire.mend();
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await expect.poll(distance, BACK_WITHIN).toContain('3 km');
  expect(await mine.connection.innerText()).toBe('Live');
});
