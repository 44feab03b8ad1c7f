/** What the page says of who sees its user is true at every moment, in every tab. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { act, ask, befriend, move, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { locationFrom, type MapPage, openMapPage, type SeenByAll, seenByAll } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** How soon a change has to be seen. */
const SOON = { timeout: 3_000, interval: 10 };
const NO_PLACE = 'Friends may see you, but there is no live location.';
const SEEN = 'Friends see you.';
const UNSEEN = 'Friends do not see you.';

let cluster: TestCluster;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(2), launchBrowser(WITHOUT_MAP)]);
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

const server = (index: number): string => cluster.urls[index] as string;

const sentenceOf = (page: Page) => (): Promise<string> => page.locator('.sharing [role=status]').innerText();
const hideOf = (page: Page) => seenByAll(page, 'Pause');
const showOf = (page: Page) => seenByAll(page, 'Share');

async function open(at = server(0)): Promise<MapPage> {
  const mapPage = await openMapPage(browser, at);
  onTestFinished(() => mapPage.page.context().close());
  return mapPage;
}

/** A signed-in page, its user, and the list of a friend, who is HERE, on the other server. */
async function openSeen(at?: string): Promise<Scene> {
  const [user, friend] = await Promise.all([signUp(server(0)), signUp(server(1))]);
  await befriend(server(1), user, friend);
  await move(server(1), friend, HERE);
  const mine = await open(at);
  await mine.signIn(user.handle);
  await expect.poll(sentenceOf(mine.page), PATIENCE).toBe(NO_PLACE);
  await mine.tellWhereFrom('Use a marker');
  const list = follow(server(1), friend);
  await list.until(({ entries }) => entries.has(user.id));
  await expect.poll(sentenceOf(mine.page), SOON).toBe(SEEN);
  return { mine, user, friend, list };
}

interface Scene {
  readonly mine: MapPage;
  readonly user: TestUser;
  readonly friend: TestUser;
  readonly list: NearbyList;
}

it('what one tab changes, the other follows, and its button does the right thing', async () => {
  const { mine, user, list } = await openSeen();
  const other = await mine.page.context().newPage();
  await other.goto(server(0));
  await expect.poll(sentenceOf(other), PATIENCE).toBe(SEEN);
  const pages = [mine.page, other];
  for (const [index, page] of pages.entries()) {
    const another = pages[1 - index] as Page;
    await hideOf(page).click();
    await expect.poll(sentenceOf(another), SOON).toBe(UNSEEN);
    expect(await hideOf(another).getAttribute('aria-pressed')).toBe('true');
    await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
    await showOf(another).click();
    await expect.poll(sentenceOf(page), SOON).toBe(SEEN);
    expect(await hideOf(page).getAttribute('aria-pressed')).toBe('false');
    await list.until(({ entries }) => entries.has(user.id), SOON.timeout);
  }
  expect(mine.errors).toEqual([]);
});

it('friends see the user from as far away as the user chooses, and a pause keeps its end by that', async () => {
  const { mine, user, friend, list } = await openSeen();
  const other = await mine.page.context().newPage();
  await other.goto(server(0));
  const limitOf = (page: Page) => page.getByLabel('Distance limit');
  await move(server(1), friend, { latitude: HERE.latitude + 0.03, longitude: HERE.longitude });
  await limitOf(mine.page).selectOption('2000');
  await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
  await expect.poll(() => limitOf(other).inputValue(), PATIENCE).toBe('2000');
  await limitOf(other).selectOption('none');
  await list.until(({ entries }) => entries.has(user.id), SOON.timeout);

  const until = new Date(Date.now() + 600_000).toISOString();
  await act(server(1), user, `updateSharing(input: { enabled: false, until: "${until}" }) { enabled }`);
  await expect.poll(sentenceOf(mine.page), SOON).not.toBe(SEEN);
  await limitOf(mine.page).selectOption('5000');
  await expect.poll(() => limitOf(other).inputValue(), SOON).toBe('5000');
  const { sharing } = await ask<{ sharing: unknown }>(
    server(1),
    user.token,
    '{ sharing { enabled until maxRadiusMeters } }',
  );
  expect(sharing).toEqual({ enabled: false, until, maxRadiusMeters: 5_000 });
  expect(mine.errors).toEqual([]);
});

