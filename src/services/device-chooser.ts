/**
 * Publishes the locations of one of a user's devices at a time, where devices have names. A report of another
 * device than the one that is shown goes to the history alone, unless that device moved last. Users with one
 * device cost nothing: the store itself notices when there are two.
 */
import { chooseDevice, type NamedUpdate } from '../domain/device-choice.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { Clock } from '../time/clock.js';
import type { LocationStore } from './location-store.js';

export function createDeviceChooser(
  store: Pick<LocationStore, 'publish' | 'newest' | 'sightings' | 'keepSightings' | 'clear'>,
  locationTtlMs: number,
  clock: Clock,
): DeviceChooser {
  async function choose(userId: string, candidate: NamedUpdate): Promise<void> {
    const [[holder], known] = await Promise.all([store.newest([userId]), store.sightings(userId)]);
    if (holder == null || !isNamed(holder)) {
      await store.publish(userId, candidate);
      return;
    }
    const { takesOver, sightings } = chooseDevice(holder, candidate, known, clock.now(), locationTtlMs);
    await store.keepSightings(userId, sightings);
    if (takesOver) await store.publish(userId, candidate, true);
  }

  return {
    async publish(userId, update) {
      const outcome = await store.publish(userId, update);
      if (outcome === 'other-device' && isNamed(update)) await choose(userId, update);
    },

    clear: (userId, clearedAtMs) => store.clear(userId, clearedAtMs),
  };
}

export interface DeviceChooser extends Pick<LocationStore, 'clear'> {
  /** Publishes the update if it is news and of the device that says where the user is. */
  publish(userId: string, update: LocationUpdate): Promise<void>;
}

function isNamed(update: LocationUpdate): update is NamedUpdate {
  return update.device !== undefined;
}
