/**
 * Live locations through an outage: what could not be told is kept, the newest of each user, and told again until
 * that works or its user counts as inactive. Late is harmless, since an older location never replaces a newer one.
 */
import { isNewer, type LocationUpdate } from '../domain/location-update.js';
import type { Clock } from './clock.js';
import type { LiveLocations } from './publish-location.js';

interface LiveRetryDeps {
  readonly live: LiveLocations;
  readonly locationTtlMs: number;
  readonly clock: Clock;
  /** Told when an update is given up because too many wait. */
  onGivenUp(): void;
}

const RETRY_MS = 500;
/** Beyond this the user who was first kept is given up: their next update tells. */
const MAX_USERS = 100_000;
const TOLD_AT_ONCE = 500;

export function createLiveRetry({
  live,
  locationTtlMs,
  clock,
  onGivenUp,
}: LiveRetryDeps): LiveLocations & { close(): void } {
  const untold = new Map<string, LocationUpdate>();
  let cancelRetry: (() => void) | null = null;
  let closed = false;

  function keep(userId: string, update: LocationUpdate): void {
    const known = untold.get(userId);
    if (known !== undefined && !isNewer(update, known)) return;
    untold.set(userId, update);
    for (const first of untold.keys()) {
      if (untold.size <= MAX_USERS) break;
      untold.delete(first);
      onGivenUp();
    }
    arm();
  }

  function arm(): void {
    if (!closed) cancelRetry ??= clock.after(RETRY_MS, () => void retry());
  }

  async function retry(): Promise<void> {
    const oldestMs = clock.now() - locationTtlMs;
    const all = [...untold];
    for (let at = 0; at < all.length; at += TOLD_AT_ONCE) {
      const told = await Promise.allSettled(all.slice(at, at + TOLD_AT_ONCE).map(tell));
      if (told.some(({ status }) => status === 'rejected')) break;
    }
    cancelRetry = null;
    if (untold.size > 0) arm();

    async function tell([userId, update]: [string, LocationUpdate]): Promise<void> {
      if (update.receivedAtMs > oldestMs && untold.get(userId) === update) await live.publish(userId, update);
      if (untold.get(userId) === update) untold.delete(userId);
    }
  }

  return {
    /** Rejects when it could not be told at once; it is then told later. */
    async publish(userId, update) {
      try {
        await live.publish(userId, update);
      } catch (error) {
        keep(userId, update);
        throw error;
      }
    },

    async remove(userId) {
      untold.delete(userId);
      await live.remove(userId);
    },

    close() {
      closed = true;
      cancelRetry?.();
    },
  };
}
