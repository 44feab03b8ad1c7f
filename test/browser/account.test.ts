/** What a user changes about the own account in the page's account view. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, ask, befriend, codesOf, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser, WITHOUT_MAP } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';

const PATIENCE = { timeout: 15_000 };
const HERE = { latitude: 37.9755, longitude: 23.7348 };
const PASSWORD = 'correct horse battery';
const SIGN_IN =
  'mutation ($handle: String!, $password: String!) { signIn(input: { handle: $handle, password: $password }) { accessToken } }';

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

/** The page of a user who is signed in. */
async function open(user: TestUser, at = url): Promise<MapPage> {
  const mine = await openMapPage(browser, at);
  onTestFinished(() => mine.page.context().close());
  await mine.signIn(user.handle);
  await mine.page.getByRole('button', { name: 'Sign out' }).waitFor();
  return mine;
}

/** The account view, when it has read what it shows. */
async function openAccount({ page }: MapPage): Promise<Locator> {
  await page.getByRole('button', { name: 'Account' }).click();
  const view = page.getByRole('dialog', { name: 'Account' });
  await view.getByLabel('Name that friends see').waitFor();
  return view;
}

const signIn = (user: TestUser, password = PASSWORD): Promise<unknown> =>
  ask(url, null, SIGN_IN, { handle: user.handle, password });

