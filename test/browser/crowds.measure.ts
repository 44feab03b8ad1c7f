/** How long the page is held up while somebody scrolls through many friends. `npm run test:event-loop` runs it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Crowd, inCity, MOST, startCrowd } from './crowd-page.js';
import type { MapPage } from './map-page.js';

let crowd: Crowd;

beforeAll(async () => {
  crowd = await startCrowd();
}, 60_000);
afterAll(() => crowd.close());

/** The computer that counts is so many times slower. */
const SLOWER = 4;
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

/** CPU time of the page's longest task meanwhile, in milliseconds. What other processes take from it does not count. */
async function longestTask({ page }: MapPage, act: () => Promise<void>): Promise<number> {
  await crowd.browser.startTracing(page, { categories: ['toplevel'] });
  await act();
  const { traceEvents } = JSON.parse((await crowd.browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(threadOf));
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && main.has(threadOf(event)));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}

/** Trace Event Format, Google; times in microseconds. */
interface TraceEvent {
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

it(
  'scrolls through four hundred smoothly on a slow computer, while they move',
  { timeout: 300_000 },
  async () => {
    const mine = await crowd.openWith(MOST, inCity);
    const { page } = mine;
    await page.waitForLoadState('networkidle');
    // So that they have trails.
    for (const step of [0.1, 0.2, 0.3, 0.4]) await crowd.moveSome((index) => inCity(index + step));
    // What loading leaves behind is collected before, as it is while somebody looks at the page for a moment.
    await (await page.context().newCDPSession(page)).send('HeapProfiler.collectGarbage');
    const longest = await longestTask(mine, async () => {
      const moves = crowd.moveSome((index) => inCity(index + 0.5));
      const list = (await page.locator('main').boundingBox()) ?? NOWHERE;
      await page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
      for (let step = 0; step < 40; step++) {
        await page.mouse.wheel(0, 600);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await moves;
      const map = (await page.locator('.canvas').boundingBox()) ?? NOWHERE;
      await page.mouse.move(map.x + map.width / 2, map.y + map.height / 4);
      await page.mouse.down();
      await page.mouse.move(map.x + map.width / 3, map.y + map.height / 3, { steps: 20 });
      await page.mouse.up();
    });
    console.log(`the longest task takes ${(longest * SLOWER).toFixed(0)} ms at ${SLOWER}x`);
    expect(longest).toBeGreaterThan(0);
    expect(longest * SLOWER).toBeLessThan(100);
    expect(mine.errors).toEqual([]);
    await page.context().close();
  },
);
