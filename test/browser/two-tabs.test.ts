/** Tabs of one browser, which share their tokens and take turns in renewing them. */
import type { Browser } from 'playwright-core';
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

it('two tabs that find their token at its end renew it once, and both go on', async () => {
  const { page: first, signUp } = await openMapPage(browser, wire.url);
  await signUp(`tabs_${process.pid}`, 'Tabs');
  const context = first.context();
  const tabs = [first, await context.newPage()];
  let renewals = 0;
  // The page that is left may have asked already; its answer reaches nobody.
  context.on('response', (response) => {
    if (response.request().postData()?.includes('refreshToken(') === true) renewals += 1;
  });
  await first.evaluate((key) => {
    const tokens = JSON.parse(localStorage.getItem(key) ?? '{}') as object;
    localStorage.setItem(key, JSON.stringify({ ...tokens, accessTokenExpiresAt: new Date().toISOString() }));
  }, 'nearby-friends-tokens');
  await Promise.all(tabs.map((tab) => tab.goto(wire.url)));
  for (const tab of tabs) await tab.locator('.connection.live').waitFor();
  expect(renewals).toBe(1);
  await context.close();
}, 60_000);
