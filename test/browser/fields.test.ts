/** What people type: rules are said before they are broken, and what is wrong stands at its field. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ask, signUp } from '../support/api.js';
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

async function open(options: MapPageOptions = {}): Promise<MapPage> {
  const mine = await openMapPage(browser, url, options);
  onTestFinished(() => mine.page.context().close());
  return mine;
}

/** What a screen reader tells of a field beside its name. */
const describes = (field: Locator): Promise<string> =>
  field.evaluate(
    (input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.innerText ?? '',
  );

const isFocused = (field: Locator) => (): Promise<boolean> =>
  field.evaluate((input) => input === document.activeElement);

const fields = (page: Page) => ({
  handle: page.getByLabel('Handle', { exact: true }),
  name: page.getByLabel('Name that friends see'),
  password: page.getByLabel('Password', { exact: true }),
  submit: page.locator('button[type=submit]'),
});

it('a new account: the rules come first, and each fault is told at its field, which has the focus', async () => {
  const { page } = await open();
  await page.getByRole('button', { name: 'Create account' }).click();
  const { handle, name, password, submit } = fields(page);
  expect(await describes(password)).toBe('At least 8 characters.');
  expect(await describes(handle)).toContain('3 to 30');

  const { handle: taken } = await signUp(url);
  const wrong: [string, string, string, Locator, RegExp][] = [
    ['', '', '', handle, /^Enter a handle\./],
    ['ada', '', '', password, /^Enter a password\./],
    ['ada', '', 'short', password, /^A password is 8 to 256 characters\./],
    ['a b', '', 'correct horse battery', handle, /^A handle /],
    ['ada', '\u200b', 'correct horse battery', name, /^A display name /],
    [taken, '', 'correct horse battery', handle, /^The handle is taken\./],
  ];
  for (const [typedHandle, typedName, typedPassword, field, said] of wrong) {
    await handle.fill(typedHandle);
    await name.fill(typedName);
    await password.fill(typedPassword);
    await submit.click();
    await expect.poll(() => describes(field), PATIENCE).toMatch(said);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(isFocused(field)).toBe(true);
    expect(await page.locator('[aria-invalid=true]').count()).toBe(1);
    expect(await accessibilityFaults(page)).toEqual([]);
  }
});

it('a password can be shown', async () => {
  const { page } = await open();
  const { password } = fields(page);
  expect(await password.getAttribute('type')).toBe('password');
  await page.getByRole('button', { name: 'Show password' }).click();
  expect(await password.getAttribute('type')).toBe('text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  expect(await password.getAttribute('type')).toBe('password');
});

it('handles work as the page shows them, with "@"', async () => {
  const handle = `at_${process.pid}`;
  const mine = await open();
  const { page } = mine;
  await mine.signUp(`@${handle}`, 'At');
  await page.getByText(`Your handle is @${handle}. Share it so friends can find you.`).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await mine.signIn(` @${handle} `);

  const friend = await signUp(url);
  const field = page.getByLabel('Add a friend by handle');
  const wrong: [string, string][] = [
    ['', 'Enter a handle.'],
    ['@', 'Enter a handle.'],
    ['@nobody.at.all', 'Nobody has this handle.'],
    [`@${handle}`, 'That is your own handle.'],
  ];
  for (const [typed, said] of wrong) {
    await mine.ask(typed);
    await expect.poll(() => describes(field), PATIENCE).toBe(said);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
  }
  await mine.ask(`@${friend.handle}`);
  await page.getByText('Request sent').waitFor();
  expect(await field.inputValue()).toBe('');
  expect(await describes(field)).toBe('');
  const { friendRequests } = await ask<{ friendRequests: { edges: unknown[] } }>(
    url,
    friend.token,
    '{ friendRequests { edges { node { id } } } }',
  );
  expect(friendRequests.edges).toHaveLength(1);
});

it('the radius is one of round numbers where people count miles, and a reload leaves it', async () => {
  const user = await signUp(url);
  const mine = await open({ locale: 'en-GB' });
  const within = mine.page.getByLabel('Within');
  await mine.signIn(user.handle);
  expect(await within.locator('option').allInnerTexts()).toEqual([
    '1 mi',
    '2 mi',
    '5 mi',
    '10 mi',
    '20 mi',
    '30 mi',
  ]);
  expect(await within.locator('option:checked').innerText()).toBe('5 mi');
  await within.selectOption('20 mi');
  await mine.page.reload();
  await expect.poll(() => within.locator('option:checked').innerText(), PATIENCE).toBe('20 mi');
  await mine.page.getByRole('button', { name: 'Sign out' }).click();
  await mine.signIn((await signUp(url)).handle);
  await expect.poll(() => within.locator('option:checked').innerText(), PATIENCE).toBe('5 mi');
});
