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
  /** What the reference told, which the monotonic clock carries on; null while nothing is known. */
  let reference: Reference | null = null;
  let asking: Promise<void> | null = null;
  let askedAtMs = -Infinity;
  let unanswered = 0;
  let isCorrecting = false;

  function ask(): Promise<void> {
    return (asking ??= askOnce().finally(() => (asking = null)));
  }

  async function askOnce(): Promise<void> {
    const fromMs = (askedAtMs = own.monotonic());
    const epochMs = await readReference().catch(() => null);
    const untilMs = own.monotonic();
    const tookMs = untilMs - fromMs;
    // The instant lies somewhere between question and answer, so a slow answer says little.
    if (epochMs !== null && (tookMs < TOLERANCE_MS / 2 || reference === null)) {
      reference = { epochMs, atMs: untilMs - tookMs / 2, ownMs: own.now() - tookMs / 2 };
      unanswered = 0;
    } else if (++unanswered >= UNANSWERED_AT_MOST && reference !== null && hasSlept(reference)) {
      reference = null;
    }
  }

  /**
   * Whether the machine may have been suspended since: its monotonic clock stood still meanwhile, and its own one
   * was put forward. Only the reference can tell that from an own clock that was set wrong.
   */
  function hasSlept({ ownMs, atMs }: Reference): boolean {
    return own.now() - ownMs - (own.monotonic() - atMs) > TOLERANCE_MS;
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

interface Reference {
  readonly epochMs: number;
  /** When it was told, on the monotonic clock. */
  readonly atMs: number;
  /** What the own clock showed then. */
  readonly ownMs: number;
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
/** After so many questions without an answer a server that may have slept goes by its own clock. */
const UNANSWERED_AT_MOST = 3;