it('a tab that did not hear of a pause does not end it', async () => {
  const wire = await startWire(server(0));
  onTestFinished(() => wire.close());
  const { mine, user } = await openSeen(wire.url);
  wire.holdAnswers();
  await act(server(1), user, 'updateSharing(input: { enabled: false }) { enabled }');
  expect(await sentenceOf(mine.page)()).toBe(SEEN);
  await mine.page.getByLabel('Distance limit').selectOption('2000');
  wire.mend();
  const sharing = async () =>
    (await ask<{ sharing: unknown }>(server(1), user.token, '{ sharing { enabled maxRadiusMeters } }'))
      .sharing;
  await expect.poll(sharing, PATIENCE).toEqual({ enabled: false, maxRadiusMeters: 2_000 });
  await expect.poll(sentenceOf(mine.page), SOON).toBe(UNSEEN);
});

it('a pause is one tap, and ends when the user chooses, which other changes leave', async () => {
  const { mine, user, list } = await openSeen();
  const { page } = mine;
  const isChosen = (label: SeenByAll) => () => mine.seenByAll(label).getAttribute('aria-pressed');
  const sharing = async () => {
    const query = '{ sharing { enabled until precision } }';
    return (await ask<{ sharing: { until: string | null } }>(server(1), user.token, query)).sharing;
  };
  const untilMs = async () => Date.parse((await sharing()).until ?? '');

  await mine.seenByAll('Pause').dblclick();
  await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
  await expect.poll(sentenceOf(page), SOON).toBe(UNSEEN);
  await expect.poll(isChosen('Until I resume'), SOON).toBe('true');

  const chosenAt = Date.now();
  await mine.seenByAll('For 1 hour').click();
  await expect
    .poll(sentenceOf(page), SOON)
    .toMatch(/^Friends do not see you until (\d{1,2}:\d\d|midnight)\.$/);
  const chosenMs = (await untilMs()) - 3_600_000;
  expect(chosenMs).toBeGreaterThan(chosenAt - 5_000);
  expect(chosenMs).toBeLessThan(Date.now() + 5_000);
  expect(await isChosen('For 1 hour')()).toBe('true');

  const midnightMs = await page.evaluate(() => new Date().setHours(24, 0, 0, 0));
  await mine.seenByAll('Until tonight').focus();
  await page.keyboard.press('Enter');
  await expect.poll(sentenceOf(page), SOON).toBe('Friends do not see you until midnight.');
  expect(await untilMs()).toBe(midnightMs);
  await expect.poll(isChosen('Until tonight'), SOON).toBe('true');

  await mine.seenByAll('Approximately').click();
  await expect.poll(isChosen('Approximately'), SOON).toBe('true');
  await mine.seenByAll('Pause').click();
  expect(await sharing()).toEqual({
    enabled: false,
    until: new Date(midnightMs).toISOString(),
    precision: 'APPROXIMATE',
  });
  expect(await accessibilityFaults(page)).toEqual([]);

  await mine.seenByAll('Until I resume').click();
  await expect.poll(sentenceOf(page), SOON).toBe(UNSEEN);
  await mine.seenByAll('Share').click();
  await list.until(({ entries }) => entries.has(user.id), SOON.timeout);
  expect(await sharing()).toEqual({ enabled: true, until: null, precision: 'APPROXIMATE' });
  expect(await mine.seenByAll('Until tonight').count()).toBe(0);
  expect(mine.errors).toEqual([]);
});

it('of two changes in a row the last one holds', async () => {
  const { mine, user, list } = await openSeen();
  await mine.seenByAll('Pause').click();
  await mine.seenByAll('Approximately').click();
  await mine.seenByAll('Exactly').click();
  await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
  const query = '{ sharing { enabled precision } }';
  const sharing = async () => (await ask<{ sharing: unknown }>(server(1), user.token, query)).sharing;
  await expect.poll(sharing, SOON).toEqual({ enabled: false, precision: 'EXACT' });
  await expect.poll(sentenceOf(mine.page), SOON).toBe(UNSEEN);
});

