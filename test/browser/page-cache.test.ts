/** A page in the browser's back/forward cache, from which the back button takes it as it was left. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { befriend, move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { launchBrowserWithCache, WITHOUT_MAP } from './browser.js';
import { openMapPage } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };

let cluster: TestCluster;
let browser: Browser;
let url: string;
beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowserWithCache(WITHOUT_MAP)]);
  url = cluster.urls[0] as string;
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

async function sockets(): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nearby_connections (\d+)$/m.exec(metrics)?.[1]);
}

it('has no socket there, and is live again with what happened meanwhile', async () => {
  const [viewer, friend] = [await signUp(url), await signUp(url, undefined, 'Grace')];
  await befriend(url, viewer, friend);
  await move(url, viewer, SYNTAGMA);
  await move(url, friend, SYNTAGMA);
  const mine = await openMapPage(browser, url);
  const { page } = mine;
  await mine.signIn(viewer.handle);
  await expect.poll(() => mine.nearby('Grace').allInnerTexts(), PATIENCE).toHaveLength(1);
  expect(await sockets()).toBe(1);
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      document.title = persisted ? 'restored' : 'loaded';
    });
  });

  await page.goto(`${url}/health/live`);
  await expect.poll(sockets, PATIENCE).toBe(0);
  await move(url, friend, { ...SYNTAGMA, latitude: SYNTAGMA.latitude + 0.01 });

  await page.evaluate(() => {
    history.back();
  });
  await expect.poll(() => page.title(), PATIENCE).toBe('restored');
  await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Live');
  await expect
    .poll(async () => (await mine.nearby('Grace').allInnerTexts()).join(), PATIENCE)
    .toContain('1.1 km');
});
