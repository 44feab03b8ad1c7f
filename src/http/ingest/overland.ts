/**
 * What Overland sends (https://github.com/aaronpk/Overland-iOS#api): a batch of GeoJSON points, and beside it, when the
 * batch is old, the point where the phone is now, which comes again in a later batch.
 */
import { type AppFix, numberIn } from './app-fix.js';

export function readOverland(body: unknown): readonly AppFix[] {
  const { locations, current } = (body ?? {}) as { readonly locations?: unknown; readonly current?: unknown };
  const points = Array.isArray(locations) ? (locations as unknown[]) : [];
  return [...points, current].flatMap(fixOf);
}

/** The app keeps a batch and sends it again, for good, until it is answered exactly so. */
export const OVERLAND_ANSWER = { result: 'ok' };

/** Visits, trips and notes on the app's own life are points, too, but no fixes. */
function fixOf(point: unknown): readonly AppFix[] {
  const { geometry, properties } = (point ?? {}) as Partial<Feature>;
  if (geometry?.type !== 'Point' || properties == null || 'action' in properties || 'type' in properties) {
    return [];
  }
  const { timestamp, horizontal_accuracy: accuracy, speed, course } = properties;
  const [longitude, latitude] = Array.isArray(geometry.coordinates)
    ? (geometry.coordinates as unknown[])
    : [];
  return [
    {
      latitude: numberIn(latitude),
      longitude: numberIn(longitude),
      recordedAtMs: timeIn(timestamp),
      // iOS says -1 for what it does not know.
      accuracyMeters: numberIn(accuracy) >= 0 ? numberIn(accuracy) : null,
      speedMetersPerSecond: numberIn(speed),
      headingDegrees: numberIn(course),
    },
  ];
}

interface Feature {
  readonly geometry: { readonly type?: unknown; readonly coordinates?: unknown } | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

/** ISO 8601 in the form `2015-10-01T08:00:00-0700`, without the colon that RFC 3339 wants. NaN for anything else. */
function timeIn(timestamp: unknown): number {
  return Date.parse(String(timestamp).replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}
