/** The card of a friend: what it says, that it stays in sight, and what it does only after asking. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, befriend, codesOf, move, type PlaceInput, signUp, type TestUser } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, type MapPageOptions, openMapPage } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 30_000 };
const PHONE: MapPageOptions = { viewport: { width: 320, height: 640 }, hasTouch: true };

let cluster: TestCluster;
let browser: Browser;
let browserWithMap: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser, browserWithMap] = await Promise.all([
    startTestCluster(1),
    launchBrowser(WITHOUT_MAP),
    launchBrowser(),
  ]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await Promise.all([browser.close(), browserWithMap.close()]);
  await cluster.close();
});

interface Scene {
  readonly mine: MapPage;
  readonly page: Page;
  readonly user: TestUser;
  readonly grace: TestUser;
  readonly card: Locator;
}

/** The page of somebody who is HERE and has one friend, Grace, near. */
async function open(
  at: PlaceInput = travel(HERE, 90, 2_000),
  options?: MapPageOptions,
  inBrowser = browser,
): Promise<Scene> {
  const [user, grace] = await Promise.all([signUp(url), signUp(url, undefined, 'Grace')]);
  await befriend(url, user, grace);
  await move(url, user, HERE);
  await move(url, grace, at);
  const mine = await openMapPage(inBrowser, url, options);
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  await mine.nearby('Grace').waitFor(PATIENCE);
  return { mine, page: mine.page, user, grace, card: mine.page.getByRole('region', { name: /^Grace @/ }) };
}

const isFocused = (locator: Locator) => (): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);

/** Whether all of an element can be seen, and nothing covers its middle. */
const isInSight = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    return isInside && element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });

