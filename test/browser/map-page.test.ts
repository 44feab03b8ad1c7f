import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../src/log.js';
import { startNode } from '../../src/node.js';
import { ask, befriend, move, signUp, signUpFriends } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser } from './browser.js';
import { locationFrom, type MapPage, openMapPage } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const QUIET = { log: createLogger('silent') };
const PHONE = { width: 360, height: 740 };

let cluster: TestCluster;
let browser: Browser;
let url: string;
let opened: MapPage[];

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});
beforeEach(() => {
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map(({ page }) => page.context().close()));
});

async function open(at: string, options?: Parameters<typeof openMapPage>[2]): Promise<MapPage> {
  const mapPage = await openMapPage(browser, at, options);
  opened.push(mapPage);
  return mapPage;
}

let people = 0;
/** A handle that nobody has yet. */
const handleFor = (name: string): string => `${name.toLowerCase()}_${process.pid}_${++people}`;

/** Two people who found each other by the page alone, with their markers at the same place. */
async function openFriends(at: string): Promise<{ ada: MapPage; grace: MapPage }> {
  const [ada, grace] = [await open(at), await open(at)];
  const [adaHandle, graceHandle] = [handleFor('Ada'), handleFor('Grace')];
  await ada.signUp(adaHandle, 'Ada');
  await grace.signUp(graceHandle, 'Grace');
  await ada.ask(graceHandle);
  await grace.page
    .getByRole('group', { name: `Ada, @${adaHandle}` })
    .getByRole('button', { name: 'Accept' })
    .click();
  for (const person of [ada, grace]) await person.tellWhereFrom('Use a marker');
  return { ada, grace };
}

const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

/** Drags the user's own marker up, pixels. @param held runs before the button is let go. */
async function dragUp(
  { me, page }: MapPage,
  pixels: number,
  held: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { x, y, width, height } = (await me.boundingBox()) ?? NOWHERE;
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2 - pixels, { steps: 5 });
  await held();
  await page.mouse.up();
}

const textOf = (locator: Locator) => async (): Promise<string> =>
  (await locator.count()) > 0 ? locator.innerText() : '';

describe('two people', { timeout: 90_000 }, () => {
  it('find each other, and see each other appear, move and leave', async () => {
    const { ada, grace } = await openFriends(url);
    await expect.poll(textOf(ada.nearby('Grace')), PATIENCE).toMatch(/Grace\s*0 m\s*Last update \d+ s ago/);
    await expect.poll(textOf(grace.nearby('Ada')), PATIENCE).toContain('0 m');
    await expect.poll(() => grace.marker('Ada').count(), PATIENCE).toBe(1);
    expect(await ada.connection.innerText()).toBe('Live');

    // By keyboard alone.
    await ada.me.focus();
    for (let step = 0; step < 3; step++) await ada.me.press('ArrowRight');
    await expect.poll(textOf(grace.nearby('Ada')), PATIENCE).toMatch(/[1-9][\d.]* (m|km)/);

    // By dragging the marker out of the other's radius.
    await grace.page.getByLabel('Within').selectOption({ label: '1 km' });
    await ada.page.getByLabel('Within').selectOption({ label: '50 km' });
    await dragUp(ada, 100);
    await expect.poll(() => grace.nearby('Ada').count(), PATIENCE).toBe(0);
    await expect.poll(() => grace.marker('Ada').count(), PATIENCE).toBe(0);
    // For Ada, who looks farther, Grace is still there.
    await expect.poll(textOf(ada.nearby('Grace')), PATIENCE).toMatch(/\d+ km/);

    // And back, by clicking the map where the other is.
    await ada.marker('Grace').waitFor();
    const there = (await ada.marker('Grace').boundingBox()) ?? NOWHERE;
    await ada.page.mouse.click(there.x + there.width + 3, there.y + there.height / 2);
    await grace.page.getByLabel('Within').selectOption({ label: '50 km' });
    await expect.poll(() => grace.nearby('Ada').count(), PATIENCE).toBe(1);
    expect([...ada.errors, ...grace.errors]).toEqual([]);
  });

  it('keep their markers in focus and in hand while the list goes on', async () => {
    const { ada, grace } = await openFriends(url);
    const listGoesOn = async (): Promise<void> => {
      const before = await textOf(ada.nearby('Grace'))();
      await expect.poll(textOf(ada.nearby('Grace')), PATIENCE).not.toBe(before);
    };
    await expect.poll(() => ada.nearby('Grace').count(), PATIENCE).toBe(1);
    await ada.me.focus();
    await listGoesOn();
    await ada.page.keyboard.press('ArrowUp');
    await expect.poll(textOf(grace.nearby('Ada')), PATIENCE).toMatch(/[1-9][\d.]* (m|km)/);

    const { x, y } = (await ada.me.boundingBox()) ?? NOWHERE;
    await dragUp(ada, 100, listGoesOn);
    const moved = (await ada.me.boundingBox()) ?? NOWHERE;
    expect(Math.hypot(moved.x - x, moved.y - y + 100)).toBeLessThan(3);
  });

  it('lose sight of who pauses sharing, until sharing is resumed', async () => {
    const { ada, grace } = await openFriends(url);
    await expect.poll(() => ada.nearby('Grace').count(), PATIENCE).toBe(1);
    await grace.seenByAll('Pause').click();
    await expect.poll(() => ada.nearby('Grace').count(), PATIENCE).toBe(0);
    expect(await grace.seenByAll('Pause').getAttribute('aria-pressed')).toBe('true');
    expect(await grace.page.getByText('Friends do not see you.').count()).toBe(1);
    expect(await grace.nearby('Ada').count()).toBe(1);
    await grace.seenByAll('Share').click();
    await expect.poll(() => ada.nearby('Grace').count(), PATIENCE).toBe(1);
  });

  it('keep their lists while the server restarts, and go on when it is back', async () => {
    const first = await startNode(cluster.config, QUIET);
    const { ada, grace } = await openFriends(first.url);
    await expect.poll(() => ada.nearby('Grace').count(), PATIENCE).toBe(1);
    await first.close();
    await expect
      .poll(() => ada.connection.innerText(), PATIENCE)
      .toMatch(/^Reconnecting … · as of \d+ s ago$/);
    expect(await ada.nearby('Grace').count()).toBe(1);
    const second = await startNode({ ...cluster.config, port: Number(new URL(first.url).port) }, QUIET);
    try {
      await expect.poll(() => ada.connection.innerText(), PATIENCE).toBe('Live');
      await expect.poll(() => grace.connection.innerText(), PATIENCE).toBe('Live');
      await grace.me.focus();
      await grace.me.press('ArrowUp');
      await expect.poll(textOf(ada.nearby('Grace')), PATIENCE).toMatch(/[1-9][\d.]* (m|km)/);
    } finally {
      await second.close();
    }
  });
});

