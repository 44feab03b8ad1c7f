/** The first minute of a new user: one button, and in words what happens and what to do, at the top of the screen. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { befriend, move, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { locationFrom, type MapPage, openMapPage } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PHONE = { viewport: { width: 320, height: 568 } };
const PATIENCE = { timeout: 15_000 };

let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([
    startTestCluster(1),
    launchBrowser([...WITHOUT_MAP, '--host-resolver-rules=MAP nearby.lan 127.0.0.1']),
  ]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

interface Scene {
  readonly mine: MapPage;
  readonly user: TestUser;
  /** Of a friend who is HERE. */
  readonly list: NearbyList;
}

/** The page on a small phone, just signed in. */
async function open(options: BrowserContextOptions = {}, at = url): Promise<Scene> {
  const [user, friend] = [await signUp(url), await signUp(url, undefined, 'Grace')];
  await befriend(url, user, friend);
  await move(url, friend, HERE);
  const mine = await openMapPage(browser, at, { ...PHONE, ...options });
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  await locationFrom(mine.page, 'Use a marker').waitFor();
  return { mine, user, list: follow(url, friend) };
}

const said = (page: Page) => (): Promise<string> => page.locator('.location [role=status]').innerText();

/** Without scrolling. */
async function isOnScreen(page: Page, locator: Locator): Promise<boolean> {
  const box = await locator.boundingBox();
  const size = page.viewportSize();
  return (
    box !== null &&
    size !== null &&
    box.x >= 0 &&
    box.y >= 0 &&
    box.x + box.width <= size.width &&
    box.y + box.height <= size.height
  );
}

/** In place of the question that a browser asks, to which a headless one has an answer already. */
function holdLocation(): void {
  const waiting: PositionCallback[] = [];
  navigator.geolocation.watchPosition = (found) => waiting.push(found);
  Object.assign(globalThis, {
    find: (coords: object) => {
      for (const found of waiting) found({ coords, timestamp: Date.now() } as GeolocationPosition);
    },
  });
}

it('there is one primary button, and while the device looks the page says so', async () => {
  const { mine, user, list } = await open();
  const { page } = mine;
  const use = locationFrom(page, 'Use my location');
  expect(await page.locator('button.primary').allInnerTexts()).toEqual(['Use my location']);
  expect(await isOnScreen(page, use)).toBe(true);
  expect(await said(page)()).toBe('Your location is off. Turn it on to see which friends are near.');
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.evaluate(holdLocation);
  await use.focus();
  await page.keyboard.press('Enter');
  await expect.poll(said(page)).toBe('Looking for your location … If your browser asks, choose Allow.');
  expect(await isOnScreen(page, page.locator('.location [role=status]'))).toBe(true);
  expect(await use.getAttribute('aria-pressed')).toBe('true');
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.evaluate(
    (coords) => {
      (globalThis as { find?: (coords: object) => void }).find?.(coords);
    },
    { ...HERE, accuracy: 5 },
  );
  await expect.poll(said(page)).toBe('You are where this device is.');
  await list.until(({ entries }) => entries.has(user.id));
  await expect.poll(() => page.locator('.sharing [role=status]').innerText()).toBe('Friends see you.');

  // As a screen reader finds it.
  const tree = await page.getByRole('region', { name: 'Me', exact: true }).ariaSnapshot();
  expect(tree.replaceAll(/ +- option.*\n/g, '')).toBe(`- region "Me":
  - group "My location":
    - status: You are where this device is.
    - button "Use my location" [pressed]
    - button "Use a marker"
    - button "Off"
  - group "Sharing":
    - status: Friends see you.
    - button "Share" [pressed]
    - button "Pause"
    - button "Exactly" [pressed]
    - button "Approximately"
    - text: Distance limit
    - combobox "Distance limit":
    - link "Exceptions":
      - /url: "#people"`);

  // By keyboard off again, and on.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await list.until(({ entries }) => !entries.has(user.id));
  expect(await locationFrom(page, 'Off').getAttribute('aria-pressed')).toBe('true');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await list.until(({ entries }) => entries.has(user.id));
  expect(await said(page)()).toMatch(/^You are at your marker\./);
  expect(mine.errors).toEqual([]);
});

it('who refuses is told how to allow it, and what is allowed later is noticed', async () => {
  const { mine, user, list } = await open();
  const { page } = mine;
  const refused = /^Your browser does not let this page see your location\. Allow it in the settings/;
  await mine.tellWhereFrom('Use my location');
  await expect.poll(said(page), PATIENCE).toMatch(refused);
  expect(await isOnScreen(page, page.locator('.location [role=status]'))).toBe(true);
  expect(await isOnScreen(page, locationFrom(page, 'Use a marker'))).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.context().setGeolocation({ ...HERE, accuracy: 5 });
  await page.context().grantPermissions(['geolocation']);
  await expect.poll(said(page), PATIENCE).toBe('You are where this device is.');
  await list.until(({ entries }) => entries.has(user.id));

  await page.context().clearPermissions();
  await expect.poll(said(page), PATIENCE).toMatch(refused);
  await page.context().grantPermissions(['geolocation']);
  await expect.poll(said(page), PATIENCE).toBe('You are where this device is.');
  expect(mine.errors).toEqual([]);
});

it('a device that does not find itself is said, and the marker is the way', async () => {
  const { mine, user, list } = await open({ permissions: ['geolocation'] });
  const { page } = mine;
  await page.evaluate(() => {
    navigator.geolocation.watchPosition = (_found, failed) => {
      setTimeout(() => failed?.({ code: 2, message: 'Unknown error acquiring position' } as never));
      return 1;
    };
  });
  await mine.tellWhereFrom('Use my location');
  await expect.poll(said(page)).toMatch(/^Your device has not found its location yet\. It keeps looking/);
  await mine.tellWhereFrom('Use a marker');
  await list.until(({ entries }) => entries.has(user.id));
  expect(await said(page)()).toMatch(/^You are at your marker\./);
});

it('where browsers give no location, that is said, with the marker as the way', async () => {
  const { mine, user, list } = await open({}, url.replace('127.0.0.1', 'nearby.lan'));
  const { page } = mine;
  expect(await said(page)()).toMatch(/only to pages on https or on this computer. Use a marker instead\.$/);
  expect(await page.locator('button.primary').allInnerTexts()).toEqual(['Use a marker']);
  expect(await isOnScreen(page, locationFrom(page, 'Use a marker'))).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await mine.tellWhereFrom('Use a marker');
  await list.until(({ entries }) => entries.has(user.id));
});
