/**
 * Decides when a socket is given up and when the next one is tried: soon after the last one, and at once when
 * the network or the page has come back. A socket that stays silent is given up, whether it is open or being
 * opened.
 */
import { backoffMs } from './backoff.js';
import type { ServerClock } from './server-clock.js';

/** @param terminate gives up the socket that is open or being opened. */
export function createAttempts(clock: Pick<ServerClock, 'deviceNow'>, terminate: () => void): Attempts {
  let deadline: ReturnType<typeof setTimeout> | undefined;
  /** When the socket that is being opened was asked for; null when none is. */
  let askedAtMs: number | null = null;
  let isHurried = false;
  let endWait = (): void => undefined;

  function expectWithin(ms: number): void {
    clearTimeout(deadline);
    deadline = setTimeout(abandon, ms);
  }

  function abandon(): void {
    isHurried = true;
    terminate();
  }

  return {
    opening() {
      isHurried = false;
      askedAtMs = clock.deviceNow();
      expectWithin(OPEN_WITHIN_MS);
    },
    expectWithin,
    heard() {
      clearTimeout(deadline);
      askedAtMs = null;
    },
    wait(attempt) {
      if (isHurried) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, backoffMs(attempt, LONGEST_RETRY_MS));
        endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    hurry() {
      endWait();
      // The packets of an older attempt may have been lost while the network was away.
      if (askedAtMs !== null && clock.deviceNow() - askedAtMs > YOUNG_MS) abandon();
    },
  };
}

export interface Attempts {
  /** A socket is asked for. */
  opening(): void;
  /** Gives the socket up, and tries the next one without a wait, unless `heard` is called in time. */
  expectWithin(ms: number): void;
  /** The socket has opened, closed or brought what was expected. */
  heard(): void;
  /**
   * Resolves when the next socket should be asked for.
   * @param attempt how many have failed since the last one that worked.
   */
  wait(attempt: number): Promise<void>;
  /** The network or the page has come back. */
  hurry(): void;
}

/**
 * A packet that asks for a connection and is lost is sent again after 1 s and after 3 s, and then too late.
 */
const OPEN_WITHIN_MS = 5_000;
const YOUNG_MS = 1_000;
/**
 * Short, so that friends see the true place within 2 s after an outage. It floods no server: one that drains
 * spreads its closes over DRAIN_SECONDS, and the clients of one that died come spread over half of this time.
 */
const LONGEST_RETRY_MS = 1_000;
