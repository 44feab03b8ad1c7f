/** The map page shows who moves and where to: markers glide, and friends leave trails. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Place, travel } from '../support/sphere.js';
import { type Crowd, PATIENCE, startCrowd, SYNTAGMA } from './crowd-page.js';
import { pixelsOf } from './pixels.js';

const FRIEND = '.marker.friend';
const east = (meters: number): Place => travel(SYNTAGMA, 90, meters);

let crowd: Crowd;

beforeAll(async () => {
  crowd = await startCrowd();
}, 60_000);
afterAll(() => crowd.close());

/** Notes in every frame where the friend's marker is on the screen, from left to right. */
const watchMarker = (page: Page): Promise<void> =>
  page.evaluate((friend) => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    const note = (): void => {
      const x = document.querySelector(friend)?.getBoundingClientRect().x;
      if (x !== undefined && x !== seen.at(-1)) seen.push(x);
      requestAnimationFrame(note);
    };
    note();
  }, FRIEND);

const seenOf = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);

const leftOf = async (page: Page): Promise<number> => (await page.locator(FRIEND).boundingBox())?.x ?? NaN;

const glides = (page: Page): Promise<number> =>
  page.evaluate(() => document.getAnimations().filter(({ id }) => id === 'glide').length);

/** Sends the friend to another place, and waits until the marker has come there. @returns where it was seen. */
async function watchMove(page: Page, place: Place, distance: string): Promise<number[]> {
  await watchMarker(page);
  await crowd.send(0, place);
  await expect.poll(() => page.locator('.friends .distance').innerText(), PATIENCE).toBe(distance);
  await expect.poll(() => glides(page), PATIENCE).toBe(0);
  return seenOf(page);
}

describe('a friend who moves', { timeout: 120_000 }, () => {
  it('glides from place to place, while the list has the new place, and rests there', async () => {
    const mine = await crowd.openWith(1, () => east(1_000));
    const { page } = mine;
    const start = await leftOf(page);
    const seen = await watchMove(page, east(4_000), '4 km');
    const end = await leftOf(page);
    expect(end).toBeGreaterThan(start + 50);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(seen[0]).toBeCloseTo(start, 0);
    expect(seen.at(-1)).toBeCloseTo(end, 0);

    // Another zoom ends a glide, which would be another distance there.
    await crowd.send(0, east(2_000));
    await expect.poll(() => glides(page), PATIENCE).toBe(1);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(() => glides(page), PATIENCE).toBe(0);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('jumps for somebody who asked for less motion', async () => {
    const mine = await crowd.openWith(1, () => east(1_000));
    const { page } = mine;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const seen = await watchMove(page, east(4_000), '4 km');
    expect(seen).toHaveLength(2);
    await page.context().close();
  });

  it('leaves a trail, which goes when the friend leaves the list', async () => {
    const mine = await crowd.openWith(1, () => east(-2_000));
    const { page } = mine;
    const start = await leftOf(page);
    /** How red the map is half way between two places, above and below the way: the reddest of some pixels. */
    const redness = async (x: number, y: number): Promise<number> => {
      const pixels = (await pixelsOf(page)).around(x, y, 0, 3);
      return Math.max(...pixels.map(([red, , blue]) => red - blue));
    };
    const { x = NaN, y = NaN, width = NaN, height = NaN } = (await page.locator(FRIEND).boundingBox()) ?? {};
    await watchMove(page, east(-6_000), '6 km');
    const halfWay = Math.round((start + (await leftOf(page)) + width) / 2);
    expect(Math.abs(halfWay - x)).toBeGreaterThan(50);
    const middle = y + height / 2;
    const before = await redness(halfWay, middle + 30);
    await expect.poll(() => redness(halfWay, middle), PATIENCE).toBeGreaterThan(before + 20);
    await crowd.send(0, east(90_000));
    await expect.poll(() => page.locator('.friends li').count(), PATIENCE).toBe(0);
    await expect.poll(() => redness(halfWay, middle), PATIENCE).toBeLessThan(before + 5);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });
});