describe('one person', { timeout: 60_000 }, () => {
  it('is where the device is, and after a reload too', async () => {
    const [viewer, friend] = await signUpFriends(url);
    await move(url, viewer, SYNTAGMA);
    const mine = await open(url, { geolocation: { ...SYNTAGMA, accuracy: 5 }, permissions: ['geolocation'] });
    await mine.signIn(friend.handle);
    await mine.tellWhereFrom('Use my location');
    await expect.poll(() => mine.nearby('Somebody').count(), PATIENCE).toBe(1);
    await mine.page.reload();
    await expect.poll(() => mine.nearby('Somebody').count(), PATIENCE).toBe(1);
    expect(await locationFrom(mine.page, 'Use my location').getAttribute('aria-pressed')).toBe('true');
    await mine.page.locator('.canvas:not([aria-busy])').waitFor();
    expect(await mine.page.locator('.map .hint').count()).toBe(0);
    expect(mine.errors).toEqual([]);
  });

  it('sees by an arrow where a friend goes who moves, and none on one who stands still', async () => {
    const [viewer, friend] = await signUpFriends(url);
    const mine = await open(url, { geolocation: { ...SYNTAGMA, accuracy: 5 }, permissions: ['geolocation'] });
    await mine.signIn(viewer.handle);
    await mine.tellWhereFrom('Use my location');
    const arrow = mine.marker('Somebody').locator('.arrow');
    const shown = async () => [
      await arrow.isVisible(),
      await arrow.evaluate((element) => element.style.rotate).catch(() => null),
    ];
    await move(url, friend, {
      ...travel(SYNTAGMA, 90, 1_000),
      speedMetersPerSecond: 9,
      headingDegrees: 45.5,
    });
    await expect.poll(shown, PATIENCE).toEqual([true, '45.5deg']);
    // It turns around the middle of the marker.
    const dot = mine.marker('Somebody').locator('span').first();
    const middleOf = async (locator: Locator) => {
      const { x, y, width, height } = (await locator.boundingBox()) ?? NOWHERE;
      return [x + width / 2, y + height / 2];
    };
    const [dotMiddle, arrowMiddle] = [await middleOf(dot), await middleOf(arrow)];
    for (const axis of [0, 1])
      expect(Math.abs((dotMiddle[axis] ?? 0) - (arrowMiddle[axis] ?? NaN))).toBeLessThan(1.5);
    await move(url, friend, { ...travel(SYNTAGMA, 90, 1_200), speedMetersPerSecond: 0 });
    await expect.poll(() => arrow.isHidden(), PATIENCE).toBe(true);
    await move(url, friend, { ...travel(SYNTAGMA, 90, 1_300), headingDegrees: 180 });
    await expect.poll(shown, PATIENCE).toEqual([true, '180deg']);
    expect(mine.errors).toEqual([]);
  });

  it('keeps a friend at the edge a tenth of the radius longer', async () => {
    const [viewer, friend] = await signUpFriends(url);
    const mine = await open(url, { geolocation: { ...SYNTAGMA, accuracy: 5 }, permissions: ['geolocation'] });
    await mine.signIn(viewer.handle);
    await mine.tellWhereFrom('Use my location');
    await mine.page.getByLabel('Within').selectOption({ label: '1 km' });
    const shown = mine.nearby('Somebody');
    for (const [meters, text] of [
      [950, '950 m'],
      [1_090, '1.1 km'],
    ] as const) {
      await move(url, friend, travel(SYNTAGMA, 90, meters));
      await expect.poll(textOf(shown), PATIENCE).toContain(text);
    }
    await move(url, friend, travel(SYNTAGMA, 90, 1_110));
    await expect.poll(() => shown.count(), PATIENCE).toBe(0);
    await move(url, friend, travel(SYNTAGMA, 90, 1_090));
    await move(url, friend, travel(SYNTAGMA, 90, 990));
    await expect.poll(textOf(shown), PATIENCE).toContain('990 m');
  });

  it('is told what is wrong with a password and a handle', async () => {
    const { handle } = await signUp(url);
    const mine = await open(url);
    await mine.signIn(`${handle}x`);
    const alert = mine.page.getByRole('alert');
    await expect.poll(textOf(alert), PATIENCE).toMatch(/handle|password/i);
    await mine.signIn(handle);
    await mine.ask('nobody.at.all');
    await expect.poll(textOf(alert), PATIENCE).toBe('Nobody has this handle.');
  });

  it('is told what is wrong with a handle while somebody else asks', async () => {
    const [mine, other] = [await open(url), await open(url)];
    const handle = handleFor('Mine');
    await mine.signUp(handle, 'Mine');
    await other.signUp(handleFor('Other'), 'Other');
    const alert = mine.page.getByRole('alert');
    await mine.ask('nobody.at.all');
    await expect.poll(textOf(alert), PATIENCE).toBe('Nobody has this handle.');
    await other.ask(handle);
    await mine.page.getByText('Wants to be friends', { exact: true }).waitFor();
    expect(await textOf(alert)()).toBe('Nobody has this handle.');
  });

  it('signs out, and a reload shows nothing of before', async () => {
    const { handle } = await signUp(url);
    const mine = await open(url);
    await mine.signIn(handle);
    await mine.page.getByRole('button', { name: 'Sign out' }).click();
    await mine.page.getByText('You are signed out.').waitFor();
    await mine.page.reload();
    await mine.page.getByLabel('Handle').waitFor();
    expect(await mine.page.evaluate(() => localStorage.getItem('nearby-friends-tokens'))).toBeNull();
  });

  it('sees whose place is an old one before the friend is inactive', async () => {
    const own = await startTestCluster(1, { locationTtlSeconds: 30 });
    onTestFinished(() => own.close());
    const at = own.urls[0] ?? '';
    const viewer = await signUp(at);
    const friend = await signUp(at, undefined, 'Old Friend');
    await befriend(at, viewer, friend);
    const mine = await open(at);
    await mine.signIn(viewer.handle);
    await mine.tellWhereFrom('Use a marker');
    await move(at, friend, SYNTAGMA);
    const stale = mine.page.locator('.friends li.stale', { hasText: 'Old Friend' });
    await expect.poll(() => mine.nearby('Old Friend').count(), PATIENCE).toBe(1);
    expect(await stale.count()).toBe(0);
    await expect.poll(() => stale.count(), { timeout: 25_000 }).toBe(1);
    const marker = mine.page.locator('.marker.friend.stale');
    await expect.poll(() => marker.count(), PATIENCE).toBe(1);
    await expect
      .poll(() => marker.evaluate((element) => getComputedStyle(element).opacity), PATIENCE)
      .not.toBe('1');
  });

  it.each([-600_000, 600_000])(
    'shows right ages and shares on a computer that is wrong by %d ms',
    async (clockAheadMs) => {
      const startedAt = Date.now();
      const [viewer, friend] = [await signUp(url), await signUp(url, undefined, 'Right Friend')];
      await befriend(url, viewer, friend);
      const mine = await open(url, { clockAheadMs });
      await mine.signIn(viewer.handle);
      await mine.tellWhereFrom('Use a marker');
      await move(url, friend, SYNTAGMA);
      await expect.poll(() => mine.nearby('Right Friend').count(), PATIENCE).toBe(1);
      await expect
        .poll(() => mine.nearby('Right Friend').textContent(), PATIENCE)
        .toMatch(/Last update \d{1,2} s ago/);
      expect(await mine.page.locator('.stale').count()).toBe(0);
      const list = await ask<{ nearbyFriends: { updatedAt: string; location: { recordedAt: string } }[] }>(
        url,
        friend.token,
        '{ nearbyFriends { updatedAt location { recordedAt } } }',
      );
      expect(list.nearbyFriends).toHaveLength(1);
      // The place was taken in the course of this test, give or take what the page knows of the server's clock.
      const recordedAt = Date.parse(list.nearbyFriends[0]?.location.recordedAt ?? '');
      expect(recordedAt).toBeGreaterThan(startedAt - 5_000);
      expect(recordedAt).toBeLessThan(Date.now() + 5_000);
      expect(mine.errors).toEqual([]);
    },
  );
});