describe('the card of a friend', { timeout: 120_000 }, () => {
  it('says where the friend is, how exactly, since when, how fast, and leads there', async () => {
    const place = { ...travel(HERE, 90, 2_000), accuracyMeters: 30, speedMetersPerSecond: 12 / 3.6 };
    const { mine, page, grace, card } = await open(place);
    await mine.nearby('Grace').click();
    await card.waitFor();
    const facts = (): Promise<string> => card.getByRole('list').innerText();
    expect(await facts()).toMatch(
      /^2 km away\s+Last update \d+ s ago\s+within about 30 m\s+Moving at 12 km\/h$/,
    );
    expect(await card.getByRole('heading').innerText()).toMatch(new RegExp(`Grace\\s+@${grace.handle}`));
    const link = card.getByRole('link', { name: 'Directions' });
    const to = `${place.latitude.toFixed(7)},${place.longitude.toFixed(7)}`.replace(/0+(?=,|$)/g, '');
    expect(await link.getAttribute('href')).toContain(to);
    expect(await link.getAttribute('rel')).toBe('noreferrer');

    await move(url, grace, { ...travel(HERE, 90, 3_000), accuracyMeters: 5, speedMetersPerSecond: 0.1 });
    await expect.poll(facts, PATIENCE).toMatch(/^3 km away\s+Last update \d+ s ago\s+within about 5 m$/);
    await act(url, grace, 'updateSharing(input: { enabled: true, precision: APPROXIMATE }) { enabled }');
    await expect.poll(facts, PATIENCE).toMatch(/Approximate place, within about \d+ m$/);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(mine.errors).toEqual([]);
    // The place is in the link alone, and nobody has been asked for it.
    expect(mine.requests.filter((each) => each.includes('37.97'))).toEqual([]);
  });

  it('opens from the marker and closes by the keyboard, and the focus goes back', async () => {
    const { mine, page, card } = await open(undefined, undefined, browserWithMap);
    await mine.marker('Grace').click(PATIENCE);
    await card.waitFor();
    await expect.poll(isFocused(card.getByRole('heading')), PATIENCE).toBe(true);
    expect(await mine.nearby('Grace').getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });

    await mine.nearby('Grace').focus();
    await page.keyboard.press('Enter');
    await card.waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(isFocused(card.getByRole('button', { name: 'Close' })), PATIENCE).toBe(true);
    await page.keyboard.press('Enter');
    await card.waitFor({ state: 'detached' });
    await expect.poll(isFocused(mine.nearby('Grace')), PATIENCE).toBe(true);
  });

  it('is in sight on a phone, from the list below and from the map above', async () => {
    const { mine, page, card } = await open(undefined, PHONE, browserWithMap);
    await mine.nearby('Grace').tap();
    await card.waitFor();
    for (const part of [card.getByRole('heading'), card.getByText('2 km away')])
      expect(await isInSight(part)).toBe(true);
    await card.getByRole('button', { name: 'Close' }).tap();
    await page.locator('.page').evaluate((element) => {
      element.scrollTop = 0;
    });
    await mine.marker('Grace').tap(PATIENCE);
    expect(await isInSight(card.getByText('2 km away'))).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it('hides from the friend, and shows again what the friend saw before', async () => {
    const { mine, user, grace, card } = await open();
    const ofGrace = follow(url, grace);
    await act(
      url,
      user,
      `setSharingException(input: { friendId: "${grace.id}", precision: APPROXIMATE }) { enabled }`,
    );
    await ofGrace.until(({ entries }) => entries.has(user.id));
    await mine.nearby('Grace').click();
    await expect
      .poll(() => card.getByRole('button', { name: 'Approximately' }).getAttribute('aria-pressed'), PATIENCE)
      .toBe('true');
    await card.getByRole('button', { name: 'Hide from Grace' }).click();
    await ofGrace.until(({ entries }) => !entries.has(user.id));
    await card.getByRole('button', { name: 'Show me again to Grace' }).click();
    await ofGrace.until(({ entries }) => entries.has(user.id));
    await card.getByRole('button', { name: 'Hide from Grace' }).waitFor();
    // Not exactly, as all others.
    expect(await card.getByRole('button', { name: 'Approximately' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
  });

  it('stays when the friend leaves, and says what is still known', async () => {
    const { mine, user, grace, card } = await open();
    await mine.nearby('Grace').click();
    const status = (): Promise<string> => card.getByRole('status').first().innerText();
    expect(await status()).toBe('');
    await act(url, grace, 'updateSharing(input: { enabled: false }) { enabled }');
    await expect.poll(status, PATIENCE).toBe('Grace is not visible now.');
    expect(await card.getByRole('link', { name: 'Directions' }).count()).toBe(0);
    expect(await card.getByRole('list').count()).toBe(0);

    await act(url, grace, 'updateSharing(input: { enabled: true }) { enabled }');
    await move(url, grace, travel(HERE, 90, 2_000));
    await expect.poll(status, PATIENCE).toBe('');
    await move(url, grace, travel(HERE, 90, 15_000));
    await expect.poll(status, PATIENCE).toBe('Grace is not near.');
    await expect.poll(() => card.getByRole('list').innerText(), PATIENCE).toContain('15 km away');

    await act(url, grace, `removeFriend(userId: "${user.id}")`);
    await expect.poll(status, PATIENCE).toBe('Grace is not your friend any more.');
    expect(await card.getByRole('button', { name: 'Hide from Grace' }).count()).toBe(0);
  });

  it('removes only when asked twice', async () => {
    const { mine, page, card } = await open();
    await mine.nearby('Grace').click();
    const ask = card.getByRole('button', { name: 'Remove friend' });
    const dialog = page.getByRole('dialog', { name: 'Remove Grace?' });
    await ask.click();
    await dialog.waitFor();
    await expect.poll(isFocused(dialog.getByRole('button', { name: 'Cancel' })), PATIENCE).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(isFocused(ask), PATIENCE).toBe(true);
    expect(await mine.nearby('Grace').count()).toBe(1);

    await ask.click();
    await dialog.getByRole('button', { name: 'Remove friend' }).click();
    await card.getByText('Grace is not your friend any more.').waitFor(PATIENCE);
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(0);
    await expect.poll(isFocused(card.getByRole('heading')), PATIENCE).toBe(true);
    await page.getByRole('heading', { name: 'Friends (0)' }).waitFor(PATIENCE);
  });

  it('blocks only when asked twice, and neither finds the other then', async () => {
    const { mine, page, user, grace, card } = await open();
    await mine.nearby('Grace').click();
    await card.getByRole('button', { name: 'Block' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block Grace?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await mine.nearby('Grace').count()).toBe(1);
    await card.getByRole('button', { name: 'Block' }).click();
    await dialog.getByRole('button', { name: 'Block' }).click();
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(0);
    await dialog.waitFor({ state: 'detached' });
    const send = `mutation { sendFriendRequest(userId: "${user.id}") { id } }`;
    expect(await codesOf(url, grace.token, send)).toEqual(['NOT_FOUND']);
  });
});
