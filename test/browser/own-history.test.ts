/** The user's own history on the map page: a day of it on the map, a file of it, and its deletion. */
import { readFile } from 'node:fs/promises';
import { gpx } from '@tmcw/togeojson';
import { Window } from 'happy-dom';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, move, type PlaceInput, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startWire } from '../support/wire.js';
import { accessibilityFaults } from './axe.js';
import { launchBrowser } from './browser.js';
import { type MapPage, type MapPageOptions, openMapPage } from './map-page.js';
import { pixelsOf } from './pixels.js';

/** On a busy machine a map takes its time to draw. */
const PATIENCE = { timeout: 60_000 };
/** Long enough for every change of the clocks to be in the history. */
const RETENTION_DAYS = 800;
const DAY_MS = 86_400_000;

let cluster: TestCluster;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([
    startTestCluster(1, { historyRetentionDays: RETENTION_DAYS }),
    launchBrowser(),
  ]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});

type Recorded = PlaceInput & { readonly recordedAt: string };

/** A user with these locations in the history. */
async function withHistory(places: readonly Recorded[]): Promise<TestUser> {
  const user = await signUp(url);
  const document =
    'mutation ($inputs: [UpdateLocationInput!]!) { updateLocations(inputs: $inputs) { recorded } }';
  for (let from = 0; from < places.length; from += 500) {
    await ask(url, user.token, document, { inputs: places.slice(from, from + 500) });
  }
  return user;
}

async function open(
  user: TestUser,
  options: MapPageOptions & { readonly at?: string } = {},
): Promise<MapPage> {
  const mine = await openMapPage(browser, options.at ?? url, { timezoneId: 'UTC', ...options });
  onTestFinished(() => mine.page.context().close());
  // Without a window its dialog never ends.
  await mine.page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
  await mine.signIn(user.handle);
  await mine.page.getByRole('button', { name: 'Sign out' }).waitFor();
  return mine;
}

async function openAccount({ page }: MapPage): Promise<Locator> {
  await page.getByRole('button', { name: 'Account' }).click();
  const view = page.getByRole('dialog', { name: 'Account' });
  await view.getByLabel('Name that friends see').waitFor();
  return view;
}

const bar = (page: Page): Locator => page.getByRole('region', { name: 'My history' });

/** @param day as date inputs write it; today when it is left out. */
async function showDay(mine: MapPage, day?: string): Promise<Locator> {
  const view = await openAccount(mine);
  await view.getByRole('button', { name: 'Show a day on the map' }).click();
  if (day !== undefined) await bar(mine.page).getByLabel('Day', { exact: true }).fill(day);
  return bar(mine.page);
}

const sentence = (page: Page) => (): Promise<string> => bar(page).getByRole('status').innerText();

/** The day before yesterday, in UTC. */
const DAY = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10);
const minute = (minutes: number): string => new Date(Date.parse(DAY) + minutes * 60_000).toISOString();

/** Where the track starts and ends on the screen. */
async function endsOf(
  page: Page,
): Promise<{ start: { x: number; y: number }; end: { x: number; y: number } }> {
  const [start, end] = await Promise.all(
    ['Start', 'End'].map((text) => page.locator('.marker.track-end', { hasText: text }).boundingBox()),
  );
  if (start == null || end == null) throw new Error('No track is shown.');
  return {
    start: { x: start.x + start.width, y: start.y + start.height },
    end: { x: end.x, y: end.y + end.height },
  };
}

/** Whether the track is drawn at a share of the way from its start to its end, which are on one parallel. */
const drawnAt = (page: Page, shares: readonly number[]) => async (): Promise<boolean[]> => {
  const { start, end } = await endsOf(page);
  const pixels = await pixelsOf(page);
  return shares.map((share) => {
    const [x, y] = [start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)];
    // Purple, as nothing else on the map is.
    return pixels.around(x, y, 2, 6).some(([red, green, blue]) => red - green > 30 && blue - green > 45);
  });
};

