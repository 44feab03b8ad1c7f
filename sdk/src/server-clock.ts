/**
 * The server's time, as the server told it. The device's own time may be wrong by minutes and may be set
 * while the app runs, so intervals go by `performance.now()`. On many devices that stands still during sleep.
 * A jump of the device's time is therefore counted in as sleep, and the server has to tell its time again.
 */

export function createServerClock(): ServerClock {
  let originMs = Date.now() - performance.now();
  /** How far the device's time was ahead of `performance.now()` when it was last looked at. */
  let wallOriginMs = originMs;
  let lookedAtMs = performance.now();
  /** The same of the server's time when it was last told. */
  let serverOriginMs: number | null = null;
  let jumpedAtMs = -Infinity;
  let awakeSinceMs = -Infinity;
  let aheadMs: number | null = null;
  let locationTtlMs: number | null = null;
  let agreed = false;

  function deviceNow(): number {
    const steadyMs = performance.now();
    const jumpMs = Date.now() - steadyMs - wallOriginMs;
    if (Math.abs(jumpMs) > AGREE_WITHIN_MS) {
      wallOriginMs += jumpMs;
      // What was set back is no sleep, and this clock never goes back.
      originMs += Math.max(0, jumpMs);
      jumpedAtMs = steadyMs + originMs;
      agreed = false;
    }
    if (steadyMs - lookedAtMs > LONGEST_PAUSE_MS) awakeSinceMs = steadyMs + originMs;
    lookedAtMs = steadyMs;
    return steadyMs + originMs;
  }

  /** @param answerMs how long the answer took that has just brought the server's time. */
  function agree(serverMs: number, answerMs: number): void {
    const nowMs = deviceNow();
    const differenceMs = serverMs - (nowMs - answerMs / 2);
    // The server may have told its time at any moment of the answer: what fits is not replaced by a guess.
    const errorMs = answerMs / 2;
    const known = aheadMs ?? 0;
    if (Math.abs(differenceMs) < AGREE_WITHIN_MS + errorMs) aheadMs = 0;
    else if (known === 0 || Math.abs(differenceMs - known) > errorMs) aheadMs = differenceMs;
    const nextOriginMs = serverMs + answerMs / 2 - performance.now();
    // If the server's time has not jumped with the device's, the device's time was set and nobody slept.
    if (nextOriginMs - (serverOriginMs ?? nextOriginMs) > LONGEST_PAUSE_MS) awakeSinceMs = jumpedAtMs;
    serverOriginMs = nextOriginMs;
  }

  return {
    deviceNow,

    now: () => deviceNow() + (aheadMs ?? 0),

    get aheadMs() {
      return aheadMs;
    },

    get isAgreed() {
      deviceNow();
      return agreed;
    },

    get awakeSinceMs() {
      deviceNow();
      return awakeSinceMs;
    },

    get locationTtlMs() {
      return locationTtlMs;
    },

    learn(told, askedAtMs) {
      const { serverTime, locationTtlSeconds } = (told ?? {}) as Partial<Record<string, unknown>>;
      if (typeof locationTtlSeconds === 'number') locationTtlMs = locationTtlSeconds * 1_000;
      const answerMs = deviceNow() - askedAtMs;
      // It tells little, as when the device slept before the answer came.
      if (answerMs > LONGEST_ANSWER_MS) return;
      const serverMs = typeof serverTime === 'string' ? Date.parse(serverTime) : NaN;
      if (!Number.isNaN(serverMs)) agree(serverMs, answerMs);
      agreed = true;
    },
  };
}

export interface ServerClock {
  /**
   * The device's time when the app started, and what has passed since; milliseconds since the epoch. It never
   * goes back.
   */
  deviceNow(): number;
  /** The server's time, or the device's until the server has told its own; milliseconds since the epoch. */
  now(): number;
  /** How far the server was ahead of `deviceNow` when it told its time, milliseconds; null until then. */
  readonly aheadMs: number | null;
  /**
   * Whether `aheadMs` holds. It may not before the server's first answer, nor after the device's time has
   * jumped.
   */
  readonly isAgreed: boolean;
  /** The end of the last time that the app did not run for more than two minutes, by `deviceNow`. */
  readonly awakeSinceMs: number;
  /**
   * After so many milliseconds without a report the user leaves the lists; null until the server has said.
   */
  readonly locationTtlMs: number | null;
  /**
   * Takes what the server says in connection_ack. A server that says nothing leaves the device's time as it
   * is.
   * @param askedAtMs when the question was sent, by `deviceNow`.
   */
  learn(told: unknown, askedAtMs: number): void;
}

/** A difference this small lies within the way of the answer, or is drift: the device's own time is right. */
const AGREE_WITHIN_MS = 2_000;
const LONGEST_ANSWER_MS = 10_000;
/** Browsers run the timers of a hidden page once a minute. */
const LONGEST_PAUSE_MS = 120_000;
