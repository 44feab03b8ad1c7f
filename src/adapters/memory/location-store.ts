/** Keeps the newest location of each user in this process, for the one server that runs without Redis. */
import { isNewer, type LocationUpdate, toRecord } from '../../domain/location-update.js';
import type { Clock } from '../../time/clock.js';
import type { LocationStore } from '../../services/location-store.js';
import type { Topics } from '../../services/user-topics.js';

export function createMemoryLocationStore(
  topics: Pick<Topics, 'publish'>,
  locationTtlMs: number,
  clock: Clock,
): LocationStore {
  /** In the order of receipt, so that the expired ones are the first. */
  const kept = new Map<string, LocationUpdate>();

  function dropExpired(): void {
    const oldestMs = clock.now() - locationTtlMs;
    for (const [userId, update] of kept) {
      if (update.receivedAtMs > oldestMs) return;
      kept.delete(userId);
    }
  }

  return {
    async publish(userId, update) {
      dropExpired();
      const known = kept.get(userId);
      if (known !== undefined && (known.id === update.id || !isNewer(update, known))) return;
      kept.delete(userId);
      kept.set(userId, update);
      await topics.publish(userId, toRecord(update));
    },

    newest(userIds) {
      dropExpired();
      return Promise.resolve(userIds.map((userId) => kept.get(userId) ?? null));
    },

    remove(userId) {
      kept.delete(userId);
      return Promise.resolve();
    },
  };
}
