/** The map page of somebody with many friends: in one house, and all over a city. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { befriend, move, type PlaceInput, signUp } from '../support/api.js';
import { createUsers } from '../support/crowd.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type Place, travel } from '../support/sphere.js';
import { launchBrowser } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';
import { pixelsOf } from './pixels.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const AT_SYNTAGMA: BrowserContextOptions = {
  geolocation: { ...SYNTAGMA, accuracy: 5 },
  permissions: ['geolocation'],
};
const PATIENCE = { timeout: 60_000 };

let cluster: TestCluster;
let browser: Browser;
let url: string;
let users: Awaited<ReturnType<typeof createUsers>>;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  url = cluster.urls[0] ?? '';
  const chain = Array.from({ length: MOST - 1 }, (_, index) => [index, index + 1] as const);
  users = await createUsers(cluster.database.url, chain);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

const MOST = 400;
/** The computer that counts is so many times slower. */
const SLOWER = 4;
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

/** Runs it for many users, some at a time. */
async function eachOf<User>(
  list: readonly User[],
  act: (user: User, index: number) => Promise<unknown>,
): Promise<void> {
  const rest = [...list.entries()];
  const workers = Array.from({ length: 10 }, async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await act(next[1], next[0]);
  });
  await Promise.all(workers);
}

/** The page of somebody at Syntagma Square with so many friends around. */
async function openWith(count: number, placeOf: (index: number) => Place): Promise<MapPage> {
  const viewer = await signUp(url);
  const friends = users.slice(0, count);
  await eachOf(friends, async (friend, index) => {
    await befriend(url, viewer, friend);
    await send(friend, placeOf(index));
  });
  const mine = await openMapPage(browser, url, AT_SYNTAGMA);
  await mine.signIn(viewer.handle);
  await mine.tellWhereFrom('Use my location');
  await expect.poll(() => mine.page.locator('.friends li').count(), PATIENCE).toBe(count);
  await mine.page.locator('.maplibregl-map:not([aria-busy])').waitFor();
  return mine;
}

const send = (friend: { id: string; token: string }, place: PlaceInput) =>
  move(url, { ...friend, handle: '', refreshToken: '' }, place);

/** How many of the elements are not covered at their middle by anything else. */
const uncovered = (page: Page, selector: string): Promise<number> =>
  page.evaluate((each) => {
    const isOnTop = (element: Element): boolean => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === element;
    };
    return [...document.querySelectorAll(each)].filter(isOnTop).length;
  }, selector);

/** CPU time of the page's longest task meanwhile, in milliseconds. What other processes take from it does not count. */
async function longestTask({ page }: MapPage, act: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(threadOf));
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && main.has(threadOf(event)));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}

/** Trace Event Format, Google; times in microseconds. */
interface TraceEvent {
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

describe('somebody with many friends', { timeout: 180_000 }, () => {
  it('sees forty in one house as one marker with their number, which spreads them', async () => {
    const mine = await openWith(40, (index) => travel(SYNTAGMA, index * 9, 4));
    const { page } = mine;
    const group = page.locator('.marker.group');
    await expect.poll(() => group.allInnerTexts(), PATIENCE).toEqual(['40']);
    expect(await page.locator('.marker.friend').count()).toBe(0);
    expect(await uncovered(page, '.marker.me')).toBe(1);

    await group.click();
    const friends = page.locator('.marker.friend');
    await expect.poll(() => friends.count(), PATIENCE).toBe(40);
    expect(await group.count()).toBe(0);
    expect(await uncovered(page, '.marker.me')).toBe(1);
    expect(await uncovered(page, '.marker.friend > :first-child')).toBe(40);

    await friends.nth(20).locator(':first-child').click();
    await expect.poll(() => page.locator('.friends [aria-pressed=true]').count(), PATIENCE).toBe(1);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    // Whoever is chosen keeps a marker.
    await expect.poll(() => group.allInnerTexts(), PATIENCE).toEqual(['39']);
    expect(await friends.count()).toBe(1);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('follows a chosen friend until the map is dragged, and comes back', async () => {
    const east = (meters: number) => travel(SYNTAGMA, 90, meters);
    const mine = await openWith(1, () => east(2_000));
    const { page } = mine;
    const [friend] = users;
    if (friend === undefined) throw new Error('There are no users.');
    const map = (await page.locator('.canvas').boundingBox()) ?? NOWHERE;
    /** Pixels from the middle of the map. */
    const offCentre = async (selector: string): Promise<number> => {
      const box = (await page.locator(selector).boundingBox()) ?? NOWHERE;
      return Math.round(Math.abs(box.x + box.width / 2 - map.x - map.width / 2));
    };
    await page.locator('.friends button').click();
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeLessThan(3);
    await send(friend, east(4_000));
    await expect.poll(() => offCentre('.marker.me'), PATIENCE).toBeGreaterThan(120);
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeLessThan(3);

    await page.mouse.move(map.x + map.width / 4, map.y + map.height / 4);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width / 4 + 100, map.y + map.height / 4, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeGreaterThan(50);
    await send(friend, east(3_000));
    await expect.poll(() => page.locator('.friends li').innerText(), PATIENCE).toContain('3 km');
    expect(await offCentre('.marker.friend')).toBeGreaterThan(20);

    await page.getByRole('button', { name: 'Back to me' }).click();
    await expect.poll(() => offCentre('.marker.me'), PATIENCE).toBeLessThan(3);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('sees by a circle how exactly a place is known', async () => {
    const place = travel(SYNTAGMA, 90, 3_000);
    const mine = await openWith(1, () => place);
    const [friend] = users;
    if (friend === undefined) throw new Error('There are no users.');
    const marker = (await mine.page.locator('.marker.friend').boundingBox()) ?? NOWHERE;
    /** How red the map is 40 pixels, about a kilometre, above the marker: the middle one of some pixels. */
    const redness = async (): Promise<number> => {
      const pixels = await pixelsOf(mine.page);
      const around = pixels.around(marker.x + marker.width / 2, marker.y + marker.height / 2 - 40, 4, 4);
      const values = around.map(([red, , blue]) => red - blue).sort((one, other) => one - other);
      return values[values.length >> 1] ?? NaN;
    };
    const before = await redness();
    await send(friend, { ...place, accuracyMeters: 2_000 });
    await expect.poll(redness, PATIENCE).toBeGreaterThan(before + 5);
    await mine.page.context().close();
  });

  it('scrolls through four hundred smoothly on a slow computer, while they move', async () => {
    const placeOf = (index: number) => travel(SYNTAGMA, index * 137.5, 150 * Math.sqrt(index + 1));
    const mine = await openWith(MOST, placeOf);
    const { page } = mine;
    await page.waitForLoadState('networkidle');
    const longest = await longestTask(mine, async () => {
      const moves = eachOf(users.slice(0, 100), (user, index) => send(user, placeOf(index + 0.5)));
      const list = (await page.locator('main').boundingBox()) ?? NOWHERE;
      await page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
      for (let step = 0; step < 40; step++) {
        await page.mouse.wheel(0, 600);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await moves;
      const map = (await page.locator('.canvas').boundingBox()) ?? NOWHERE;
      await page.mouse.move(map.x + map.width / 2, map.y + map.height / 4);
      await page.mouse.down();
      await page.mouse.move(map.x + map.width / 3, map.y + map.height / 3, { steps: 20 });
      await page.mouse.up();
    });
    expect(longest).toBeGreaterThan(0);
    expect(longest * SLOWER).toBeLessThan(100);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });
});
