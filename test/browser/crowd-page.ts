/** The map page of somebody with many friends, who are in one house, or all over a city. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import { befriend, move, type PlaceInput, signUp } from '../support/api.js';
import { createUsers } from '../support/crowd.js';
import { startTestCluster } from '../support/nodes.js';
import { type Place, travel } from '../support/sphere.js';
import { launchBrowser } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';

export const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
export const MOST = 400;
export const PATIENCE = { timeout: 60_000 };
const AT_SYNTAGMA: BrowserContextOptions = {
  geolocation: { ...SYNTAGMA, accuracy: 5 },
  permissions: ['geolocation'],
};

/** Starts a server and a browser, and makes MOST users. */
export async function startCrowd(): Promise<Crowd> {
  const [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  const url = cluster.urls[0] ?? '';
  const chain = Array.from({ length: MOST - 1 }, (_, index) => [index, index + 1] as const);
  const users = await createUsers(cluster.database.url, chain);

  const send = (index: number, place: PlaceInput): Promise<unknown> => {
    const { id = '', token = '' } = users[index] ?? {};
    return move(url, { id, token, handle: '', refreshToken: '' }, place);
  };

  return {
    browser,
    send,
    async openWith(count, placeOf) {
      const viewer = await signUp(url);
      await eachOf(users.slice(0, count), async (friend, index) => {
        await befriend(url, viewer, friend);
        await send(index, placeOf(index));
      });
      const mine = await openMapPage(browser, url, AT_SYNTAGMA);
      await mine.signIn(viewer.handle);
      await mine.tellWhereFrom('Use my location');
      await expect.poll(() => mine.page.locator('.friends li').count(), PATIENCE).toBe(count);
      await mine.page.locator('.maplibregl-map:not([aria-busy])').waitFor(PATIENCE);
      return mine;
    },
    moveSome: (placeOf) => eachOf(users.slice(0, MOST / 4), (_, index) => send(index, placeOf(index))),
    async close() {
      await browser.close();
      await cluster.close();
    },
  };
}

export interface Crowd {
  readonly browser: Browser;
  /** Reports a place of a user. */
  send(index: number, place: PlaceInput): Promise<unknown>;
  /** The page of somebody at Syntagma Square with so many friends around. */
  openWith(count: number, placeOf: (index: number) => Place): Promise<MapPage>;
  /** A quarter of all users go somewhere else. */
  moveSome(placeOf: (index: number) => Place): Promise<void>;
  close(): Promise<void>;
}

/** All over the city, evenly, where `index` may lie between two users. */
export const inCity = (index: number): Place => travel(SYNTAGMA, index * 137.5, 150 * Math.sqrt(index + 1));

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
