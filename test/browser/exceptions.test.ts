/** Who sees what of the user is on the page at a glance, is true in every tab, and is changed in two taps. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { act, ask, befriend, move, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { runSql } from '../support/postgres.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';

const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** How soon a change has to be seen. */
const SOON = { timeout: 3_000, interval: 10 };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };

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

/** A friend on the page, with what is said of the friend. */
interface OnPage {
  readonly opener: Locator;
  readonly note: () => Promise<string>;
  /** What a screen reader reads out when it changes. */
  readonly news: () => Promise<string>;
  readonly choices: Locator;
  choice(name: string): Locator;
}

function onPage(page: Page, name: string): OnPage {
  const group = page.getByRole('group', { name: new RegExp(`^${name}, @`) });
  const choices = page.getByRole('group', { name: `How ${name} sees me` });
  return {
    opener: group.getByRole('button', { name }),
    note: () => group.locator('.note').innerText(),
    news: () => group.getByRole('status').innerText(),
    choices,
    choice: (label) => choices.getByRole('button', { name: label, exact: true }),
  };
}

interface Scene {
  readonly mine: MapPage;
  readonly user: TestUser;
  readonly grace: TestUser;
  /** Grace's list and Hedy's, on the other server. */
  readonly ofGrace: NearbyList;
  readonly ofHedy: NearbyList;
}

/** A phone with the page of a user who is where the friends Grace and Hedy are. */
async function open(at = server(0)): Promise<Scene> {
  const [user, grace, hedy] = await Promise.all([
    signUp(server(0)),
    signUp(server(1), undefined, 'Grace'),
    signUp(server(1), undefined, 'Hedy'),
  ]);
  for (const friend of [grace, hedy]) {
    await befriend(server(1), user, friend);
    await move(server(1), friend, HERE);
  }
  const mine = await openMapPage(browser, at, PHONE);
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  await mine.tellWhereFrom('Use a marker');
  const [ofGrace, ofHedy] = [follow(server(1), grace), follow(server(1), hedy)];
  for (const list of [ofGrace, ofHedy]) await list.until(({ entries }) => entries.has(user.id));
  await onPage(mine.page, 'Grace').opener.waitFor();
  return { mine, user, grace, ofGrace, ofHedy };
}

/** How many times the user has tapped or clicked since. */
async function countTaps(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = globalThis as { taps?: number };
    counted.taps = 0;
    addEventListener('click', () => (counted.taps = (counted.taps ?? 0) + 1), true);
  });
  return () => page.evaluate(() => (globalThis as { taps?: number }).taps ?? 0);
}

const exempt = (user: TestUser, friend: TestUser, rest: string): Promise<unknown> =>
  act(server(1), user, `setSharingException(input: { friendId: "${friend.id}", ${rest} }) { until }`);

async function exceptionsOf(user: TestUser): Promise<readonly Exception[]> {
  const query = '{ sharingExceptions { edges { node { enabled precision until } } } }';
  const { sharingExceptions } = await ask<Exceptions>(server(1), user.token, query);
  return sharingExceptions.edges.map(({ node }) => node);
}

it('two taps hide from one friend, and two more show again; the other friend’s list stays', async () => {
  const { mine, user, ofGrace, ofHedy } = await open();
  const [grace, hedy] = [onPage(mine.page, 'Grace'), onPage(mine.page, 'Hedy')];
  const taps = await countTaps(mine.page);
  const toldHedy = ofHedy.frames.length;

  await grace.opener.tap();
  await grace.choice('Not at all').tap();
  await ofGrace.until(({ entries }) => !entries.has(user.id), SOON.timeout);
  expect(await taps()).toBe(2);
  await expect.poll(grace.note, SOON).toBe('does not see you');
  expect(await hedy.note()).toBe('');
  await expect
    .poll(() => mine.page.locator('.sharing [role=status]').innerText(), SOON)
    .toBe('Friends see you. There are exceptions.');

  await grace.opener.tap();
  expect(await grace.choice('Not at all').getAttribute('aria-pressed')).toBe('true');
  await grace.choice('As all others').tap();
  await ofGrace.until(({ entries }) => entries.has(user.id), SOON.timeout);
  expect(await taps()).toBe(4);
  await expect.poll(grace.note, SOON).toBe('');
  await expect
    .poll(() => mine.page.locator('.sharing [role=status]').innerText(), SOON)
    .toBe('Friends see you.');
  expect(ofHedy.frames).toHaveLength(toldHedy);
  expect(mine.errors).toEqual([]);
});

