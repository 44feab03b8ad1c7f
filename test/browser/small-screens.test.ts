/** On the smallest screens, and with the longest names, everything can be read and hit, in every state of the page. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, befriend, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';
import { misfits } from './misfits.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** As many letters as a name may have. */
const LONGEST = 'W'.repeat(100);

let cluster: TestCluster;
let browser: Browser;
let url: string;
let user: TestUser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  url = cluster.urls[0] ?? '';
  user = await signUp(url, undefined, LONGEST);
  const [seen, asking, asked] = await Promise.all([
    signUp(url, `longest_handle_of_all_${process.pid}`.slice(0, 30), LONGEST),
    signUp(url, undefined, LONGEST),
    signUp(url, undefined, LONGEST),
  ]);
  await befriend(url, user, seen);
  await move(url, seen, HERE);
  await act(url, asking, `sendFriendRequest(userId: "${user.id}") { status }`);
  await act(url, user, `sendFriendRequest(userId: "${asked.id}") { status }`);
  await act(url, user, `setSharingException(input: { friendId: "${seen.id}", enabled: false }) { until }`);
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

describe.each([320, 360])('at %d px', { timeout: 90_000 }, (width) => {
  async function open(at: string): Promise<MapPage> {
    const mine = await openMapPage(browser, at, { viewport: { width, height: 640 } });
    onTestFinished(() => mine.page.context().close());
    return mine;
  }

  async function expectFit(page: Page, state: string): Promise<void> {
    expect([state, await misfits(page), await accessibilityFaults(page)]).toEqual([state, [], []]);
  }

  it('everything fits, signed out and connecting', async () => {
    const mine = await open(url);
    const { page } = mine;
    await expectFit(page, 'signed out');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Enter a handle.').waitFor();
    await expectFit(page, 'signing up');
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.routeWebSocket(/graphql/, () => undefined);
    await mine.signIn(user.handle);
    await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Connecting …');
    await expectFit(page, 'connecting');
  });

  it('everything fits, live, refused, paused and reconnecting', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const mine = await open(wire.url);
    const { page } = mine;
    await mine.signIn(user.handle);
    await page.getByText('There are exceptions.').waitFor();
    await page.getByText('Request sent').waitFor();
    await expectFit(page, 'live, no location');
    const people = page.getByRole('heading', { name: 'Friends (1)' });
    const isInSight = async () => ((await people.boundingBox())?.y ?? Infinity) < 640;
    expect(await isInSight()).toBe(false);
    await page.getByRole('link', { name: 'Exceptions' }).press('Enter');
    await expect.poll(isInSight).toBe(true);

    await mine.tellWhereFrom('Use my location');
    await page.getByText('Your browser does not let this page').waitFor();
    await expectFit(page, 'refused');

    await mine.tellWhereFrom('Use a marker');
    await mine.nearby(LONGEST).waitFor();
    await mine.marker(LONGEST).waitFor();
    await expectFit(page, 'live');

    await mine.seenByAll('Pause').click();
    await mine.seenByAll('Until tonight').click();
    await page.getByText('Friends do not see you until midnight.').waitFor();
    const friend = page.locator('.people .opener');
    await friend.click();
    await expectFit(page, 'paused');

    wire.cut();
    await expect
      .poll(() => mine.connection.innerText(), PATIENCE)
      .toMatch(/^Reconnecting … · as of \d+ s ago$/);
    await expectFit(page, 'reconnecting');
    await act(url, user, 'updateSharing(input: { enabled: true }) { enabled }');
    for (const name of await page.locator('.name').all())
      expect(await name.evaluate((element) => getComputedStyle(element).textOverflow)).toBe('ellipsis');
  });
});
