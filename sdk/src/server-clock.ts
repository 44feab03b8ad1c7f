/**
 * The server's time, as the server told it, on a clock of the device that can't be set. A device's own time may
 * be wrong by minutes or change while the app runs.
 */

export function createServerClock(): ServerClock {
  const startedAtMs = Date.now();
  const originMs = performance.now();
  let aheadMs: number | null = null;
  let locationTtlMs: number | null = null;
  const deviceNow = (): number => startedAtMs + performance.now() - originMs;

  return {
    deviceNow,

    now: () => deviceNow() + (aheadMs ?? 0),

    get aheadMs() {
      return aheadMs;
    },

    get locationTtlMs() {
      return locationTtlMs;
    },

    learn(told, askedAtMs) {
      const { serverTime, locationTtlSeconds } = (told ?? {}) as Partial<Record<string, unknown>>;
      const serverMs = typeof serverTime === 'string' ? Date.parse(serverTime) : NaN;
      if (!Number.isNaN(serverMs)) {
        const differenceMs = serverMs - (askedAtMs + deviceNow()) / 2;
        aheadMs = Math.abs(differenceMs) < AGREE_WITHIN_MS ? 0 : differenceMs;
      }
      if (typeof locationTtlSeconds === 'number') locationTtlMs = locationTtlSeconds * 1_000;
    },
  };
}

export interface ServerClock {
  /** The device's time when the app started, and what has passed since; milliseconds since the epoch. */
  deviceNow(): number;
  /** The server's time, or the device's until the server has told its own; milliseconds since the epoch. */
  now(): number;
  /** How far the server is ahead of `deviceNow`, milliseconds; null until it has told its time. */
  readonly aheadMs: number | null;
  /** After so many milliseconds without a report the user leaves the lists; null until the server has said. */
  readonly locationTtlMs: number | null;
  /**
   * Takes what the server says in connection_ack.
   * @param askedAtMs when the question was sent, by `deviceNow`.
   */
  learn(told: unknown, askedAtMs: number): void;
}

/** A difference this small lies within the way of the answer: the device's own time is right. */
const AGREE_WITHIN_MS = 2_000;
