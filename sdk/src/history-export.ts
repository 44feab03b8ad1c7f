/**
 * The user's recorded locations as a file, oldest first. It is read page by page, so a long history takes no more
 * memory than a page. What is recorded meanwhile may be in it. An error ends the text in the middle.
 */
import type { NearbyFriendsClient } from './client.js';
import {
  type LocationFieldsFragment,
  LocationHistoryUpwardsDocument,
  type LocationHistoryUpwardsQueryVariables,
} from './generated/operations.js';

/**
 * Returns the text of a GPX 1.1 file, in pieces. Each span of time without a gap of more than ten minutes is a segment
 * of one track. Speed and course are in Garmin's TrackPointExtension; the accuracy has no place in GPX.
 * @throws NearbyFriendsError of the request that failed, while it is read.
 */
export async function* historyAsGpx(
  client: HistoryClient,
  range: HistoryExport = {},
): AsyncGenerator<string> {
  yield GPX_HEAD;
  let lastMs: number | null = null;
  for await (const page of pagesOf(client, range)) {
    let text = '';
    for (const location of page) {
      const recordedAtMs = Date.parse(location.recordedAt);
      if (lastMs !== null && recordedAtMs - lastMs > SEGMENT_GAP_MS) text += '</trkseg><trkseg>\n';
      lastMs = recordedAtMs;
      text += trackPoint(location);
    }
    yield text;
  }
  yield '</trkseg></trk></gpx>\n';
}

/**
 * Returns the text of a GeoJSON FeatureCollection (RFC 7946), in pieces: a Point for each location, with its
 * `recordedAt`, `accuracyMeters`, `speedMetersPerSecond` and `headingDegrees` as properties; null for what is not known.
 * @throws NearbyFriendsError of the request that failed, while it is read.
 */
export async function* historyAsGeoJson(
  client: HistoryClient,
  range: HistoryExport = {},
): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let separator = '\n';
  for await (const page of pagesOf(client, range)) {
    let text = '';
    for (const { latitude, longitude, ...properties } of page) {
      const geometry = { type: 'Point', coordinates: [longitude, latitude] };
      text += separator + JSON.stringify({ type: 'Feature', geometry, properties });
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]}\n';
}

/**
 * Returns the locations themselves, oldest first, in pages of up to 1,000; none of them is empty. A page is read when it
 * is asked for.
 * @throws NearbyFriendsError of the request that failed.
 */
export async function* historyPages(
  client: HistoryClient,
  { from, to }: HistoryRange = {},
): AsyncGenerator<LocationFieldsFragment[]> {
  let after: string | null = null;
  do {
    const variables: LocationHistoryUpwardsQueryVariables = { from, to, first: PAGE_SIZE, after };
    const { locationHistory } = await client.request(LocationHistoryUpwardsDocument, variables);
    const { edges, pageInfo } = locationHistory;
    if (edges.length > 0) yield edges.map(({ node }) => node);
    after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
  } while (after !== null);
}

/** The locations from `from` on until before `to`, as RFC 3339; open where one is left out. */
export interface HistoryRange {
  readonly from?: string | null;
  readonly to?: string | null;
}

/** What is exported, and who hears how far it has come. */
export interface HistoryExport extends HistoryRange {
  /**
   * Called with each page that was read.
   * @param locations the number of locations until now.
   * @param upTo when the last of them was recorded.
   */
  readonly onProgress?: (locations: number, upTo: string) => void;
}

type HistoryClient = Pick<NearbyFriendsClient, 'request'>;

/** The most that the server gives. */
const PAGE_SIZE = 1_000;

/** So long a user may be silent before friends lose them. */
const SEGMENT_GAP_MS = 600_000;

const GPX_HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Nearby Friends" xmlns="http://www.topografix.com/GPX/1/1"
  xmlns:tp="http://www.garmin.com/xmlschemas/TrackPointExtension/v2"><trk><trkseg>
`;

/** Tells of each page. */
async function* pagesOf(
  client: HistoryClient,
  { onProgress, ...range }: HistoryExport,
): AsyncGenerator<LocationFieldsFragment[]> {
  let count = 0;
  for await (const page of historyPages(client, range)) {
    count += page.length;
    onProgress?.(count, page.at(-1)?.recordedAt ?? '');
    yield page;
  }
}

function trackPoint(location: LocationFieldsFragment): string {
  const { latitude, longitude, recordedAt, speedMetersPerSecond, headingDegrees } = location;
  const motion =
    (speedMetersPerSecond == null ? '' : `<tp:speed>${decimal(speedMetersPerSecond)}</tp:speed>`) +
    (headingDegrees == null ? '' : `<tp:course>${decimal(headingDegrees)}</tp:course>`);
  const extensions =
    motion === ''
      ? ''
      : `<extensions><tp:TrackPointExtension>${motion}</tp:TrackPointExtension></extensions>`;
  // The longitudes of GPX end before 180.
  const lon = decimal(longitude === 180 ? -180 : longitude);
  return `<trkpt lat="${decimal(latitude)}" lon="${lon}"><time>${recordedAt}</time>${extensions}</trkpt>\n`;
}

/** Without the exponent that JavaScript writes of small numbers, and XML Schema does not take. */
const decimal = (value: number): string => value.toFixed(7).replace(/\.?0+$/, '');