describe('the page', { timeout: 60_000 }, () => {
  it('loads nothing from elsewhere, under a policy that forbids it', async () => {
    const response = await fetch(url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const mine = await open(url);
    await mine.signUp(handleFor('Csp'), 'Csp');
    await mine.tellWhereFrom('Use a marker');
    await mine.me.waitFor();
    await mine.page.waitForLoadState('networkidle');
    const elsewhere = mine.requests.filter(
      (request) => !request.startsWith(url) && !request.startsWith('blob:'),
    );
    expect(elsewhere).toEqual([]);
    expect(mine.requests.some((request) => request.includes('/assets/land-'))).toBe(true);
    expect(mine.errors).toEqual([]);
  });

  it('shows the tiles of a server that is configured, and of no other', async () => {
    const asked: string[] = [];
    const referrers: (string | undefined)[] = [];
    const tiles = createServer((request, response) => {
      asked.push(request.url ?? '');
      referrers.push(request.headers.referer);
      response.writeHead(200, { 'content-type': 'image/png', 'access-control-allow-origin': '*' }).end(PIXEL);
    });
    await once(tiles.listen(0, '127.0.0.1'), 'listening');
    const origin = `http://127.0.0.1:${(tiles.address() as AddressInfo).port}`;
    const settings = {
      ...cluster.config,
      tiles: { url: `${origin}/{z}/{x}/{y}.png`, attribution: 'Thanks' },
    };
    const node = await startNode(settings, QUIET);
    try {
      const mine = await open(node.url);
      await mine.signUp(handleFor('Tiles'), 'Tiles');
      await expect.poll(() => asked.length, PATIENCE).toBeGreaterThan(0);
      expect(asked[0]).toMatch(/^\/\d+\/\d+\/\d+\.png$/);
      // OpenStreetMap's server refuses who does not say where a request comes from.
      expect([...new Set(referrers)]).toEqual([`${node.url}/`]);
      await mine.page.getByText('Thanks').waitFor({ state: 'attached' });
      expect(mine.errors).toEqual([]);
      expect(mine.requests.some((request) => request.includes('/assets/land-'))).toBe(false);
    } finally {
      await node.close();
      tiles.close();
    }
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe knows of, at the width of a phone too: %s',
    async (colorScheme) => {
      const mine = await open(url, { colorScheme });
      const faults = () => accessibilityFaults(mine.page);
      expect(await faults()).toEqual([]);
      const friend = await signUp(url, undefined, 'A Friend');
      await mine.signUp(handleFor('Axe'), 'Axe');
      await mine.ask(friend.handle);
      await mine.tellWhereFrom('Use a marker');
      await mine.page.getByRole('button', { name: 'Cancel' }).waitFor();
      expect(await faults()).toEqual([]);
      await mine.page.setViewportSize(PHONE);
      expect(await faults()).toEqual([]);
      expect(await mine.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    },
  );

  it('tells miles where people measure so', async () => {
    const [viewer, friend] = await signUpFriends(url);
    await move(url, viewer, SYNTAGMA);
    await move(url, friend, { ...SYNTAGMA, latitude: SYNTAGMA.latitude + 0.03 });
    const mine = await open(url, { locale: 'en-US' });
    await mine.signIn(viewer.handle);
    await expect.poll(textOf(mine.nearby('Somebody')), PATIENCE).toContain('2.1 mi');
    expect(await mine.page.getByLabel('Within').locator('option:checked').innerText()).toBe('5 mi');
  });
});