it('a timed pause has its end in the sentence, and ends there by itself', async () => {
  const { mine, user } = await openSeen();
  const until = new Date(Date.now() + 3_000).toISOString();
  await act(server(1), user, `updateSharing(input: { enabled: false, until: "${until}" }) { enabled }`);
  await expect.poll(sentenceOf(mine.page), SOON).toMatch(/^Friends do not see you until \d{1,2}:\d\d\.$/);
  await expect.poll(sentenceOf(mine.page), { timeout: 4_000 }).toBe(SEEN);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  expect(await hideOf(mine.page).getAttribute('aria-pressed')).toBe('false');
});

it('who shares no location any more is gone at once, in whatever tab that was chosen', async () => {
  const { mine, user, list } = await openSeen();
  const other = await mine.page.context().newPage();
  await other.goto(server(0));
  await expect.poll(sentenceOf(other), PATIENCE).toBe(SEEN);
  for (const page of [mine.page, other]) {
    await locationFrom(page, 'Off').click();
    await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
    await expect.poll(sentenceOf(mine.page), SOON).toBe(NO_PLACE);
    await expect.poll(sentenceOf(other), SOON).toBe(NO_PLACE);
    await locationFrom(page, 'Use a marker').click();
    await list.until(({ entries }) => entries.has(user.id));
    await expect.poll(sentenceOf(other), SOON).toBe(SEEN);
  }
});

it('who signs out is gone at once', async () => {
  const { mine, user, list } = await openSeen();
  await mine.page.getByRole('button', { name: 'Sign out' }).click();
  await mine.page.getByText('You are signed out.').waitFor();
  await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);
});

it('without a connection nothing is claimed, and after it what is true then', async () => {
  const wire = await startWire(server(0));
  onTestFinished(() => wire.close());
  const { mine, user } = await openSeen(wire.url);
  wire.cut();
  await expect
    .poll(sentenceOf(mine.page), PATIENCE)
    .toBe('Without a connection, this page cannot tell whether friends see you.');
  expect(await hideOf(mine.page).isDisabled()).toBe(true);
  await act(server(1), user, 'updateSharing(input: { enabled: false }) { enabled }');
  wire.mend();
  await expect.poll(sentenceOf(mine.page), PATIENCE).toBe(UNSEEN);
});

it('a new user is asked, and is seen by nobody before turning it on; a friendship that ends leaves the page', async () => {
  const mine = await open();
  const handle = `new_${process.pid}`;
  await mine.signUp(handle, 'New', false);
  await expect.poll(sentenceOf(mine.page), PATIENCE).toBe(UNSEEN);
  const friend = await signUp(server(1), undefined, 'Grace');
  await mine.ask(friend.handle);
  await expect
    .poll(async () => {
      const query = '{ friendRequests { edges { node { id } } } }';
      const { friendRequests } = await ask<Requests>(server(1), friend.token, query);
      return friendRequests.edges.length;
    }, PATIENCE)
    .toBe(1);
  const { user } = await ask<{ user: { id: string } }>(
    server(1),
    friend.token,
    `{ user(handle: "${handle}") { id } }`,
  );
  await act(server(1), friend, `sendFriendRequest(userId: "${user.id}") { status }`);
  await mine.tellWhereFrom('Use a marker');
  await move(server(1), friend, HERE);
  const list = follow(server(1), friend);
  expect((await list.next()).nearby).toEqual([]);
  await expect.poll(sentenceOf(mine.page), SOON).toBe(UNSEEN);
  await showOf(mine.page).click();
  await list.until(({ entries }) => entries.has(user.id), SOON.timeout);
  await expect.poll(sentenceOf(mine.page), SOON).toBe(SEEN);

  const grace = mine.page.getByRole('group', { name: `Grace, @${friend.handle}` });
  expect(await grace.count()).toBe(1);
  await act(server(1), friend, `removeFriend(userId: "${user.id}")`);
  await expect.poll(() => grace.count(), SOON).toBe(0);
});

interface Requests {
  readonly friendRequests: { readonly edges: readonly unknown[] };
}
