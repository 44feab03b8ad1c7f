/** The map that ships with the page, by its pixels: what is sea, what is land, and that places have names. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { launchBrowser } from './browser.js';
import { type MapPage, openMapPage } from './map-page.js';
import { type Pixels, pixelsOf } from './pixels.js';

const PATIENCE = { timeout: 30_000 };
/** So wide that the map shows the whole globe. */
const WIDE = { width: 1_700, height: 900 };
/** Along a meridian. */
const METERS_PER_DEGREE = 111_195;
/** The margin around the circle, in pixels. */
const PADDING = 24;

let cluster: TestCluster;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(1), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

type Point = readonly [latitude: number, longitude: number];
interface Known {
  readonly sea: Readonly<Record<string, Point>>;
  readonly land: Readonly<Record<string, Point>>;
}

/** The page of somebody new when it has drawn its first view. @param at the place of the device. */
async function openDrawn([latitude, longitude]: Point, viewport = WIDE): Promise<MapPage> {
  const url = cluster.urls[0] ?? '';
  const mine = await openMapPage(browser, url, {
    viewport,
    permissions: ['geolocation'],
    geolocation: { latitude, longitude, accuracy: 5 },
  });
  await mine.signIn((await signUp(url)).handle);
  await mine.page.locator('.maplibregl-map:not([aria-busy])').waitFor();
  return mine;
}

/** Water is bluer than land, inside the circle too. Names and grid lines are thin. */
function surfaceAt(pixels: Pixels, x: number, y: number, reach: number): 'sea' | 'land' {
  const blue = pixels.around(x, y, reach, reach).map(([red, , blueness]) => blueness - red);
  return (blue.sort((one, other) => one - other)[blue.length >> 1] ?? NaN) > 15 ? 'sea' : 'land';
}

/** Each known point with what it should be, and what it is. */
async function compare(
  { page }: MapPage,
  known: Known,
  place: (point: Point) => readonly [x: number, y: number],
  reach: number,
): Promise<void> {
  const expected = Object.fromEntries(
    (['sea', 'land'] as const).flatMap((kind) => Object.keys(known[kind]).map((name) => [name, kind])),
  );
  const shown = async (): Promise<Record<string, string>> => {
    const pixels = await pixelsOf(page);
    const points = Object.entries({ ...known.sea, ...known.land });
    return Object.fromEntries(points.map(([name, at]) => [name, surfaceAt(pixels, ...place(at), reach)]));
  };
  await expect.poll(shown, PATIENCE).toEqual(expected);
}

describe('the map that ships with the page', { timeout: 90_000 }, () => {
  it('shows the seas and lands of the globe in its first view', async () => {
    const mine = await openDrawn([0, 0]);
    const { x, y, width, height } = await boxOf(mine);
    const mercator = (latitude: number): number => Math.asinh(Math.tan((latitude * Math.PI) / 180));
    // Zoom 1 is a globe of 1,024 pixels; the view's middle is 20° north on the prime meridian.
    const place = ([latitude, longitude]: Point) =>
      [
        x + width / 2 + (longitude / 360) * 1_024,
        y + height / 2 - ((mercator(latitude) - mercator(20)) / (2 * Math.PI)) * 1_024,
      ] as const;
    const known = {
      sea: {
        'North Atlantic': [55, -32],
        'North Sea': [56, 3],
        Baltic: [58, 20],
        'Hudson Bay': [59, -86],
        'Bering Sea, west': [58, 177],
        'Bering Sea, east': [58, -177],
        Pacific: [5, -140],
        'Black Sea': [43, 34],
        'Southern Ocean': [-62, 12],
      },
      land: {
        France: [44.3, 1.7],
        'Chukotka, west of the meridian': [66, 175],
        'Chukotka, east of it': [66, -175],
        Greenland: [70, -40],
        Antarctica: [-75, 40],
        Brazil: [-10, -50],
        Alaska: [65, -153],
      },
    } satisfies Known;
    await compare(mine, known, place, 1);
    expect(mine.errors).toEqual([]);
    await mine.page.context().close();
  });

  it.each([
    [
      'Fiji',
      [-16.8, 179.98],
      {
        sea: { 'Somosomo Strait': [-16.75, 179.97], 'Koro Sea': [-17.1, -179.9] },
        land: {
          'Taveuni, west of the meridian': [-16.92, 179.96],
          'Taveuni, east of it': [-16.84, -179.94],
          'Vanua Levu': [-16.5, 179.5],
        },
      },
    ],
    ['Viti Levu', [-18, 178], { sea: { Beqa: [-18.4, 178] }, land: { Nadrau: [-17.75, 177.9] } }],
    [
      'Chukotka',
      [66.2, 180],
      {
        sea: { 'Kresta Bay': [65.9, -179.5] },
        land: { 'west of the meridian': [66.3, 179.7], 'east of it': [66.5, -179.8] },
      },
    ],
    ['Gotland', [57.4, 18.6], { sea: { Baltic: [57.4, 19.2] }, land: { Roma: [57.5, 18.45] } }],
    ['Aberdeen', [57.2, -2.1], { sea: { 'North Sea': [57.1, -1.6] }, land: { Alford: [57.2, -2.6] } }],
  ] as const satisfies readonly (readonly [string, Point, Known])[])(
    'shows sea and land close by: %s',
    async (_name, [latitude, longitude], known) => {
      const mine = await openDrawn([latitude, longitude]);
      await mine.tellWhereFrom('Use my location');
      await mine.me.waitFor();
      await mine.page.getByLabel('Within').selectOption({ label: '50 km' });
      const { width, height } = await boxOf(mine);
      const me = await mine.me.boundingBox();
      const [x, y] = [(me?.x ?? 0) + (me?.width ?? 0) / 2, (me?.y ?? 0) + (me?.height ?? 0) / 2];
      const pixelsPerMeter = (Math.min(width, height) - 2 * PADDING) / 100_000;
      const place = ([north, east]: Point) => {
        const degrees = ((east - longitude + 540) % 360) - 180;
        const shrink = Math.cos((latitude * Math.PI) / 180);
        return [
          x + degrees * shrink * METERS_PER_DEGREE * pixelsPerMeter,
          y - (north - latitude) * METERS_PER_DEGREE * pixelsPerMeter,
        ] as const;
      };
      await compare(mine, known, place, 4);
      expect(mine.errors).toEqual([]);
      await mine.page.context().close();
    },
  );

  it('names the town where one is, from a file that is loaded only then', async () => {
    const mine = await openDrawn([37.983, 23.69], { width: 1_280, height: 720 });
    const loaded = (name: string) => mine.requests.some((request) => request.includes(`/assets/${name}-`));
    expect([loaded('far'), loaded('near')]).toEqual([true, false]);
    await mine.tellWhereFrom('Use my location');
    await mine.me.waitFor();
    const { x, y, width, height } = await boxOf(mine);
    // Dark pixels, as only letters have them.
    const letters = async (): Promise<number> =>
      (await pixelsOf(mine.page))
        .around(x + width / 2, y + height / 2, width / 3, height / 3)
        .filter(([red]) => red < 110).length;
    await expect.poll(letters, PATIENCE).toBeGreaterThan(200);
    await expect.poll(() => loaded('near'), PATIENCE).toBe(true);
    expect(await mine.page.getByRole('link', { name: 'GeoNames' }).isVisible()).toBe(true);
    expect(mine.errors).toEqual([]);
    await mine.page.context().close();
  });
});

async function boxOf({ page }: MapPage): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator('.canvas').boundingBox();
  if (box === null) throw new Error('The page has no map.');
  return box;
}
