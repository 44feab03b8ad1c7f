/** All friends, however many there are, with what may be known of each. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, befriend, move, signUp, type TestUser } from '../support/api.js';
import { createUsers } from '../support/crowd.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { runSql } from '../support/postgres.js';
import { travel } from '../support/sphere.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 30_000 };
/** More than a page of the server has. */
const MANY = 1_234;

let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser(WITHOUT_MAP)]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

async function open(user: TestUser): Promise<MapPage> {
  const mine = await openMapPage(browser, url);
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  return mine;
}

const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: new RegExp(`^${name}, @`) });
const whereaboutsOf = (page: Page, name: string) => (): Promise<string> =>
  rowOf(page, name).locator('.whereabouts').innerText();

describe('the list of all friends', { timeout: 120_000 }, () => {
  it('shows more than a thousand by and by, and finds the one who is meant', async () => {
    const user = await signUp(url);
    const hub = Array.from({ length: MANY }, (_, index) => [0, index + 1] as const);
    const [seeded] = await createUsers(cluster.database.url, hub);
    // The friends of who was seeded become those of somebody with a password.
    const { id = '' } = seeded ?? {};
    await runSql(
      cluster.database.url,
      `UPDATE friendships SET user_id = '${user.id}' WHERE user_id = '${id}';
       UPDATE friendships SET friend_id = '${user.id}' WHERE friend_id = '${id}';
       UPDATE users SET display_name = 'Zoë Ångström' WHERE handle = 'u1200'`,
    );
    const { page, errors } = await open(user);
    await page.getByRole('heading', { name: `Friends (${MANY})` }).waitFor(PATIENCE);
    const rows = page.locator('.people li');
    expect(await rows.count()).toBe(100);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => rows.count()).toBe(200);

    const filter = page.getByLabel('Find a friend');
    for (const text of ['angstrom', 'ZOE', '@u1200']) {
      await filter.fill(text);
      await expect.poll(() => rows.count()).toBe(1);
      await expect.poll(() => rows.innerText()).toContain('Zoë Ångström');
      await page.getByText(`1 of ${MANY} friends`).waitFor();
    }
    await filter.fill('nobody of this name');
    await page.getByText(`0 of ${MANY} friends`).waitFor();
    await filter.fill('');
    await expect.poll(() => rows.count()).toBe(100);
    expect(errors).toEqual([]);
  });

  it('says who is near, who is farther away and who is not visible, and no more', async () => {
    const user = await signUp(url);
    const names = ['Near', 'Far', 'Hiding', 'Silent', 'Beyond'];
    const friends = await Promise.all(names.map((name) => signUp(url, undefined, name)));
    const [near, far, hiding, , beyond] = friends as [TestUser, TestUser, TestUser, TestUser, TestUser];
    for (const friend of friends) await befriend(url, user, friend);
    await move(url, near, travel(HERE, 0, 1_000));
    await move(url, far, travel(HERE, 0, 120_000));
    await move(url, hiding, travel(HERE, 0, 1_000));
    await act(
      url,
      hiding,
      `setSharingException(input: { friendId: "${user.id}", enabled: false }) { enabled }`,
    );
    await move(url, beyond, travel(HERE, 0, 90_000));
    await act(url, beyond, 'updateSharing(input: { enabled: true, maxRadiusMeters: 50000 }) { enabled }');
    const mine = await open(user);
    const { page } = mine;
    await rowOf(page, 'Near').waitFor(PATIENCE);
    // Without an own place nothing is known of anybody.
    for (const name of names) expect(await whereaboutsOf(page, name)()).toBe('');
    await mine.tellWhereFrom('Use a marker');
    await expect.poll(whereaboutsOf(page, 'Near'), PATIENCE).toBe('1 km away');
    await rowOf(page, 'Far').scrollIntoViewIfNeeded();
    await expect.poll(whereaboutsOf(page, 'Far'), PATIENCE).toBe('120 km away');
    for (const name of ['Hiding', 'Silent', 'Beyond'])
      expect(await whereaboutsOf(page, name)()).toBe('Not visible');
    await expect.poll(() => accessibilityFaults(page)).toEqual([]);

    await rowOf(page, 'Far').getByRole('button', { name: 'Far' }).click();
    const card = page.getByRole('region', { name: /^Far @/ });
    await card.getByText('120 km away').waitFor();
    await card.getByText('Far is not near.').waitFor();
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    expect(
      await rowOf(page, 'Far')
        .getByRole('button', { name: 'Far' })
        .evaluate((element) => element === document.activeElement),
    ).toBe(true);

    // Whoever leaves the live list is not visible at once, with no word of where that was.
    await act(url, near, 'updateSharing(input: { enabled: false }) { enabled }');
    await expect.poll(() => mine.nearby('Near').count(), PATIENCE).toBe(0);
    expect(await whereaboutsOf(page, 'Near')()).not.toContain('km');
    await expect.poll(whereaboutsOf(page, 'Near'), PATIENCE).toBe('Not visible');
    expect(mine.errors).toEqual([]);
  });

  it('is true when somebody becomes a friend or ends it elsewhere', async () => {
    const [user, grace] = await Promise.all([signUp(url), signUp(url, undefined, 'Grace')]);
    const { page } = await open(user);
    await page.getByRole('heading', { name: 'Friends (0)' }).waitFor(PATIENCE);
    await befriend(url, user, grace);
    await page.getByRole('heading', { name: 'Friends (1)' }).waitFor(PATIENCE);
    await rowOf(page, 'Grace').waitFor();
    await act(url, grace, `removeFriend(userId: "${user.id}")`);
    await page.getByRole('heading', { name: 'Friends (0)' }).waitFor(PATIENCE);
    expect(await rowOf(page, 'Grace').count()).toBe(0);
  });

  it('asks before it removes, and the focus is not lost', async () => {
    const [user, grace] = await Promise.all([signUp(url), signUp(url, undefined, 'Grace')]);
    await befriend(url, user, grace);
    const { page } = await open(user);
    const remove = rowOf(page, 'Grace').getByRole('button', { name: 'Remove' });
    const dialog = page.getByRole('dialog', { name: 'Remove Grace?' });
    await remove.click(PATIENCE);
    await dialog.getByRole('button', { name: 'Cancel' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await remove.evaluate((element) => element === document.activeElement)).toBe(true);
    await remove.press('Enter');
    await dialog.getByRole('button', { name: 'Remove friend' }).click();
    const heading = page.getByRole('heading', { name: 'Friends (0)' });
    await heading.waitFor(PATIENCE);
    await dialog.waitFor({ state: 'detached' });
    const isFocused = () => heading.evaluate((element) => element === document.activeElement);
    await expect.poll(isFocused, PATIENCE).toBe(true);
  });
});
