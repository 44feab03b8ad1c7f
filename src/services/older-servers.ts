/**
 * Notices that servers of the release before are at work, as during a rolling update: their locations have no
 * whereabouts. They announce nobody, so meanwhile lists watch their absent friends, too.
 */
import type { Clock } from '../time/clock.js';

/** @param locationTtlMs for how long a location that such a server wrote may be kept, milliseconds. */
export function createOlderServers(locationTtlMs: number, clock: Clock): OlderServers {
  let untilMs = -Infinity;
  let reportAppeared = (): void => undefined;
  const areAtWork = (): boolean => clock.monotonic() < untilMs;

  return {
    areAtWork,
    seen() {
      const isFirst = !areAtWork();
      untilMs = clock.monotonic() + locationTtlMs;
      if (isFirst) reportAppeared();
    },
    onAppeared(listener) {
      reportAppeared = listener;
    },
  };
}

export interface OlderServers {
  /** Whether such a server wrote a location within the TTL. */
  areAtWork(): boolean;
  /** A location was read that such a server wrote. */
  seen(): void;
  /** Sets the one listener that is called when such a server is noticed after none was. */
  onAppeared(listener: () => void): void;
}
