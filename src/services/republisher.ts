/**
 * Publishes locations through an outage of the location store. It holds the newest update of each device of a
 * user that could not be published and tries again until that works or the user counts as inactive. An update that
 * comes late does no harm, since an older location never replaces a newer one. A location that could not be taken
 * back is held likewise, until the user reports a later one here.
 */
import { isBefore } from '../domain/cleared-location.js';
import { type LocationUpdate, newestAfter } from '../domain/location-update.js';
import type { Clock } from '../time/clock.js';
import type { DeviceChooser } from './device-chooser.js';

export function createRepublisher({
  store,
  locationTtlMs,
  clock,
  onGivenUp,
}: RepublisherOptions): Republisher {
  const held = new Map<string, HeldUpdate>();
  let cancelRetry: (() => void) | null = null;
  let closed = false;

  function hold(userId: string, update: LocationUpdate): void {
    const key = userId + (update.device ?? '');
    const known = held.get(key)?.update ?? null;
    const newest = known === null ? update : newestAfter(update, known, clock.now());
    if (newest === known) return;
    keep(key, { update: newest, clearedAtMs: null, attempt: () => store.publish(userId, newest) });
  }

  function keep(key: string, one: Omit<HeldUpdate, 'untilMs'>): void {
    held.set(key, { ...one, untilMs: clock.monotonic() + locationTtlMs });
    for (const longestHeld of held.keys()) {
      if (held.size <= MAX_UPDATES) break;
      held.delete(longestHeld);
      onGivenUp();
    }
    scheduleRetry();
  }

  function scheduleRetry(): void {
    if (!closed) cancelRetry ??= clock.after(RETRY_MS, () => void retry());
  }

  async function retry(): Promise<void> {
    const all = [...held];
    for (let start = 0; start < all.length; start += UPDATES_AT_ONCE) {
      const batch = all.slice(start, start + UPDATES_AT_ONCE);
      const results = await Promise.allSettled(batch.map(publishHeld));
      if (results.some(({ status }) => status === 'rejected')) break;
    }
    cancelRetry = null;
    if (held.size > 0) scheduleRetry();

    async function publishHeld([key, one]: [string, HeldUpdate]): Promise<void> {
      if (one.untilMs > clock.monotonic() && held.get(key) === one) await one.attempt();
      if (held.get(key) === one) held.delete(key);
    }
  }

  return {
    async publish(userId, update) {
      const clearedAtMs = held.get(CLEARING + userId)?.clearedAtMs ?? null;
      if (clearedAtMs !== null && isBefore(update, clearedAtMs)) return;
      held.delete(CLEARING + userId);
      try {
        await store.publish(userId, update);
      } catch (error) {
        hold(userId, update);
        throw error;
      }
    },

    async clear(userId, clearedAtMs) {
      for (const key of held.keys()) if (key.startsWith(userId)) held.delete(key);
      const attempt = (): Promise<boolean> => store.clear(userId, clearedAtMs);
      try {
        return await attempt();
      } catch (error) {
        keep(CLEARING + userId, { update: null, clearedAtMs, attempt });
        throw error;
      }
    },

    close() {
      closed = true;
      cancelRetry?.();
    },
  };
}

export interface Republisher extends Pick<DeviceChooser, 'clear'> {
  /** Rejects when the update could not be published at once; it is then published later. */
  publish(userId: string, update: LocationUpdate): Promise<void>;
  close(): void;
}

interface HeldUpdate {
  /** Null for a location that is to be taken back. */
  readonly update: LocationUpdate | null;
  /** When it was taken back, milliseconds since the epoch; null for one that is to be published. */
  readonly clearedAtMs: number | null;
  readonly attempt: () => Promise<unknown>;
  /** Until then, on the monotonic clock, it is worth trying. */
  readonly untilMs: number;
}

/** Begins the keys of locations that are to be taken back. */
const CLEARING = 'clear ';
const RETRY_MS = 500;
/** Beyond this the update that was held longest is given up: its user's next one is published. */
const MAX_UPDATES = 100_000;
const UPDATES_AT_ONCE = 500;

interface RepublisherOptions {
  readonly store: Pick<DeviceChooser, 'publish' | 'clear'>;
  /** An update that was held longer is not published any more, milliseconds. */
  readonly locationTtlMs: number;
  readonly clock: Clock;
  /** Called when an update is given up because too many are held. */
  onGivenUp(): void;
}
