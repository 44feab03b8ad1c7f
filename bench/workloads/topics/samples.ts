/** Ids and a record as long as in life. */
import { type LocationUpdate, toRecord } from '../../../src/domain/location-update.js';

/** A UUID of its own for each pair of numbers. */
export function userId(index: number, kind = 0xffff): string {
  return `0193${kind.toString(16).padStart(4, '0')}-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** An update as it is kept and told. */
export function updateAt(nowMs: number, id: string): LocationUpdate {
  return {
    id,
    latitude: 37.975432,
    longitude: 23.735421,
    accuracyMeters: 12.5,
    recordedAtMs: nowMs,
    receivedAtMs: nowMs,
  };
}

export const record = JSON.stringify(toRecord(updateAt(1_764_100_000_000, userId(0))));
