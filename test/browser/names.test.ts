import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act, befriend, move, signUp } from '../support/api.js';
import { travel } from '../support/sphere.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { launchBrowser } from './browser.js';
import { openMapPage } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };
/** Two words of Hebrew, which is written from right to left. */
const MOTI = 'מוטי כהן';

let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

/** The texts in the order in which they stand on the screen, from left to right. */
const fromLeft = (inside: Locator, texts: readonly string[]): Promise<string[]> =>
  inside.evaluate((element, wanted) => {
    const nodes: Text[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) nodes.push(walker.currentNode as Text);
    const leftOf = (text: string): number => {
      const node = nodes.find(({ data }) => data.includes(text));
      if (node === undefined) throw new Error(`nothing says ${text}`);
      const range = document.createRange();
      range.setStart(node, node.data.indexOf(text));
      range.setEnd(node, node.data.indexOf(text) + text.length);
      return range.getBoundingClientRect().left;
    };
    return [...wanted].sort((a, b) => leftOf(a) - leftOf(b));
  }, texts);

test('a name from right to left turns no number beside it', { timeout: 60_000 }, async () => {
  const [moti, ada] = await Promise.all([signUp(url, '7_of_9', MOTI), signUp(url, '8_of_9', `${MOTI} (2)`)]);
  await befriend(url, moti, ada);
  await Promise.all([moti, ada].map((user) => move(url, user, SYNTAGMA)));

  const mine = await openMapPage(browser, url);
  await mine.signIn(moti.handle);
  await mine.nearby('מוטי').waitFor(PATIENCE);
  const people = mine.page.getByRole('list', { name: 'Friends and requests' });

  // The whole name goes from right to left, with its own number at the end.
  expect(await fromLeft(mine.nearby('מוטי'), ['0 m', 'מוטי', '(2)'])).toEqual(['(2)', 'מוטי', '0 m']);
  expect(await fromLeft(people, ['8', '@', 'מוטי', '(2)'])).toEqual(['(2)', 'מוטי', '@', '8']);
  const me = mine.page.getByText('Your handle is');
  expect(await fromLeft(me, ['Share', '7', '_of_9', '@'])).toEqual(['@', '7', '_of_9', 'Share']);
  await expect.poll(() => mine.marker('מוטי').count(), PATIENCE).toBe(1);
  expect(await fromLeft(mine.marker('מוטי').locator('bdi'), ['מוטי', '(2)'])).toEqual(['(2)', 'מוטי']);
  expect(mine.errors).toEqual([]);
  await mine.page.context().close();
});

test('a marker has the first letter as people count letters', { timeout: 60_000 }, async () => {
  const [me, family, accented] = await Promise.all([
    signUp(url),
    signUp(url, undefined, '👩‍👩‍👧 Family'),
    signUp(url, undefined, 'q\u0303uasi'),
  ]);
  await Promise.all([befriend(url, me, family), befriend(url, me, accented)]);
  await Promise.all([me, family].map((user) => move(url, user, SYNTAGMA)));
  await move(url, accented, travel(SYNTAGMA, 90, 2_000));

  const mine = await openMapPage(browser, url);
  await mine.signIn(me.handle);
  const letterOf = (name: string) => (): Promise<string | null> =>
    mine.marker(name).locator('> :first-child').textContent();
  await expect.poll(letterOf('Family'), PATIENCE).toBe('👩‍👩‍👧');
  await expect.poll(letterOf('uasi'), PATIENCE).toBe('q\u0303');
  await act(url, accented, 'updateProfile(input: { displayName: "Quasi" }) { id }');
  await expect.poll(letterOf('Quasi'), PATIENCE).toBe('Q');
  await mine.page.context().close();
});