describe('a day of the history', { timeout: 180_000 }, () => {
  it('is drawn from its start to its end, with a gap where nothing is known, and steps to other days', async () => {
    const onWay = (at: number): Recorded => ({
      latitude: 37.97,
      longitude: 23.7 + at / 1_000,
      recordedAt: minute(480 + at),
    });
    const places = [0, 5, 10, 15, 30, 35, 40, 45].map(onWay);
    const user = await withHistory([...places, { ...onWay(0), recordedAt: minute(-60) }]);
    const mine = await open(user);
    const { page } = mine;
    await showDay(mine);
    await expect.poll(sentence(page), PATIENCE).toBe('No places were recorded on this day.');
    expect(await bar(page).getByRole('button', { name: 'Next day' }).isDisabled()).toBe(true);
    expect(await page.locator('.marker.track-end').count()).toBe(0);

    await bar(page).getByLabel('Day', { exact: true }).fill(DAY);
    await expect.poll(sentence(page), PATIENCE).toBe('8 places from 8:00 to 8:45, with one gap.');
    await expect
      .poll(drawnAt(page, [0.01, 1 / 6, 0.5, 5 / 6, 0.99]), PATIENCE)
      .toEqual([true, true, false, true, true]);
    const map = await page.locator('.canvas').boundingBox();
    const { start, end } = await endsOf(page);
    expect((end.x - start.x) / (map?.width ?? 0)).toBeGreaterThan(0.6);
    expect(await accessibilityFaults(page)).toEqual([]);

    await bar(page).getByRole('button', { name: 'Previous day' }).click();
    await expect.poll(sentence(page), PATIENCE).toBe('One place, at 23:00.');
    await bar(page).getByRole('button', { name: 'Next day' }).click();
    await expect.poll(sentence(page), PATIENCE).toContain('8 places');

    await bar(page).getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.locator('.marker.track-end').count()).toBe(0);
    expect(await bar(page).count()).toBe(0);
    expect(mine.errors).toEqual([]);
  });

  it('is drawn anew when the page turns dark', async () => {
    const user = await withHistory(
      [0, 5, 10].map((at) => ({ latitude: 0, longitude: at / 1_000, recordedAt: minute(at) })),
    );
    const mine = await open(user);
    await showDay(mine, DAY);
    await expect.poll(drawnAt(mine.page, [0.25, 0.75]), PATIENCE).toEqual([true, true]);
    await mine.page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(drawnAt(mine.page, [0.25, 0.75]), PATIENCE).toEqual([true, true]);
  });

  it('goes over the 180th meridian the short way', async () => {
    const user = await withHistory(
      [179.99, 179.996, -179.996, -179.99].map((longitude, nth) => ({
        latitude: -17,
        longitude,
        recordedAt: minute(nth),
      })),
    );
    const mine = await open(user);
    await showDay(mine, DAY);
    await expect.poll(sentence(mine.page), PATIENCE).toBe('4 places from 0:00 to 0:03.');
    await expect.poll(drawnAt(mine.page, [0.2, 0.5, 0.8]), PATIENCE).toEqual([true, true, true]);
    const scale = mine.page.locator('.maplibregl-ctrl-scale');
    await expect.poll(() => scale.innerText()).toMatch(/^\d{3}\sm$/);
  });

  // The last Sundays of March and of October, which lie before today.
  it.each([
    [2, 23, 0],
    [9, 25, -1],
  ])(
    'in month %d begins and ends with the clocks of the user, %d hours',
    async (month, hours, startsAtHour) => {
      const lastSunday = (year: number): number => {
        const lastMs = Date.UTC(year, month, 31);
        return lastMs - new Date(lastMs).getUTCDay() * DAY_MS;
      };
      const thisYear = lastSunday(new Date().getUTCFullYear());
      const dayMs = thisYear + DAY_MS < Date.now() ? thisYear : lastSunday(new Date().getUTCFullYear() - 1);
      const startMs = dayMs + startsAtHour * 3_600_000;
      const endMs = startMs + hours * 3_600_000;
      const user = await withHistory(
        [startMs - 1, startMs, endMs - 1, endMs].map((atMs, nth) => ({
          latitude: 53.3,
          longitude: -6.2 - nth / 1_000,
          recordedAt: new Date(atMs).toISOString(),
        })),
      );
      const mine = await open(user, { timezoneId: 'Europe/Dublin' });
      await showDay(mine, new Date(dayMs).toISOString().slice(0, 10));
      await expect.poll(sentence(mine.page), PATIENCE).toBe('2 places from 0:00 to 23:59, with one gap.');
    },
  );

  it('says that it could not be read, and reads it when the server is back', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const user = await withHistory([{ latitude: 1, longitude: 1, recordedAt: minute(60) }]);
    const mine = await open(user, { at: wire.url });
    const { page } = mine;
    await showDay(mine);
    await expect.poll(sentence(page), PATIENCE).toBe('No places were recorded on this day.');
    wire.cut();
    await expect.poll(() => mine.connection.innerText(), PATIENCE).toContain('Reconnecting');
    await bar(page).getByLabel('Day', { exact: true }).fill(DAY);
    await expect.poll(sentence(page), PATIENCE).toBe('Reading …');
    wire.mend();
    await expect.poll(sentence(page), PATIENCE).toBe('One place, at 1:00.');
  });
});

