/** The account view and a day of the history on the smallest screens: everything can be read and hit, in every state. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { act, ask, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser } from './browser.js';
import { openMapPage } from './map-page.js';
import { misfits } from './misfits.js';

/** As many letters as a name may have. */
const LONGEST = 'W'.repeat(100);
const DAY = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
const SIGN_IN =
  'mutation ($handle: String!) { signIn(input: { handle: $handle, password: "correct horse battery" }) { accessToken } }';

let cluster: TestCluster;
let browser: Browser;
let url: string;
let user: TestUser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  url = cluster.urls[0] ?? '';
  user = await signUp(url, `longest_handle_of_all_${process.pid}`.padEnd(30, '_').slice(0, 30), LONGEST);
  const blocked = await signUp(
    url,
    `other_longest_handle_${process.pid}`.padEnd(30, '_').slice(0, 30),
    LONGEST,
  );
  await act(url, user, `blockUser(userId: "${blocked.id}")`);
  for (let more = 0; more < 11; more++) await ask(url, null, SIGN_IN, { handle: user.handle });
  const inputs = [480, 485, 490, 600].map((minute) => ({
    latitude: 37.97 + minute / 10_000,
    longitude: 23.7,
    recordedAt: new Date(Date.parse(DAY) + minute * 60_000).toISOString(),
  }));
  const document =
    'mutation ($inputs: [UpdateLocationInput!]!) { updateLocations(inputs: $inputs) { recorded } }';
  await ask(url, user.token, document, { inputs });
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

async function expectFit(page: Page, state: string): Promise<void> {
  expect([state, await misfits(page), await accessibilityFaults(page)]).toEqual([state, [], []]);
}

describe.each(['light', 'dark'] as const)('at 320 px, %s', { timeout: 180_000 }, (colorScheme) => {
  it('everything fits', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const mine = await openMapPage(browser, wire.url, {
      viewport: { width: 320, height: 640 },
      colorScheme,
      timezoneId: 'UTC',
    });
    const { page } = mine;
    onTestFinished(() => page.context().close());
    // Without a window its dialog never ends.
    await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
    await mine.signIn(user.handle);
    await page.locator('.connection.live').waitFor();

    await page.getByRole('button', { name: 'Account' }).click();
    const view = page.getByRole('dialog', { name: 'Account' });
    await view.getByText('This session').waitFor();
    await view.getByRole('button', { name: 'Unblock' }).waitFor();
    await expectFit(page, 'account');
    expect(await view.evaluate(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])).toEqual([
      320, 640,
    ]);

    await view.getByLabel('Name of the phone or app').fill(LONGEST);
    await view.getByRole('button', { name: 'Make a token' }).click();
    await view.getByText('It is not shown again.').waitFor();
    await expectFit(page, 'a token for a location app');

    await view.getByRole('button', { name: 'Show more' }).click();
    await view.getByRole('button', { name: 'Change password' }).click();
    await view.getByText('Enter your current password.').waitFor();
    await view.getByLabel('Name that friends see').fill('\u200b');
    await view.getByRole('button', { name: 'Save name' }).click();
    await view.getByText(/^A display name/).waitFor();
    await view.getByRole('button', { name: 'Delete account …' }).click();
    await view.getByRole('button', { name: 'Delete account for good' }).click();
    await view.getByText(/to delete the account/).waitFor();
    await view.getByRole('button', { name: 'Delete …' }).click();
    await view.getByText(/^Delete 4 places, your whole history\?/).waitFor();
    await expectFit(page, 'faults and questions');

    await view.getByRole('button', { name: 'Keep', exact: true }).click();
    wire.cut();
    await view.getByText('Reconnecting …').waitFor();
    await view.getByRole('button', { name: 'Download GPX' }).click();
    await view.getByRole('button', { name: 'Cancel' }).waitFor();
    await expectFit(page, 'reading while the server is away');
    await view.getByRole('button', { name: 'Cancel' }).click();
    wire.mend();

    await view.getByRole('button', { name: 'Show a day on the map' }).click();
    await page.getByLabel('Day', { exact: true }).fill(DAY);
    await page.getByText('4 places from 8:00 to 10:00, with one gap.').waitFor();
    await page.locator('.marker.track-end').first().waitFor();
    await expectFit(page, 'a day on the map');
    // The bar and most of the map are on the screen together.
    const [bar, map] = [
      await page.locator('.history-bar').boundingBox(),
      await page.locator('.canvas').boundingBox(),
    ];
    expect(bar?.y).toBeGreaterThan(-1);
    expect((map?.y ?? Infinity) + (map?.height ?? Infinity)).toBeLessThan(641);
    expect(map?.height).toBeGreaterThan(250);
  });
});
