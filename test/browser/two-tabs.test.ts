/** Tabs of one browser, which share their tokens and take turns in renewing them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire, type Wire } from '../support/wire.js';
import { launchBrowser } from './browser.js';
import { openMapPage } from './map-page.js';

const ROUND_TRIP_MS = 120;

let cluster: TestCluster;
let wire: Wire;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  wire = await startWire(cluster.urls[0] as string, ROUND_TRIP_MS / 2);
});
afterAll(async () => {
  await browser.close();
  await wire.close();
  await cluster.close();
});

it('two tabs that find their token at its end both go on, after one renewal of each at most', async () => {
  const { page: first, signUp } = await openMapPage(browser, wire.url);
  await signUp(`tabs_${process.pid}`, 'Tabs');
  const context = first.context();
  const tabs = [first, await context.newPage()];
  // A page of the same origin on which the app does not run, and so does not renew yet.
  await first.goto(`${wire.url}/health/live`);
  const renewals = new Map<Page, number>();
  context.on('request', (request) => {
    if (request.postData()?.includes('refreshToken(') !== true) return;
    const tab = request.frame().page();
    renewals.set(tab, (renewals.get(tab) ?? 0) + 1);
  });
  await first.evaluate((key) => {
    const tokens = JSON.parse(localStorage.getItem(key) ?? '{}') as object;
    localStorage.setItem(key, JSON.stringify({ ...tokens, accessTokenExpiresAt: new Date().toISOString() }));
  }, 'nearby-friends-tokens');
  await Promise.all(tabs.map((tab) => tab.goto(wire.url)));
  for (const tab of tabs) await tab.locator('.connection.live').waitFor();
  // Mostly one renews for both. A tab may see what the other wrote to localStorage too late, and then renews as well.
  expect(renewals.size).toBeGreaterThan(0);
  for (const count of renewals.values()) expect(count).toBe(1);
  await context.close();
}, 60_000);
