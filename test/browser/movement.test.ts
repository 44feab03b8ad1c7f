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

const leftOf = async (page: Page): Promise<number> => (await page.locator(FRIEND).boundingBox())?.x ?? NaN;

const glides = (page: Page): Promise<number> =>
  page.evaluate(() => document.getAnimations().filter(({ id }) => id === 'glide').length);

/** Sends the friend to another place, and waits until the list has it. */
async function moveTo(page: Page, meters: number, distance: string): Promise<void> {
  await crowd.send(0, east(meters));
  await expect.poll(() => page.locator('.friends .distance').innerText(), PATIENCE).toBe(distance);
}

/** Sets how fast the page's animations run; 1 is as fast as they should. */
async function animationsOf(page: Page): Promise<(speed: number) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Animation.enable');
  return async (playbackRate) => {
    await session.send('Animation.setPlaybackRate', { playbackRate });
  };
}
const NEARLY_STILL = 0.001;

describe('a friend who moves', { timeout: 180_000 }, () => {
  it('glides from place to place, while the list has the new place already', async () => {
    const mine = await crowd.openWith(1, () => east(1_000));
    const { page } = mine;
    const setSpeed = await animationsOf(page);
    const start = await leftOf(page);
    await setSpeed(NEARLY_STILL);
    await moveTo(page, 4_000, '4 km');
    await expect.poll(() => glides(page), PATIENCE).toBe(1);
    expect(Math.abs((await leftOf(page)) - start)).toBeLessThan(5);
    // On its way it turns where it is.
    await moveTo(page, 3_000, '3 km');
    expect(Math.abs((await leftOf(page)) - start)).toBeLessThan(10);

    await setSpeed(1);
    await expect.poll(() => glides(page), PATIENCE).toBe(0);
    const end = await leftOf(page);
    expect(end).toBeGreaterThan(start + 50);

    // While the map is dragged everything moves, and nobody glides.
    await setSpeed(NEARLY_STILL);
    await moveTo(page, 2_000, '2 km');
    await expect.poll(() => glides(page), PATIENCE).toBe(1);
    const { x = NaN, y = NaN } = (await page.locator('.canvas').boundingBox()) ?? {};
    await page.mouse.move(x + 100, y + 100);
    await page.mouse.down();
    await page.mouse.move(x + 120, y + 110, { steps: 5 });
    await expect.poll(() => glides(page), PATIENCE).toBe(0);
    const before = await leftOf(page);
    await moveTo(page, 4_000, '4 km');
    await expect.poll(() => leftOf(page), PATIENCE).toBeGreaterThan(before + 20);
    expect(await glides(page)).toBe(0);
    await page.mouse.up();

    // Another zoom ends a glide, which would be another distance there.
    await moveTo(page, 3_000, '3 km');
    await expect.poll(() => glides(page), PATIENCE).toBe(1);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(() => glides(page), PATIENCE).toBe(0);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  });

  it('jumps for somebody who asked for less motion', async () => {
    const { page } = await crowd.openWith(1, () => east(1_000));
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const setSpeed = await animationsOf(page);
    await setSpeed(NEARLY_STILL);
    const start = await leftOf(page);
    await moveTo(page, 4_000, '4 km');
    await expect.poll(() => leftOf(page), PATIENCE).toBeGreaterThan(start + 50);
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
    await moveTo(page, -6_000, '6 km');
    await expect.poll(() => leftOf(page), PATIENCE).toBeLessThan(start - 50);
    await expect.poll(() => glides(page), PATIENCE).toBe(0);
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
