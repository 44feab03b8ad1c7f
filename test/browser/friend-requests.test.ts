/** Friend requests are announced wherever the user looks, and are answered there. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, ask, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { openMapPage } from './map-page.js';

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

async function open(user: TestUser): Promise<Page> {
  const mine = await openMapPage(browser, url, { viewport: { width: 320, height: 640 } });
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  await mine.page.getByRole('heading', { name: 'Friends (0)' }).waitFor(PATIENCE);
  return mine.page;
}

const request = (from: TestUser, to: TestUser): Promise<{ id: string; status: string }> =>
  act(url, from, `sendFriendRequest(userId: "${to.id}") { id status }`);

describe('a friend request', { timeout: 90_000 }, () => {
  it('is announced over the page and in its title, and accepted there', async () => {
    const [user, grace, early] = await Promise.all([
      signUp(url),
      signUp(url, undefined, 'Grace'),
      signUp(url, undefined, 'Early'),
    ]);
    await request(early, user);
    const page = await open(user);
    const toasts = page.getByRole('log', { name: 'New friend requests' });
    // What waited before is counted, and in the list.
    await expect.poll(() => page.title(), PATIENCE).toBe('(1) Nearby Friends');
    expect(await toasts.innerText()).toBe('');

    await request(grace, user);
    await toasts.getByText('wants to be friends').waitFor(PATIENCE);
    expect(await toasts.innerText()).toContain(`@${grace.handle}`);
    expect(await page.title()).toBe('(2) Nearby Friends');
    // A phone that shows the top of the page shows the announcement, though not the list.
    const inSight = await page.evaluate(() => {
      const boxOf = (selector: string): number =>
        document.querySelector(selector)?.getBoundingClientRect().bottom ?? NaN;
      return { toast: boxOf('.toast') <= innerHeight, list: boxOf('.people') <= innerHeight };
    });
    expect(inSight).toEqual({ toast: true, list: false });
    expect(await accessibilityFaults(page)).toEqual([]);
    await toasts.getByRole('button', { name: 'Accept' }).click();
    await page.getByRole('heading', { name: 'Friends (1)' }).waitFor(PATIENCE);
    await expect.poll(() => toasts.innerText()).toBe('');
    expect(await page.title()).toBe('(1) Nearby Friends');
  });

  it('goes when it is declined, put off, or taken back', async () => {
    const user = await signUp(url);
    const [declined, later, back] = await Promise.all([
      signUp(url, undefined, 'Declined'),
      signUp(url, undefined, 'Later'),
      signUp(url, undefined, 'Back'),
    ]);
    const page = await open(user);
    const toasts = page.getByRole('log', { name: 'New friend requests' });
    const groupOf = (name: string) => toasts.getByRole('group', { name: `Request of ${name}` });
    await request(declined, user);
    await groupOf('Declined').getByRole('button', { name: 'Decline' }).click(PATIENCE);
    await groupOf('Declined').waitFor({ state: 'detached' });
    expect(await page.title()).toBe('Nearby Friends');

    await request(later, user);
    await groupOf('Later').getByRole('button', { name: 'Later' }).click(PATIENCE);
    await groupOf('Later').waitFor({ state: 'detached' });
    // It still waits in the list.
    expect(await page.title()).toBe('(1) Nearby Friends');
    await page.getByRole('group', { name: `Later, @${later.handle}` }).waitFor();

    const { id } = await request(back, user);
    await groupOf('Back').waitFor(PATIENCE);
    await act(url, back, `cancelFriendRequest(requestId: "${id}") { id }`);
    await groupOf('Back').waitFor({ state: 'detached', ...PATIENCE });
  });

  it('by somebody who was declined rests, and is neither announced nor listed', async () => {
    const [user, again, knock] = await Promise.all([
      signUp(url),
      signUp(url, undefined, 'Again'),
      signUp(url, undefined, 'Knock'),
    ]);
    const page = await open(user);
    const toasts = page.getByRole('log', { name: 'New friend requests' });
    await request(again, user);
    await toasts.getByRole('button', { name: 'Decline' }).click(PATIENCE);
    await toasts.getByRole('button', { name: 'Decline' }).waitFor({ state: 'detached' });
    expect(await request(again, user)).toMatchObject({ status: 'PENDING' });
    // The request of another one has the page read the list.
    await request(knock, user);
    await toasts.getByText('Knock').waitFor(PATIENCE);
    expect(await page.title()).toBe('(1) Nearby Friends');
    expect(await page.getByText('Again').count()).toBe(0);

    const { friendRequests } = await ask<{ friendRequests: { edges: unknown[] } }>(
      url,
      again.token,
      '{ friendRequests(direction: OUTGOING) { edges { node { id } } } }',
    );
    expect(friendRequests.edges).toHaveLength(1);
    // Whoever declined by mistake asks.
    await page.getByLabel('Add a friend by handle').fill(again.handle);
    await page.getByRole('button', { name: 'Send request' }).click();
    await page.getByRole('heading', { name: 'Friends (1)' }).waitFor(PATIENCE);
  });
});
