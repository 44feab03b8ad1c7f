/**
 * The clock of one server of a deployment. It shows the server's own time while that agrees with a reference
 * that all servers share, and the reference's time otherwise. So a server whose clock is wrong, or is set while
 * it runs, neither refuses what devices with the right time report nor disagrees with the other servers.
 */
import { type Clock, systemClock } from './clock.js';
import { every } from './every.js';

/** Resolves once the reference was asked; a reference that does not answer is asked again. */
export async function startServerClock(options: ServerClockOptions): Promise<ServerClock> {
  const { readReference, onCorrected } = options;
  const own = options.own ?? systemClock;
  /** What the reference told, and when on the monotonic clock, which carries it on; null until it answered. */
  let reference: { readonly epochMs: number; readonly atMs: number } | null = null;
  let askedAtMs = -Infinity;
  let isCorrecting = false;

  async function ask(): Promise<void> {
    askedAtMs = own.monotonic();
    const fromMs = askedAtMs;
    try {
      const epochMs = await readReference();
      const untilMs = own.monotonic();
      // The instant lies somewhere between question and answer, so a slow answer says too little.
      if (untilMs - fromMs < TOLERANCE_MS / 2) reference = { epochMs, atMs: (fromMs + untilMs) / 2 };
    } catch {
      // The last answer still holds.
    }
  }

  function now(): number {
    const ownMs = own.now();
    if (reference === null) return ownMs;
    const referenceMs = reference.epochMs + (own.monotonic() - reference.atMs);
    const isWrong = Math.abs(ownMs - referenceMs) > TOLERANCE_MS;
    // It may be the reference that was set since it was asked.
    if (isWrong && own.monotonic() - askedAtMs > ASK_AGAIN_MS) void ask();
    if (isWrong && !isCorrecting) onCorrected(Math.round((ownMs - referenceMs) / 1_000));
    isCorrecting = isWrong;
    return isWrong ? Math.floor(referenceMs) : ownMs;
  }

  await ask();
  const stop = every(own, ASK_INTERVAL_MS, ask);
  return { ...own, now, close: () => void stop() };
}

export interface ServerClock extends Clock {
  close(): void;
}

interface ServerClockOptions {
  /** Asks the reference for the time, milliseconds since the epoch. */
  readReference(): Promise<number>;
  /** Called when the server's own clock turns out to be wrong, with the seconds that it is ahead. */
  onCorrected(secondsAhead: number): void;
  /** The server's own clock. Default: the system's. */
  readonly own?: Clock;
}

/** Servers that keep their time by NTP differ by far less. */
const TOLERANCE_MS = 2_000;
/** Monotonic clocks run true enough for a minute. */
const ASK_INTERVAL_MS = 60_000;
/** How often a reference is asked that disagrees. */
const ASK_AGAIN_MS = 5_000;
