/** The map page of somebody with many friends: in one house, and all over a city. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { travel } from '../support/sphere.js';
import { type Crowd, inCity, MOST, PATIENCE, startCrowd, SYNTAGMA } from './crowd-page.js';
import { pixelsOf } from './pixels.js';

const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

let crowd: Crowd;

beforeAll(async () => {
  crowd = await startCrowd();
}, 60_000);
afterAll(() => crowd.close());

/** How many of the elements are not covered at their middle by anything else. */
const uncovered = (page: Page, selector: string): Promise<number> =>
  page.evaluate((each) => {
    const isOnTop = (element: Element): boolean => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === element;
    };
    return [...document.querySelectorAll(each)].filter(isOnTop).length;
  }, selector);

describe('somebody with many friends', { timeout: 180_000 }, () => {
  it('sees forty in one house as one marker with their number, which spreads them', async () => {
    const mine = await crowd.openWith(40, (index) => travel(SYNTAGMA, index * 9, 4));
    const { page } = mine;
    const group = page.locator('.marker.group');
    await expect.poll(() => group.allInnerTexts(), PATIENCE).toEqual(['40']);
    expect(await page.locator('.marker.friend').count()).toBe(0);
    expect(await uncovered(page, '.marker.me')).toBe(1);

    await group.click();
    const friends = page.locator('.marker.friend');
    await expect.poll(() => friends.count(), PATIENCE).toBe(40);
    expect(await group.count()).toBe(0);
    expect(await uncovered(page, '.marker.me')).toBe(1);
    expect(await uncovered(page, '.marker.friend > :first-child')).toBe(40);

    await friends.nth(20).locator(':first-child').click();
    await expect.poll(() => page.locator('.friends [aria-pressed=true]').count(), PATIENCE).toBe(1);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    // Whoever is chosen keeps a marker.
    await expect.poll(() => group.allInnerTexts(), PATIENCE).toEqual(['39']);
    expect(await friends.count()).toBe(1);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('follows a chosen friend until the map is dragged, and comes back', async () => {
    const east = (meters: number) => travel(SYNTAGMA, 90, meters);
    const mine = await crowd.openWith(1, () => east(2_000));
    const { page } = mine;
    const map = (await page.locator('.canvas').boundingBox()) ?? NOWHERE;
    /** Pixels from the middle of the map. */
    const offCentre = async (selector: string): Promise<number> => {
      const box = (await page.locator(selector).boundingBox()) ?? NOWHERE;
      return Math.round(Math.abs(box.x + box.width / 2 - map.x - map.width / 2));
    };
    await page.locator('.friends button').click();
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeLessThan(3);
    await crowd.send(0, east(4_000));
    await expect.poll(() => offCentre('.marker.me'), PATIENCE).toBeGreaterThan(120);
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeLessThan(3);

    await page.mouse.move(map.x + map.width / 4, map.y + map.height / 4);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width / 4 + 100, map.y + map.height / 4, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => offCentre('.marker.friend'), PATIENCE).toBeGreaterThan(50);
    await crowd.send(0, east(3_000));
    await expect.poll(() => page.locator('.friends li').innerText(), PATIENCE).toContain('3 km');
    expect(await offCentre('.marker.friend')).toBeGreaterThan(20);

    await page.getByRole('button', { name: 'Back to me' }).click();
    await expect.poll(() => offCentre('.marker.me'), PATIENCE).toBeLessThan(3);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('sees by a circle how exactly a place is known', async () => {
    const place = travel(SYNTAGMA, 90, 3_000);
    const mine = await crowd.openWith(1, () => place);
    const marker = (await mine.page.locator('.marker.friend').boundingBox()) ?? NOWHERE;
    /** How red the map is 40 pixels, about a kilometre, above the marker: the middle one of some pixels. */
    const redness = async (): Promise<number> => {
      const pixels = await pixelsOf(mine.page);
      const around = pixels.around(marker.x + marker.width / 2, marker.y + marker.height / 2 - 40, 4, 4);
      const values = around.map(([red, , blue]) => red - blue).sort((one, other) => one - other);
      return values[values.length >> 1] ?? NaN;
    };
    const before = await redness();
    await crowd.send(0, { ...place, accuracyMeters: 2_000 });
    await expect.poll(redness, PATIENCE).toBeGreaterThan(before + 5);
    await mine.page.context().close();
  });

  it('makes no row of four hundred anew while they move', async () => {
    const mine = await crowd.openWith(MOST, inCity);
    const rows = mine.page.locator('.friends li');
    await rows.evaluateAll((all) => {
      for (const row of all) row.setAttribute('data-seen', '');
    });
    const distances = () => rows.locator('.distance').allInnerTexts();
    const before = await distances();
    await crowd.moveSome((index) => inCity(index + 0.5));
    await expect.poll(distances, PATIENCE).not.toEqual(before);
    expect(await mine.page.locator('.friends li[data-seen]').count()).toBe(MOST);
    expect(await rows.count()).toBe(MOST);
    expect(mine.errors).toEqual([]);
    await mine.page.context().close();
  });
});
