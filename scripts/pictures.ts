/**
 * `npm run pictures` takes the pictures of README.md, docs/images/map.png and map.webp, of `npm run demo` in Chromium.
 * It starts a demo of its own, on a free port and with new data.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { createCommand, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import { launchBrowser } from '../test/browser/browser.js';
import { openMapPage } from '../test/browser/map-page.js';
import { type Program, startProgram } from '../test/support/program.js';
import { record } from './record.js';

async function main(signal: AbortSignal): Promise<number> {
  createCommand('npm run pictures', `Takes ${STILL} and ${ANIMATION} of npm run demo in Chromium.`).parse();
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-pictures-'));
  const demo = startProgram('src/cli/demo.ts', [], { PORT: '0', DATA_DIR: dataDir });
  const browser = await launchBrowser();
  const stop = (): void => void browser.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const url = await urlOf(demo);
    const { page } = await openMapPage(browser, url, { viewport: SMALL });
    page.setDefaultTimeout(PATIENCE_MS);
    await untilDrawn(page);
    await takeAnimation(page);
    await page.setViewportSize(LARGE);
    await page.reload();
    await untilDrawn(page);
    await takeStill(page);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await browser.close();
    demo.child.kill('SIGINT');
    await demo.ended;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const file of [STILL, ANIMATION])
    console.log(`Wrote ${file}, ${((await stat(file)).size / 1_000).toFixed(0)} kB.`);
  return SUCCEEDED;
}

const STILL = 'docs/images/map.png';
const ANIMATION = 'docs/images/map.webp';
const LARGE = { width: 1200, height: 720 };
/** Less of the page, which can be read when it is WIDTH wide. */
const SMALL = { width: 960, height: 600 };
const WIDTH = 720;
/** A computer without a graphics card draws the map slowly. */
const PATIENCE_MS = 120_000;
const SECONDS = 10;
const FRAMES_PER_SECOND = 8;
const ENOUGH_FRIENDS = 12;
/** Until then friends have left trails on the still picture. */
const TRAILS_AFTER_MS = 20_000;

/** @throws Error with what the demo said, if it ends before it is ready. */
async function urlOf({ child, ended, output }: Program): Promise<string> {
  for (;;) {
    const url = /The demo is at (http:\S+)\//.exec(output())?.[1];
    if (url !== undefined) return url;
    const isOver = await Promise.race([
      ended,
      new Promise<null>((next) => child.stdout?.once('data', () => next(null))),
    ]);
    if (isOver !== null) throw new Error(`The demo ended: ${output()}`);
  }
}

async function untilDrawn(page: Page): Promise<void> {
  const friends = page.getByRole('list', { name: 'Nearby friends' }).getByRole('listitem');
  await friends.nth(ENOUGH_FRIENDS).waitFor();
  const map = page.getByRole('region', { name: 'Map of nearby friends' });
  await map.locator('canvas').waitFor();
  await map.locator('[aria-busy]').waitFor({ state: 'detached' });
}

async function takeStill(page: Page): Promise<void> {
  await page.waitForTimeout(TRAILS_AFTER_MS);
  // Of few colours, as a map has them, and so half as large.
  await sharp(await page.screenshot())
    .png({ palette: true, quality: 95, effort: 10 })
    .toFile(STILL);
}

async function takeAnimation(page: Page): Promise<void> {
  const { frames, delaysMs } = await record(page, SECONDS * 1_000, 1_000 / FRAMES_PER_SECOND);
  const images = await Promise.all(frames.map((frame) => sharp(frame).resize(WIDTH).png().toBuffer()));
  await sharp(images, { join: { animated: true } })
    .webp({ loop: 0, delay: delaysMs, quality: 85 })
    .toFile(ANIMATION);
}

await runCommand(main);
