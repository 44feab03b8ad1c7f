/** Keeps the newest location of each user in this process, for the one server that runs without Redis. */
import { LRUCache } from 'lru-cache';
import { cellsToText, keptOf, nextCells } from '../../domain/approximate-place.js';
import { isBefore, toClearing } from '../../domain/cleared-location.js';
import type { DeviceSightings } from '../../domain/device-choice.js';
import {
  isOfOtherDevice,
  type LocationUpdate,
  newestAfter,
  SERVER_CLOCKS_DIFFER_MS,
  toRecord,
} from '../../domain/location-update.js';
import { isOverdue, nextWhereabouts, parseWhereabouts, toText } from '../../domain/whereabouts.js';
import type { Clock } from '../../time/clock.js';
import type { LocationStore } from '../../services/location-store.js';
import type { Topics } from '../../services/user-topics.js';
import { secureChance } from '../secure-chance.js';

/**
 * @param locationTtlMs for how long a location is kept after its receipt, milliseconds.
 * @param chance draws the numbers of which margins of cells are made.
 */
export function createMemoryLocationStore(
  topics: Pick<Topics, 'publish'>,
  locationTtlMs: number,
  clock: Clock,
  chance = secureChance,
): LocationStore {
  const expiring = { max: MAX_USERS, ttl: locationTtlMs, ttlResolution: 0, perf: { now: clock.monotonic } };
  const locations = new LRUCache<string, LocationUpdate>(expiring);
  const sightings = new LRUCache<string, DeviceSightings>(expiring);
  const clearings = new LRUCache<string, number>(expiring);
  let reportUnannounced: Parameters<LocationStore['onUnannounced']>[0] = () => undefined;

  return {
    async publish(userId, update, takeOver = false) {
      const known = locations.get(userId);
      const leftMs = Math.min(update.receivedAtMs + locationTtlMs - clock.now(), locationTtlMs);
      if (leftMs <= 0 || (takeOver && known === undefined)) return 'outdated';
      if (isBefore(update, clearings.get(userId) ?? -Infinity)) return 'outdated';
      let newest = update;
      if (known !== undefined) {
        if (known.id === update.id && update.stillHere !== true) return 'outdated';
        if (!takeOver && isOfOtherDevice(known, update)) return 'other-device';
        newest = newestAfter(update, known, clock.now());
        if (newest === known) return 'outdated';
      }
      const before = parseWhereabouts(known?.whereabouts);
      const whereabouts = nextWhereabouts(newest, before);
      const cells = nextCells(newest, clock.now(), known === undefined ? null : keptOf(known), chance());
      const { stillHere: _, ...located } = newest;
      const kept = { ...located, whereabouts: toText(whereabouts), cells: cellsToText(cells) };
      locations.set(userId, kept, { ttl: leftMs });
      clearings.delete(userId);
      await topics.publish(userId, toRecord(kept));
      if (whereabouts !== before || isOverdue(whereabouts, newest.receivedAtMs))
        reportUnannounced(userId, kept);
      return 'published';
    },

    onUnannounced(listener) {
      reportUnannounced = listener;
    },

    confirm(userId, madeAtMs) {
      const kept = locations.get(userId) ?? null;
      const whereabouts = parseWhereabouts(kept?.whereabouts);
      if (kept === null || whereabouts?.madeAtMs !== madeAtMs) return Promise.resolve(kept);
      const confirmed = { ...kept, whereabouts: toText({ ...whereabouts, announced: true }) };
      locations.set(userId, confirmed, { ttl: locations.getRemainingTTL(userId) });
      return Promise.resolve(confirmed);
    },

    newest(userIds, onCleared) {
      for (const userId of userIds) {
        const clearedAtMs = clearings.get(userId);
        if (clearedAtMs !== undefined) onCleared?.(userId, clearedAtMs);
      }
      return Promise.resolve(userIds.map((userId) => locations.get(userId) ?? null));
    },

    sightings: (userId) => Promise.resolve(sightings.get(userId) ?? {}),

    keepSightings(userId, seen) {
      if (locations.has(userId)) sightings.set(userId, seen);
      return Promise.resolve();
    },

    async clear(userId, clearedAtMs) {
      const receivedAtMs = locations.get(userId)?.receivedAtMs ?? 0;
      if (receivedAtMs > clearedAtMs + SERVER_CLOCKS_DIFFER_MS) return false;
      const atMs = Math.max(clearedAtMs, receivedAtMs, clearings.get(userId) ?? 0);
      const wasKept = locations.delete(userId);
      sightings.delete(userId);
      clearings.set(userId, atMs);
      await topics.publish(userId, toClearing(atMs));
      return wasKept;
    },
  };
}

/** Beyond this the user who was silent longest is forgotten. */
const MAX_USERS = 100_000;