const parsedGpx = (text: string): ReturnType<typeof gpx> =>
  gpx(new new Window().DOMParser().parseFromString(text, 'application/xml'));

/** More than two pages, every 20 s, with an hour of nothing in the middle. */
const LONG: Recorded[] = Array.from({ length: 2_300 }, (_, nth) => ({
  latitude: (37_900_000 + nth) / 1e6,
  longitude: 23.7,
  recordedAt: minute(nth / 3 + (nth < 1_500 ? 0 : 60)),
}));
const positionsOf = (places: readonly Recorded[]): number[][] =>
  places.map(({ latitude, longitude }) => [longitude, latitude]);

describe('a file of the history', { timeout: 180_000 }, () => {
  let user: TestUser;

  beforeAll(async () => {
    user = await withHistory([{ latitude: 10, longitude: 20, recordedAt: minute(-1) }, ...LONG]);
  });

  it('as GPX has what was recorded in the span, with a segment for each stretch', async () => {
    const mine = await open(user);
    const view = await openAccount(mine);
    await view.getByLabel('First day').fill(DAY);
    await view.getByLabel('Last day').fill(DAY);
    const downloading = mine.page.waitForEvent('download');
    await view.getByRole('button', { name: 'Download GPX' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`nearby-friends-${DAY}-${DAY}.gpx`);
    const text = await readFile(await download.path(), 'utf8');
    await view.getByText('Saved: 2,300 places.').waitFor();

    const root = await mine.page.evaluate((xml) => {
      const document = new DOMParser().parseFromString(xml, 'application/xml');
      return [document.documentElement.namespaceURI, document.documentElement.getAttribute('version')];
    }, text);
    expect(root).toEqual(['http://www.topografix.com/GPX/1/1', '1.1']);
    const [feature] = parsedGpx(text).features;
    const segments = [LONG.slice(0, 1_500), LONG.slice(1_500)];
    expect(feature?.geometry).toEqual({ type: 'MultiLineString', coordinates: segments.map(positionsOf) });
    expect(feature?.properties?.['coordinateProperties']).toMatchObject({
      times: segments.map((part) => part.map(({ recordedAt }) => recordedAt)),
    });
    expect(mine.errors).toEqual([]);
  });

  it('as GeoJSON goes straight into the file where the browser can do that', async () => {
    const mine = await open(user);
    await mine.page.evaluate(useFilesOfTheOrigin);
    const view = await openAccount(mine);
    await view.getByRole('button', { name: 'Download GeoJSON' }).click();
    await view.getByText('Saved: 2,301 places.').waitFor();
    const { features } = JSON.parse(await mine.page.evaluate(textOfFile, 'nearby-friends.geojson')) as {
      features: { geometry: { coordinates: number[] }; properties: { recordedAt: string } }[];
    };
    expect(features.map(({ geometry }) => geometry.coordinates)).toEqual([[20, 10], ...positionsOf(LONG)]);
    expect(features.map(({ properties }) => properties.recordedAt)).toEqual([
      minute(-1),
      ...LONG.map(({ recordedAt }) => recordedAt),
    ]);
    expect(mine.errors).toEqual([]);
  });

  it('is given up when the user cancels it', async () => {
    const wire = await startWire(url, 300);
    onTestFinished(() => wire.close());
    const mine = await open(user, { at: wire.url });
    const downloads: unknown[] = [];
    mine.page.on('download', (download) => downloads.push(download));
    const view = await openAccount(mine);
    wire.stall();
    await view.getByRole('button', { name: 'Download GPX' }).click();
    await view.getByText('Reading …').waitFor();
    expect(await view.getByRole('button', { name: 'Download GPX' }).isDisabled()).toBe(true);
    expect(await accessibilityFaults(mine.page)).toEqual([]);
    await view.getByRole('button', { name: 'Cancel' }).click();
    await view.getByText('The download is cancelled.').waitFor();
    expect(await view.getByRole('button', { name: 'Cancel' }).count()).toBe(0);

    wire.mend();
    await view.getByRole('button', { name: 'Download GeoJSON' }).click();
    await view.getByText(/^Reading … 1,000 places, up to \d+ \w+ \d+$/).waitFor();
    await view.getByText('Saved: 2,301 places.').waitFor();
    await expect.poll(() => downloads.length).toBe(1);
  });
});

describe('a span of the history', { timeout: 180_000 }, () => {
  it('is deleted after a question, and the place that friends see stays', async () => {
    const user = await withHistory([
      ...LONG,
      { latitude: 10, longitude: 20, recordedAt: minute(-1) },
      { latitude: 10, longitude: 20, recordedAt: minute(1_440) },
    ]);
    await move(url, user, { latitude: 11, longitude: 21 });
    const mine = await open(user);
    const { page } = mine;
    await showDay(mine, DAY);
    await expect.poll(sentence(page), PATIENCE).toContain('2,300 places');
    const view = await openAccount(mine);
    await view.getByLabel('First day').fill(DAY);
    await view.getByLabel('Last day').fill(new Date(Date.parse(DAY) - DAY_MS).toISOString().slice(0, 10));
    await view.getByRole('button', { name: 'Delete …' }).click();
    await view.getByText('The last day is before the first one.').waitFor();
    await view.getByLabel('Last day').fill(DAY);
    await view.getByRole('button', { name: 'Delete …' }).click();
    const question = view.getByRole('alert').filter({ hasText: 'Delete' });
    await question.waitFor();
    expect(await question.innerText()).toMatch(
      /^Delete more than 1,000 places of \d+ \w+ \d+\? .*friends see now/,
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    await view.getByRole('button', { name: 'Keep' }).click();
    expect(await question.count()).toBe(0);
    const recorded = async (): Promise<string[]> => {
      const { locationHistory } = await ask<{
        locationHistory: { edges: { node: { recordedAt: string } }[] };
      }>(url, user.token, '{ locationHistory(first: 1000) { edges { node { recordedAt } } } }');
      return locationHistory.edges.map(({ node }) => node.recordedAt);
    };
    expect(await recorded()).toHaveLength(1_000);

    await view.getByRole('button', { name: 'Delete …' }).click();
    await view.getByRole('button', { name: 'Delete for good' }).click();
    await view.getByText('Deleted: 2,300 places.').waitFor();
    const left = await recorded();
    expect(left).toHaveLength(3);
    expect(left.slice(1)).toEqual([minute(1_440), minute(-1)]);
    await view.getByRole('button', { name: 'Close' }).click();
    await expect.poll(sentence(page), PATIENCE).toBe('No places were recorded on this day.');
    expect(await page.locator('.marker.track-end').count()).toBe(0);
    await mine.me.waitFor();

    await openAccount(mine);
    await view.getByLabel('First day').fill(DAY);
    await view.getByLabel('Last day').fill(DAY);
    await view.getByRole('button', { name: 'Delete …' }).click();
    await view.getByText('No places were recorded then.').waitFor();
    expect(mine.errors).toEqual([]);
  });
});

/** Runs in the page: a choice of a file without a dialog. The files are real ones, in the origin's own folder. */
function useFilesOfTheOrigin(): void {
  Object.assign(globalThis, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
  });
}

/** Runs in the page. */
async function textOfFile(name: string): Promise<string> {
  const handle = await (await navigator.storage.getDirectory()).getFileHandle(name);
  return (await handle.getFile()).text();
}
