/** The map page in browsers that lack something, and where a part of it fails: it says so, and the rest works. */
import type { Browser, BrowserContext, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, befriend, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { launchBrowser, launchBrowserWith, WITHOUT_MAP } from './browser.js';
import { locationFrom, type MapPage, openMapPageIn } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** Chromium's number for "block". */
const BLOCKED = 2;

let cluster: TestCluster;
let browser: Browser;
let context: BrowserContext;
let url: string;
/** The same server under a name, as a second device in the same network sees it. */
let lanUrl: string;
let viewer: TestUser;
let friend: TestUser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([
    startTestCluster(1),
    launchBrowser([...WITHOUT_MAP, '--host-resolver-rules=MAP nearby.lan 127.0.0.1']),
  ]);
  url = cluster.urls[0] ?? '';
  lanUrl = url.replace('127.0.0.1', 'nearby.lan');
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});
beforeEach(async () => {
  context = await browser.newContext({ locale: 'en-IE', colorScheme: 'light' });
  viewer = await signUp(url);
  friend = await signUp(url, undefined, 'Grace');
  await befriend(url, viewer, friend);
  await move(url, friend, SYNTAGMA);
});
afterEach(() => context.close());

async function signIn(page: MapPage): Promise<void> {
  await page.signIn(viewer.handle);
  await page.page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** The whole way: sign in, share by the marker, see a friend and be seen. */
async function useAll(page: MapPage): Promise<void> {
  await signIn(page);
  await page.tellWhereFrom('Use a marker');
  await expect.poll(() => page.nearby('Grace').count(), PATIENCE).toBe(1);
  const query = '{ nearbyFriends { friend { id } } }';
  const seen = async (): Promise<string[]> => {
    const { nearbyFriends } = await ask<{ nearbyFriends: { friend: { id: string } }[] }>(
      url,
      friend.token,
      query,
    );
    return nearbyFriends.map((entry) => entry.friend.id);
  };
  await expect.poll(seen, PATIENCE).toEqual([viewer.id]);
}

const textOf = (locator: Locator) => async (): Promise<string> =>
  (await locator.allInnerTexts()).join(' ').replaceAll(/\s+/g, ' ');

const notices = ({ page }: MapPage) => textOf(page.locator('.notices'));

describe('a browser', { timeout: 60_000 }, () => {
  it('that blocks site data, speaks no language that is one and has no WebGL is enough', async () => {
    const preferences = { profile: { default_content_setting_values: { cookies: BLOCKED } } };
    const strict = await launchBrowserWith(preferences, ['--accept-lang=C', ...WITHOUT_MAP]);
    try {
      const mine = await openMapPageIn(strict, url);
      await expect.poll(notices(mine), PATIENCE).toContain('reloading or closing it signs you out');
      expect(await mine.page.evaluate(() => navigator.language)).toBe('C');
      await useAll(mine);
      await mine.page.getByText('The map cannot be drawn here.').waitFor();
      expect(await textOf(mine.nearby('Grace'))()).toContain('0 m');
      await mine.page.reload();
      await mine.page.getByLabel('Handle').waitFor();

      const graphiql = await strict.newPage();
      const errors: string[] = [];
      graphiql.on('pageerror', ({ message }) => errors.push(message));
      await graphiql.goto(`${url}/graphql`);
      await graphiql.locator('.graphiql-tab-button', { hasText: 'SignUp' }).waitFor();
      await graphiql.locator('.graphiql-execute-button').click();
      await expect.poll(textOf(graphiql.locator('.result-window')), PATIENCE).toMatch(/"(accessToken|code)"/);
      expect(errors).toEqual([]);
    } finally {
      await strict.close();
    }
  });

  it('with the name of a POSIX locale for a language shows distances', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'languages', { value: ['en-US@posix'] });
      Object.defineProperty(navigator, 'language', { value: 'en-US@posix' });
    });
    await move(url, viewer, SYNTAGMA);
    const mine = await openMapPageIn(context, url);
    await signIn(mine);
    await expect.poll(textOf(mine.nearby('Grace')), PATIENCE).toContain('0 ft');
    expect(mine.errors).toEqual([]);
  });

  it('on plain http shares by the marker, and says why it cannot share where the device is', async () => {
    const mine = await openMapPageIn(context, lanUrl);
    expect(await mine.page.evaluate(() => typeof crypto.randomUUID)).toBe('undefined');
    await useAll(mine);
    expect(await locationFrom(mine.page, 'Use my location').count()).toBe(0);
    await mine.page.reload();
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
    await mine.tellWhereFrom('Off');
    await mine.page.getByText('only to pages on https or on this computer').waitFor();
    expect(mine.errors).toEqual([]);
  });

  it('whose storage is full keeps in memory what it can', async () => {
    await context.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    const mine = await openMapPageIn(context, url);
    await expect.poll(notices(mine), PATIENCE).toContain('reloading or closing it signs you out');
    await useAll(mine);
  });

  it('that lacks a function says that, not that the server is away', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'Request', { value: undefined });
    });
    const mine = await openMapPageIn(context, url);
    await mine.signIn(viewer.handle);
    await expect
      .poll(textOf(mine.page.getByRole('alert')), PATIENCE)
      .toMatch(/^The client failed: .*Request/);
    expect(await mine.page.getByRole('button', { name: 'Sign in' }).isEnabled()).toBe(true);
  });

  it('that does not start the page shows why it may be empty', async () => {
    await context.route('**/assets/index-*.js', (route) => route.abort());
    const mine = await openMapPageIn(context, url);
    await mine.page.getByText('This page is loading. If it stays so, reload it').waitFor();
  });
});

