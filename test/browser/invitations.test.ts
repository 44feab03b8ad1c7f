/** A link or a QR code leads to somebody's invitation, also through signing up; nothing is sent without asking. */
import jsQR from 'jsqr';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, befriend, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, type MapPageOptions, openMapPage } from './map-page.js';

const PATIENCE = { timeout: 15_000 };

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

async function open(at: string, options?: MapPageOptions): Promise<MapPage> {
  const mine = await openMapPage(browser, at, options);
  onTestFinished(() => mine.page.context().close());
  return mine;
}

async function requestsTo(user: TestUser): Promise<number> {
  const query = '{ friendRequests { edges { node { id } } } }';
  const answer = await ask<{ friendRequests: { edges: unknown[] } }>(url, user.token, query);
  return answer.friendRequests.edges.length;
}

/** What a camera reads on the screen; null for no code. */
async function scanned(page: Page): Promise<string | null> {
  const { data, width, height } = PNG.sync.read(await page.screenshot());
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data ?? null;
}

describe('an invitation', { timeout: 90_000 }, () => {
  it.each(['light', 'dark'] as const)(
    'is a code that a camera reads, and a link to copy, %s',
    async (scheme) => {
      const user = await signUp(url);
      const mine = await open(url, {
        viewport: { width: 320, height: 640 },
        colorScheme: scheme,
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const { page } = mine;
      await mine.signIn(user.handle);
      await page.getByRole('button', { name: 'Invite' }).click(PATIENCE);
      const dialog = page.getByRole('dialog', { name: 'Invite a friend' });
      const link = `${url}/#add=${user.handle}`;
      expect(await dialog.getByLabel('Link').inputValue()).toBe(link);
      expect(await scanned(page)).toBe(link);
      await dialog.getByRole('button', { name: 'Copy link' }).click();
      await dialog.getByText('Copied.').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(mine.errors).toEqual([]);
    },
  );

  it('shows who invites, and asks before it sends', async () => {
    const [user, ada] = await Promise.all([signUp(url), signUp(url, undefined, 'Ada')]);
    const mine = await open(url);
    const { page } = mine;
    await mine.signIn(user.handle);
    await page.getByRole('button', { name: 'Invite' }).waitFor(PATIENCE);
    const dialog = page.getByRole('dialog', { name: 'Add a friend' });
    // As from another app, into a page that is open.
    await page.goto(`${url}/#add=${ada.handle.toUpperCase()}`);
    await dialog.getByText(`@${ada.handle}`).waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${url}/`);
    expect(await requestsTo(ada)).toBe(0);

    await page.goto(`${url}/#add=${ada.handle}`);
    await page.reload();
    await dialog.getByText('Ada').waitFor(PATIENCE);
    expect(await requestsTo(ada)).toBe(0);
    await dialog.getByRole('button', { name: 'Send request' }).click();
    await page.getByText('Request sent').waitFor(PATIENCE);
    expect(await requestsTo(ada)).toBe(1);
    // Once it is answered, a reload does not ask again.
    await page.reload();
    await page.getByText('Request sent').waitFor(PATIENCE);
    expect(await dialog.count()).toBe(0);
    // Browsers keep the handle to themselves.
    expect(mine.requests.filter((each) => new URL(each).search.includes('add'))).toEqual([]);
  });

  it('goes on after signing up', async () => {
    const ada = await signUp(url, undefined, 'Ada');
    const mine = await open(`${url}/#add=${ada.handle}`);
    const { page } = mine;
    await page
      .getByText(`Sign in or create an account to ask @${ada.handle} to be friends.`)
      .waitFor(PATIENCE);
    await mine.signUp(`new_${process.pid}`, 'New');
    const dialog = page.getByRole('dialog', { name: 'Add a friend' });
    await dialog.getByText('Ada').waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Send request' }).click();
    await page.getByText('Request sent').waitFor(PATIENCE);
    expect(await requestsTo(ada)).toBe(1);
  });

  it('says why there is nobody to add', async () => {
    const [user, friend] = await Promise.all([signUp(url), signUp(url, undefined, 'Friend')]);
    await befriend(url, user, friend);
    const mine = await open(url);
    const { page } = mine;
    await mine.signIn(user.handle);
    await page.getByRole('heading', { name: 'Friends (1)' }).waitFor(PATIENCE);
    const dialog = page.getByRole('dialog', { name: 'Add a friend' });
    for (const [handle, reason] of [
      ['nobody_has_this', 'Nobody has the handle in this invitation.'],
      [user.handle, 'This invitation is your own.'],
      [friend.handle, 'You are friends already.'],
    ] as const) {
      await page.goto(`${url}/#add=${handle}`);
      await dialog.getByText(reason).waitFor(PATIENCE);
      expect(await dialog.getByRole('button', { name: 'Send request' }).count()).toBe(0);
      await dialog.getByRole('button', { name: 'Close' }).click();
    }
    // Nothing that is no handle is looked for.
    await page.goto(`${url}/#add=%3Cscript%3E`);
    await page.waitForFunction(() => location.hash !== '');
    expect(await dialog.count()).toBe(0);
  });
});
