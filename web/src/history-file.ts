/** The formats in which the history can be downloaded. */
import { historyAsGeoJson, historyAsGpx } from 'nearby-friends-client';

export const FILE_FORMATS = {
  gpx: { mediaType: 'application/gpx+xml', textOf: historyAsGpx },
  geojson: { mediaType: 'application/geo+json', textOf: historyAsGeoJson },
} as const;

/** Also the ending of the file's name. */
export type FileFormat = keyof typeof FILE_FORMATS;