describe('a part of the page', { timeout: 60_000 }, () => {
  it.each([
    ['a 404', 'The server sent no settings (page.json, HTTP 404).', 404],
    ['no answer', 'The server could not be reached.', null],
  ])('that is the settings, with %s, is replaced by defaults', async (_what, said, status) => {
    await context.route('**/page.json', (route) =>
      status === null ? route.abort() : route.fulfill({ status, body: '<html>not here</html>' }),
    );
    const mine = await openMapPageIn(context, url);
    await expect.poll(notices(mine), PATIENCE).toContain(said);
    await useAll(mine);
    await mine.page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await notices(mine)()).toBe('');
  });

  it('that is the map, and does not load, says so beside the list', async () => {
    await context.route('**/assets/map-view-*.js', (route) => route.abort());
    const mine = await openMapPageIn(context, url);
    await useAll(mine);
    await mine.page.getByText('The map could not be loaded; reload the page').waitFor();
    expect(await notices(mine)()).toBe('');
  });

  it('that is the coastline, and does not load, says so and leaves the map', async () => {
    const withMap = await launchBrowser();
    try {
      const own = await withMap.newContext({ locale: 'en-IE', colorScheme: 'light' });
      await own.route('**/assets/land-*', (route) => route.fulfill({ status: 404, body: '' }));
      const mine = await openMapPageIn(own, url);
      await useAll(mine);
      await expect.poll(notices(mine), PATIENCE).toContain('The coastline of the map could not be loaded.');
      await mine.marker('Grace').waitFor();
    } finally {
      await withMap.close();
    }
  });

  it('that fails later is replaced by what failed, and the others go on', async () => {
    const mine = await openMapPageIn(context, url);
    await useAll(mine);
    await mine.page.evaluate(() => {
      Date.parse = () => {
        throw new Error('no dates today');
      };
    });
    await expect
      .poll(textOf(mine.page.locator('section[aria-labelledby=near] [role=alert]')), PATIENCE)
      .toContain('Part of this page stopped working (no dates today).');
    await mine.ask('nobody.at.all');
    await mine.page.getByText('Nobody has this handle.').waitFor();
    await mine.page.getByRole('button', { name: 'Reload' }).first().click();
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
  });

  it('that throws where nobody waits for it is told of', async () => {
    const mine = await openMapPageIn(context, url);
    await mine.page.getByLabel('Handle').waitFor();
    await mine.page.evaluate(() => {
      setTimeout(() => {
        throw new Error('out of the blue');
      });
      void Promise.reject(new Error('never awaited'));
    });
    await expect
      .poll(notices(mine), PATIENCE)
      .toContain('Part of this page stopped working (out of the blue).');
    expect(await notices(mine)()).toContain('(never awaited)');
  });
});
