/** Tabs of one browser, which share the session and are one device. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire, type Wire } from '../support/wire.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { locationFrom, openMapPage } from './map-page.js';

const ROUND_TRIP_MS = 120;
const TOKENS = 'nearby-friends-tokens';

let cluster: TestCluster;
let wire: Wire;
let browser: Browser;
let context: BrowserContext;
let handle: string;
/** The first one is signed in. */
let tabs: [Page, Page];

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser(WITHOUT_MAP)]);
  wire = await startWire(cluster.urls[0] as string, ROUND_TRIP_MS / 2);
});
afterAll(async () => {
  await browser.close();
  await wire.close();
  await cluster.close();
});
afterEach(() => context.close());

async function openTabs(): Promise<void> {
  const user = await signUp(cluster.urls[0] as string, undefined, 'Tabs');
  handle = user.handle;
  const { page: first, signIn } = await openMapPage(browser, wire.url);
  await signIn(handle);
  await first.locator('.connection.live').waitFor();
  context = first.context();
  tabs = [first, await context.newPage()];
}

async function openBoth(): Promise<void> {
  await openTabs();
  await tabs[1].goto(wire.url);
  await tabs[1].locator('.connection.live').waitFor();
}

it('two that find their token at its end both go on, after one renewal of each at most', async () => {
  await openTabs();
  // A page of the same origin on which the app does not run, and so does not renew yet.
  await tabs[0].goto(`${wire.url}/health/live`);
  const renewals = new Map<Page, number>();
  context.on('request', (request) => {
    if (request.postData()?.includes('refreshToken(') !== true) return;
    const tab = request.frame().page();
    renewals.set(tab, (renewals.get(tab) ?? 0) + 1);
  });
  await tabs[0].evaluate((key) => {
    const tokens = JSON.parse(localStorage.getItem(key) ?? '{}') as object;
    localStorage.setItem(key, JSON.stringify({ ...tokens, accessTokenExpiresAt: new Date().toISOString() }));
  }, TOKENS);
  await Promise.all(tabs.map((tab) => tab.goto(wire.url)));
  for (const tab of tabs) await tab.locator('.connection.live').waitFor();
  // Mostly one renews for both. A tab may see what the other wrote to localStorage too late, and then renews as well.
  expect(renewals.size).toBeGreaterThan(0);
  for (const count of renewals.values()) expect(count).toBe(1);
});

it('one that signs out, or whose data are cleared, ends the other’s page, too', async () => {
  await openBoth();
  await tabs[0].getByRole('button', { name: 'Sign out' }).click();
  await tabs[1].getByText('Your session has ended. Sign in again.').waitFor();

  const { handle: other } = await signUp(cluster.urls[0] as string, undefined, 'Other');
  for (const name of [handle, other]) {
    // Whoever signs in in one tab is signed in in both, also after somebody else.
    await tabs[1].getByLabel('Handle').fill(name);
    await tabs[1].getByLabel('Password').fill('correct horse battery');
    await tabs[1].getByLabel('Password').press('Enter');
    for (const tab of tabs) await tab.getByText(`@${name}`, { exact: true }).waitFor();
    await tabs[0].evaluate(() => localStorage.clear());
    await tabs[1].getByText('Your session has ended. Sign in again.').waitFor();
    await tabs[0].reload();
    await tabs[0].getByLabel('Handle').waitFor();
  }
});

it('a place chosen in one holds in both, so that friends see one place', async () => {
  await openBoth();
  const isMarker = (tab: Page) => locationFrom(tab, 'Use a marker').getAttribute('aria-pressed');
  await locationFrom(tabs[0], 'Use a marker').click();
  await expect.poll(() => isMarker(tabs[1])).toBe('true');
  await locationFrom(tabs[1], 'Off').click();
  await expect.poll(() => isMarker(tabs[0])).toBe('false');
});