it('one friend sees exactly for an hour while all others see nothing, and another one about where', async () => {
  const { mine, user, ofGrace, ofHedy } = await open();
  const [grace, hedy] = [onPage(mine.page, 'Grace'), onPage(mine.page, 'Hedy')];
  await mine.seenByAll('Pause').tap();
  for (const list of [ofGrace, ofHedy])
    await list.until(({ entries }) => !entries.has(user.id), SOON.timeout);

  await grace.opener.tap();
  const chosenAt = Date.now();
  await grace.choice('Exactly for an hour').tap();
  await ofGrace.until(({ entries }) => entries.get(user.id)?.distanceMeters === 0, SOON.timeout);
  await expect.poll(grace.note, SOON).toMatch(/^sees you exactly until \d{1,2}:\d\d$/);
  const [exception] = await exceptionsOf(user);
  expect(exception).toMatchObject({ enabled: true, precision: 'EXACT' });
  const chosenMs = Date.parse(exception?.until ?? '') - 3_600_000;
  expect(chosenMs).toBeGreaterThan(chosenAt - 5_000);
  expect(chosenMs).toBeLessThan(Date.now() + 5_000);

  await hedy.opener.tap();
  await hedy.choice('Approximately').tap();
  await ofHedy.until(({ entries }) => (entries.get(user.id)?.distanceMeters ?? 0) > 0, SOON.timeout);
  await expect.poll(hedy.note, SOON).toBe('sees you approximately');
  await expect
    .poll(() => mine.page.locator('.sharing [role=status]').innerText(), SOON)
    .toBe('Friends do not see you. There are exceptions.');
});

it('all friends see approximately after one tap', async () => {
  const { mine, user, ofGrace } = await open();
  await mine.seenByAll('Approximately').tap();
  await ofGrace.until(({ entries }) => (entries.get(user.id)?.distanceMeters ?? 0) > 0, SOON.timeout);
  await expect
    .poll(() => mine.page.locator('.sharing [role=status]').innerText(), SOON)
    .toBe('Friends see you approximately.');
  expect(await mine.seenByAll('Approximately').getAttribute('aria-pressed')).toBe('true');
  expect(await mine.seenByAll('Exactly').getAttribute('aria-pressed')).toBe('false');
});

it('what another tab or device changes is followed, and an exception ends by itself at its time', async () => {
  const { mine, user, grace: friend, ofGrace } = await open();
  const tab = await mine.page.context().newPage();
  await tab.goto(server(0));
  const tablet = await openMapPage(browser, server(1), PHONE);
  onTestFinished(() => tablet.page.context().close());
  await tablet.signIn(user.handle);
  const pages = [mine.page, tab, tablet.page].map((page) => onPage(page, 'Grace'));
  const [here, ofTab, there] = pages as [OnPage, OnPage, OnPage];
  await ofTab.opener.waitFor(PATIENCE);
  await there.opener.tap(PATIENCE);
  await there.choice('Approximately').tap();
  for (const { note } of pages) await expect.poll(note, SOON).toBe('sees you approximately');
  await expect.poll(here.news, SOON).toBe('Grace sees you approximately.');

  const untilMs = Date.now() + 3_000;
  await exempt(user, friend, `enabled: false, until: "${new Date(untilMs).toISOString()}"`);
  for (const { note } of pages)
    await expect.poll(note, SOON).toMatch(/^does not see you until \d{1,2}:\d\d$/);
  await here.opener.tap();
  expect(await here.choice('Not at all').getAttribute('aria-pressed')).toBe('true');
  await ofGrace.until(({ entries }) => entries.has(user.id), 4_000);
  // The page looks at the time once a second.
  for (const { note } of pages) await expect.poll(note, { timeout: 2_000 }).toBe('');
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  expect(await here.choice('As all others').getAttribute('aria-pressed')).toBe('true');
  await expect.poll(here.news, SOON).toBe('Grace sees you as all others do.');
});

