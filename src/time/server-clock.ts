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
  /** An instant, milliseconds since the epoch, and when that was on the monotonic clock. */
  let anchor: Reading = { epochMs: own.now(), atMs: own.monotonic() };
  let reference: Reading | null = null;
  let isCorrecting = false;

  const read = ({ epochMs, atMs }: Reading): number => epochMs + (own.monotonic() - atMs);

  /** Takes over the server's own time, or the reference's where they differ. */
  function adjust(): void {
    const ownMs = own.now();
    const referenceMs = reference === null ? ownMs : read(reference);
    const isWrong = Math.abs(ownMs - referenceMs) > TOLERANCE_MS;
    if (isWrong && !isCorrecting) onCorrected(Math.round((ownMs - referenceMs) / 1_000));
    isCorrecting = isWrong;
    anchor = { epochMs: isWrong ? referenceMs : ownMs, atMs: own.monotonic() };
  }

  async function askReference(): Promise<void> {
    const askedAtMs = own.monotonic();
    try {
      const epochMs = await readReference();
      const answeredAtMs = own.monotonic();
      // The instant lies somewhere between question and answer, so a slow answer says too little.
      if (answeredAtMs - askedAtMs > TOLERANCE_MS / 2) return;
      reference = { epochMs, atMs: (askedAtMs + answeredAtMs) / 2 };
    } catch {
      // The last reading still holds: the monotonic clock carries it on.
    }
  }

  await askReference();
  adjust();
  const stopAsking = every(own, ASK_INTERVAL_MS, askReference);
  const stopAdjusting = every(own, ADJUST_INTERVAL_MS, adjust);

  return {
    ...own,
    now: () => Math.floor(read(anchor)),
    close() {
      void stopAsking();
      void stopAdjusting();
    },
  };
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

interface Reading {
  readonly epochMs: number;
  readonly atMs: number;
}

/** Servers that keep their time by NTP differ by far less. */
const TOLERANCE_MS = 2_000;
const ASK_INTERVAL_MS = 5_000;
const ADJUST_INTERVAL_MS = 1_000;
