/**
 * Two stores of the history as one, while locations go from the one to the other: each is there in at least one of them
 * at any time. Whoever reads or deletes asks the old store first, so that what leaves it meanwhile is met in the new one.
 */
import type { LocationUpdate } from '../domain/location-update.js';
import type { HistoryStore } from '../services/location-history.js';
import { placeKey } from './place-key.js';

export function togetherHistories(oldStore: HistoryStore, newStore: HistoryStore): HistoryStore {
  return {
    async read(userId, range, after, limit) {
      const rows = new Map<string, LocationUpdate>();
      for (const store of [oldStore, newStore]) {
        const found = await store.read(userId, range, after, limit);
        for (const row of found) rows.set(placeKey(row), row);
      }
      const inOrder = [...rows.values()].sort(byPlace);
      return (range.oldestFirst === true ? inOrder : inOrder.reverse()).slice(0, limit);
    },

    async fingerprintsOf(userId, ids) {
      const old = await oldStore.fingerprintsOf(userId, ids);
      // What came first is in the old store.
      return [...new Map([...(await newStore.fingerprintsOf(userId, ids)), ...old])];
    },

    async delete(userId, range) {
      const old = await oldStore.delete(userId, range);
      return old + (await newStore.delete(userId, range));
    },
  };
}

function byPlace(a: LocationUpdate, b: LocationUpdate): number {
  return a.recordedAtMs - b.recordedAtMs || (a.id < b.id ? -1 : 1);
}
