/** The exported history as another program reads it. */
import { gpx } from '@tmcw/togeojson';
import { Window } from 'happy-dom';
import {
  historyAsGeoJson,
  historyAsGpx,
  historyPages,
  type NearbyFriendsClient,
  UpdateLocationsDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { newHandle, openClient, PASSWORD } from '../support/sdk-client.js';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster(1);
});
afterAll(() => cluster.close());

const START_MS = Date.now() - 86_400_000;
const instant = (seconds: number): string => new Date(START_MS + seconds * 1_000).toISOString();

interface Recorded {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: number;
  readonly speedMetersPerSecond?: number;
  readonly headingDegrees?: number;
  readonly recordedAt: string;
}

async function signUp(): Promise<NearbyFriendsClient> {
  const client = openClient(cluster.urls[0] ?? '');
  await client.signUp({ handle: newHandle(), displayName: 'Me', password: PASSWORD });
  return client;
}

/** A user with these locations in the history. */
async function withHistory(recorded: readonly Recorded[]): Promise<NearbyFriendsClient> {
  const client = await signUp();
  for (let from = 0; from < recorded.length; from += 500) {
    await client.request(UpdateLocationsDocument, { inputs: recorded.slice(from, from + 500) });
  }
  return client;
}

async function piecesOf<Piece>(text: AsyncIterable<Piece>): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of text) pieces.push(piece);
  return pieces;
}

const textOf = async (text: AsyncIterable<string>): Promise<string> => (await piecesOf(text)).join('');

function read(text: string): ReturnType<typeof gpx> {
  const document = new new Window().DOMParser().parseFromString(text, 'application/xml');
  return gpx(document);
}

test(
  'a history of several pages is one track, oldest first, in pieces of a page',
  { timeout: 60_000 },
  async () => {
    // An hour without anything in the middle.
    const recorded = Array.from({ length: 2_300 }, (_, nth) => ({
      latitude: (37_900_000 + nth) / 1e6,
      longitude: 23.7,
      recordedAt: instant(nth * 10 + (nth < 1_500 ? 0 : 3_600)),
    }));
    const client = await withHistory(recorded.toReversed());
    const pieces = await piecesOf(historyAsGpx(client));
    expect(pieces.map((piece) => piece.match(/<trkpt/g)?.length ?? 0)).toEqual([0, 1_000, 1_000, 300, 0]);

    const { features } = read(pieces.join(''));
    expect(features).toHaveLength(1);
    const [feature] = features;
    const segments = [recorded.slice(0, 1_500), recorded.slice(1_500)];
    expect(feature?.geometry).toEqual({
      type: 'MultiLineString',
      coordinates: segments.map((part) => part.map(({ longitude, latitude }) => [longitude, latitude])),
    });
    expect(feature?.properties?.['coordinateProperties']).toMatchObject({
      times: segments.map((part) => part.map(({ recordedAt }) => recordedAt)),
    });

    const progress: [number, string][] = [];
    const onProgress = (locations: number, upTo: string): void => void progress.push([locations, upTo]);
    const geoJson = JSON.parse(await textOf(historyAsGeoJson(client, { onProgress }))) as {
      type: string;
      features: unknown[];
    };
    expect(geoJson.type).toBe('FeatureCollection');
    expect(geoJson.features).toEqual(
      recorded.map(({ latitude, longitude, recordedAt }) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [longitude, latitude] },
        properties: { recordedAt, accuracyMeters: null, speedMetersPerSecond: null, headingDegrees: null },
      })),
    );
    expect(progress).toEqual([1_000, 2_000, 2_300].map((count) => [count, recorded[count - 1]?.recordedAt]));
    expect(
      (await piecesOf(historyPages(client, { to: instant(10_000) }))).map(({ length }) => length),
    ).toEqual([1_000]);
  },
);

test('places at the edges of the map are what XML Schema takes, and motion is where Garmin has it', async () => {
  const client = await withHistory([
    {
      latitude: 1e-7,
      longitude: 180,
      recordedAt: instant(0),
      speedMetersPerSecond: 1e-3,
      headingDegrees: 90,
    },
    { latitude: -1e-7, longitude: -179.9999999, recordedAt: instant(10), accuracyMeters: 5 },
    { latitude: 0, longitude: -180, recordedAt: instant(20), headingDegrees: 0 },
  ]);
  const text = await textOf(historyAsGpx(client));
  expect(text.match(/<trkpt .*/g)).toEqual([
    `<trkpt lat="0.0000001" lon="-180"><time>${instant(0)}</time><extensions><tp:TrackPointExtension>` +
      '<tp:speed>0.001</tp:speed><tp:course>90</tp:course></tp:TrackPointExtension></extensions></trkpt>',
    `<trkpt lat="-0.0000001" lon="-179.9999999"><time>${instant(10)}</time></trkpt>`,
    `<trkpt lat="0" lon="-180"><time>${instant(20)}</time><extensions><tp:TrackPointExtension>` +
      '<tp:course>0</tp:course></tp:TrackPointExtension></extensions></trkpt>',
  ]);
  const { features } = JSON.parse(await textOf(historyAsGeoJson(client))) as { features: object[] };
  expect(features[1]).toMatchObject({
    geometry: { coordinates: [-179.9999999, -1e-7] },
    properties: { accuracyMeters: 5 },
  });
});

test('a range is exported alone, and nothing at all is a file, too', async () => {
  const places = [0, 10, 20, 30].map((seconds) => ({
    latitude: 1,
    longitude: seconds / 1e4,
    recordedAt: instant(seconds),
  }));
  const client = await withHistory(places);
  const part = await textOf(historyAsGeoJson(client, { from: instant(10), to: instant(30) }));
  expect(part.match(/"recordedAt":"[^"]+"/g)).toEqual([10, 20].map((at) => `"recordedAt":"${instant(at)}"`));
  const none = { from: instant(40) };
  expect(JSON.parse(await textOf(historyAsGeoJson(client, none)))).toEqual({
    type: 'FeatureCollection',
    features: [],
  });
  expect(read(await textOf(historyAsGpx(client, none))).features).toEqual([]);
});

test('what fails ends the text with the error', async () => {
  const client = await signUp();
  await expect(textOf(historyAsGpx(client, { from: 'yesterday' }))).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});