const describes = (field: Locator): Promise<string> =>
  field.evaluate(
    (input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.innerText ?? '',
  );

/** A field that has the focus and is marked as wrong. */
async function expectFault(field: Locator, said: RegExp): Promise<void> {
  await expect.poll(() => describes(field), PATIENCE).toMatch(said);
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
}

const signedOut = ({ page }: MapPage): Promise<void> =>
  page.getByText('Your session has ended. Sign in again.').waitFor();

describe('the account view', { timeout: 90_000 }, () => {
  it('opens and closes by keyboard, and gives the focus back', async () => {
    const { page } = await open(await signUp(url));
    const opener = page.getByRole('button', { name: 'Account' });
    await opener.press('Enter');
    const view = page.getByRole('dialog', { name: 'Account' });
    await view.getByLabel('Name that friends see').waitFor();
    // Tab stays within it.
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName)).toMatch(
        /^(DIALOG|BODY)$/,
      );
    }
    await page.keyboard.press('Escape');
    await expect.poll(() => view.count()).toBe(0);
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('changes the name, which friends see at once, and says at the field what is wrong with it', async () => {
    const [user, friend] = await Promise.all([signUp(url), signUp(url)]);
    await befriend(url, user, friend);
    await Promise.all([move(url, user, HERE), move(url, friend, HERE)]);
    const [mine, theirs] = await Promise.all([open(user), open(friend)]);
    await theirs.nearby('Somebody').waitFor();
    const view = await openAccount(mine);
    const field = view.getByLabel('Name that friends see');
    expect(await field.inputValue()).toBe('Somebody');
    await field.fill('\u200b');
    await view.getByRole('button', { name: 'Save name' }).click();
    await expectFault(field, /^A display name /);
    expect(await accessibilityFaults(mine.page)).toEqual([]);

    await field.fill('  Ada   Lovelace ');
    await field.press('Enter');
    await view.getByText('Your name is saved.').waitFor();
    expect(await field.inputValue()).toBe('Ada Lovelace');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
    await theirs.nearby('Ada Lovelace').waitFor();
    expect([...mine.errors, ...theirs.errors]).toEqual([]);
  });

  it('changes the password: a wrong one is told at its field, a new one signs the others out', async () => {
    const user = await signUp(url);
    const [mine, other] = await Promise.all([open(user), open(user)]);
    const view = await openAccount(mine);
    const sessions = view.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
    await expect.poll(() => sessions.count(), PATIENCE).toBe(3);
    const [current, next] = [view.getByLabel('Current password'), view.getByLabel('New password')];
    await view.getByRole('button', { name: 'Show passwords' }).click();
    expect(await Promise.all([current, next].map((field) => field.getAttribute('type')))).toEqual([
      'text',
      'text',
    ]);

    const wrong: [string, string, Locator, RegExp][] = [
      ['', 'staple battery', current, /^Enter your current password\./],
      [PASSWORD, '', next, /^Enter a new password\./],
      [PASSWORD, 'short', next, /^A password is 8 to 256 characters\./],
      ['wrong horse battery', 'staple battery', current, /^The current password is wrong\./],
    ];
    for (const [typedCurrent, typedNext, field, said] of wrong) {
      await current.fill(typedCurrent);
      await next.fill(typedNext);
      await view.getByRole('button', { name: 'Change password' }).click();
      await expectFault(field, said);
      expect(await view.locator('[aria-invalid=true]').count()).toBe(1);
    }

    await current.fill(PASSWORD);
    await next.fill('staple battery');
    await next.press('Enter');
    await view.getByText('Your password is changed.').waitFor();
    await signedOut(other);
    await expect.poll(() => sessions.count(), PATIENCE).toBe(1);
    expect(await current.inputValue()).toBe('');
    expect(await current.getAttribute('type')).toBe('password');
    expect(await codesOf(url, null, SIGN_IN, { handle: user.handle, password: PASSWORD })).toEqual([
      'UNAUTHENTICATED',
    ]);
    await other.page.getByLabel('Handle').fill(user.handle);
    await other.page.getByLabel('Password').fill('staple battery');
    await other.page.getByLabel('Password').press('Enter');
    await other.page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(mine.errors).toEqual([]);
  });

  it('says that one has to wait after too many wrong passwords', async () => {
    const mine = await open(await signUp(url));
    const view = await openAccount(mine);
    const failure = view.getByText(/^Too many failed attempts/);
    for (let attempts = 0; attempts < 30 && !(await failure.isVisible()); attempts++) {
      await view.getByLabel('Current password').fill('wrong horse battery');
      await view.getByLabel('New password').fill('staple battery');
      const button = view.getByRole('button', { name: 'Change password' });
      await button.click();
      await expect.poll(() => button.isEnabled(), PATIENCE).toBe(true);
    }
    expect(await failure.count()).toBe(1);
    expect(await view.locator('[aria-invalid=true]').count()).toBe(0);
  });

  it('lists the sessions page by page, newest first, and ends one of them, which signs its page out', async () => {
    const user = await signUp(url);
    const other = await open(user);
    for (let more = 0; more < 10; more++) await signIn(user);
    const mine = await open(user);
    const view = await openAccount(mine);
    const list = view.getByRole('list', { name: 'Sessions' });
    const sessions = list.getByRole('listitem');
    await expect.poll(() => sessions.count(), PATIENCE).toBe(10);
    expect(await sessions.nth(0).innerText()).toContain('This session');
    await view.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => sessions.count(), PATIENCE).toBe(13);
    expect(await list.getByText('This session').count()).toBe(1);
    expect(await view.getByRole('button', { name: 'End it' }).count()).toBe(12);
    expect(await view.getByRole('button', { name: 'Show more' }).count()).toBe(0);

    // The last but one: the first session is that of the API, the second the other page's.
    await sessions.nth(11).getByRole('button', { name: 'End it' }).click();
    await signedOut(other);
    await expect.poll(() => sessions.count(), PATIENCE).toBe(12);
    expect(await accessibilityFaults(mine.page)).toEqual([]);
    expect(mine.errors).toEqual([]);
  });

  it('makes a token for a location app, says once what to enter there, and ends it', async () => {
    const user = await signUp(url);
    const mine = await open(user);
    const view = await openAccount(mine);
    const name = view.getByLabel('Name of the phone or app');
    await name.press('Enter');
    await expectFault(name, /1 to 100 characters/);
    await name.fill('Old iPhone');
    await name.press('Enter');
    const setup = view.getByRole('status').filter({ hasText: 'It is not shown again.' });
    await setup.waitFor();
    const texts = await setup.locator('code').allInnerTexts();
    const secret = texts.at(-1) ?? '';
    expect(texts).toEqual([`${url}/ingest/owntracks`, user.handle, `${url}/ingest/overland`, secret]);
    const link = new URL((await setup.getByRole('link').getAttribute('href')) ?? '');
    expect([link.protocol, link.searchParams.get('url'), link.searchParams.get('token')]).toEqual([
      'overland:',
      `${url}/ingest/overland`,
      secret,
    ]);
    expect(await accessibilityFaults(mine.page)).toEqual([]);

    const authorization = `Basic ${Buffer.from(`${user.handle}:${secret}`).toString('base64')}`;
    const report = () => fetch(texts[0] ?? '', { method: 'POST', headers: { authorization } });
    expect((await report()).status).toBe(200);
    await mine.page.reload();
    const again = await openAccount(mine);
    const row = again.getByRole('group', { name: 'Old iPhone' });
    await row.getByText(/Last used .+ ago/).waitFor();
    expect(await again.getByText(secret).count()).toBe(0);
    await row.getByRole('button', { name: 'End it' }).click();
    await expect.poll(() => row.count(), PATIENCE).toBe(0);
    expect((await report()).status).toBe(401);
    expect(mine.errors).toEqual([]);
  });

  it('shows who is blocked, and unblocks', async () => {
    const [user, blocked] = await Promise.all([signUp(url), signUp(url, undefined, 'Mallory')]);
    await act(url, user, `blockUser(userId: "${blocked.id}")`);
    const mine = await open(user);
    const view = await openAccount(mine);
    const found = (): Promise<unknown> =>
      ask(url, blocked.token, 'query ($handle: String!) { user(handle: $handle) { id } }', {
        handle: user.handle,
      });
    expect(await found()).toEqual({ user: null });
    const row = view.getByRole('group', { name: `Mallory, @${blocked.handle}` });
    expect(await accessibilityFaults(mine.page)).toEqual([]);
    await row.getByRole('button', { name: 'Unblock' }).click();
    await view.getByText('You have blocked nobody.').waitFor();
    expect(await row.count()).toBe(0);
    expect(await found()).toEqual({ user: { id: user.id } });
  });

  it('deletes the account after the handle was typed, and says so', async () => {
    const [user, friend] = await Promise.all([signUp(url), signUp(url)]);
    await befriend(url, user, friend);
    await Promise.all([move(url, user, HERE), move(url, friend, HERE)]);
    const [mine, theirs] = await Promise.all([open(user), open(friend)]);
    await theirs.nearby('Somebody').waitFor();
    const view = await openAccount(mine);
    await view.getByRole('button', { name: 'Delete account …' }).click();
    await view
      .getByText('Your account, your friendships and your whole history are deleted for good.')
      .waitFor();
    expect(await accessibilityFaults(mine.page)).toEqual([]);
    const field = view.getByLabel('Type your handle to go on');
    await field.fill(friend.handle);
    await field.press('Enter');
    await expectFault(field, /to delete the account/);
    expect(await theirs.nearby('Somebody').count()).toBe(1);

    await field.fill(`@${user.handle.toUpperCase()}`);
    await view.getByRole('button', { name: 'Delete account for good' }).click();
    await mine.page.getByText('Your account is deleted.').waitFor();
    await expect.poll(() => theirs.nearby('Somebody').count(), PATIENCE).toBe(0);
    expect(await codesOf(url, null, SIGN_IN, { handle: user.handle, password: PASSWORD })).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(mine.errors).toEqual([]);
    await mine.page.reload();
    await mine.page.getByLabel('Handle').waitFor();
  });

  it('waits while the server is away, and ends with the session', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const user = await signUp(url);
    const mine = await open(user, wire.url);
    const view = await openAccount(mine);
    wire.cut();
    await view.getByText('Reconnecting …').waitFor();
    const field = view.getByLabel('Name that friends see');
    await field.fill('Patience');
    const button = view.getByRole('button', { name: 'Save name' });
    await button.click();
    expect(await button.isDisabled()).toBe(true);
    expect(await accessibilityFaults(mine.page)).toEqual([]);
    wire.mend();
    await view.getByText('Your name is saved.').waitFor();
    expect(await ask(url, user.token, '{ me { displayName } }')).toEqual({ me: { displayName: 'Patience' } });

    const tab: Page = await mine.page.context().newPage();
    await tab.goto(wire.url);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await signedOut(mine);
    expect(await view.count()).toBe(0);
  });
});