it('works with the keyboard and a screen reader, in which nothing is read out that was so before', async () => {
  const { mine, user, grace: friend, ofGrace } = await open();
  const { page } = mine;
  const { opener, choices, choice, note, news } = onPage(page, 'Grace');
  const isFocused = (locator: Locator) => () =>
    locator.evaluate((element) => element === document.activeElement);
  await opener.focus();
  expect(await opener.getAttribute('aria-expanded')).toBe('false');
  await page.keyboard.press('Enter');
  await choices.waitFor();
  expect(await opener.getAttribute('aria-expanded')).toBe('true');
  expect(await opener.getAttribute('aria-controls')).toBe(await choices.getAttribute('id'));
  await page.keyboard.press('Escape');
  await choices.waitFor({ state: 'detached' });
  expect(await isFocused(opener)()).toBe(true);

  await page.keyboard.press('Space');
  await choices.waitFor();
  for (let presses = 0; !(await isFocused(choice('Not at all'))()) && presses < 10; presses++)
    await page.keyboard.press('Tab');
  expect(await news()).toBe('');
  // No button on the way has changed anything.
  expect(await exceptionsOf(user)).toEqual([]);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await ofGrace.until(({ entries }) => !entries.has(user.id), SOON.timeout);
  await expect.poll(isFocused(opener), SOON).toBe(true);
  await expect.poll(note, SOON).toBe('does not see you');
  await expect.poll(news, SOON).toBe('Grace does not see you.');
  expect(await page.locator(`[id="${await opener.getAttribute('aria-describedby')}"]`).innerText()).toBe(
    await note(),
  );
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(PHONE.viewport.height);

  await page.reload();
  await expect.poll(note, PATIENCE).toBe('does not see you');
  expect(await news()).toBe('');
  await act(server(1), user, `removeFriend(userId: "${friend.id}")`);
  await expect.poll(() => opener.count(), SOON).toBe(0);
});

it('without a connection nothing is claimed, and after it what is true then', async () => {
  const wire = await startWire(server(0));
  onTestFinished(() => wire.close());
  const { mine, user, grace: friend } = await open(wire.url);
  const { opener, choice, note } = onPage(mine.page, 'Grace');
  await exempt(user, friend, 'precision: APPROXIMATE');
  await expect.poll(note, SOON).toBe('sees you approximately');
  wire.cut();
  await expect.poll(note, PATIENCE).toBe('');
  await opener.tap();
  expect(await choice('Not at all').isDisabled()).toBe(true);
  await exempt(user, friend, 'enabled: false');
  wire.mend();
  await expect.poll(note, PATIENCE).toBe('does not see you');
});

it('exceptions that cannot be read are not passed over, and are shown when they can be read again', async () => {
  const { mine, user, grace: friend } = await open();
  const { note } = onPage(mine.page, 'Grace');
  await exempt(user, friend, 'enabled: false');
  await expect.poll(note, SOON).toBe('does not see you');
  const rename = (from: string, to: string): Promise<unknown> =>
    runSql(cluster.database.url, `ALTER TABLE friendships RENAME COLUMN ${from} TO ${to}`);
  await rename('exception_until', 'gone');
  try {
    await mine.page.reload();
    await mine.page.locator('.sharing [role=alert]').waitFor(PATIENCE);
    expect(await mine.page.locator('.sharing [role=status]').innerText()).toBe('');
    expect(await note()).toBe('');
  } finally {
    await rename('gone', 'exception_until');
  }
  await expect.poll(note, PATIENCE).toBe('does not see you');
  expect(await mine.page.locator('.sharing [role=alert]').count()).toBe(0);
});

interface Exception {
  readonly enabled: boolean;
  readonly precision: string;
  readonly until: string | null;
}

interface Exceptions {
  readonly sharingExceptions: { readonly edges: readonly { readonly node: Exception }[] };
}
