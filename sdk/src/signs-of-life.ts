/**
 * Tells the server that a device is still where it was, for as long as it gives no new fix. A device that was
 * asleep or frozen for minutes may have been carried away, and one whose user forbids it knows nothing:
 * neither gives a sign until it has a new fix.
 */
import type { NearbyFriendsError } from './errors.js';
import type { FixReporter } from './fix-reporter.js';
import type { GuardedSource } from './guarded-source.js';
import type { Fix } from './report-policy.js';
import type { Report } from './report-queue.js';
import type { ServerClock } from './server-clock.js';

export function createSignsOfLife(options: SignsOfLifeOptions): SignsOfLife {
  const { clock, source, reporter, signal } = options;
  /** When the server last heard that the device is still where it was. */
  let confirmedAtMs = -Infinity;
  let checkedAtMs = -Infinity;
  let checking = false;
  let forbidden = false;

  function onSourceError(error: Error): void {
    if ((error as { code?: unknown }).code === PERMISSION_DENIED) forbidden = true;
    options.onError(error);
  }

  /** Asks for a fix: a device that stays where it is may give none by itself. */
  async function ask(): Promise<void> {
    try {
      const longestMs = Math.min(LONGEST_ASK_MS, reporter.longestMs() / 4);
      const given = await answeredWithin(source.current(), longestMs);
      if (signal.aborted || given === null) return;
      options.onFix(given);
    } catch (error) {
      onSourceError(error as Error);
    }
  }

  /** Reports the newest known place: as a new report, or as the place where the device still is. */
  async function give(): Promise<void> {
    const { newest, reported } = reporter;
    if (reported === null || newest === null || options.isSending()) return;
    if (newest !== reported.fix || reported.refusedAtMs !== null) {
      reporter.reportNewest();
      return;
    }
    if (!newest.isFresh) return;
    try {
      await options.ready();
      // The device may have moved on or slept, or the sharing ended, while the connection was away.
      if (signal.aborted || reporter.reported !== reported || reporter.newest !== newest) return;
      if (newest.arrivedAtMs < clock.awakeSinceMs) return;
      await options.send({ ...reported.report, stillHere: true });
    } catch (error) {
      // What may succeed later is tried again in a moment.
      if ((error as Partial<NearbyFriendsError>).isTransient === true) return;
      options.onError(error as Error);
    }
    confirmedAtMs = clock.deviceNow();
  }

  return {
    onSourceError,

    onFix() {
      forbidden = false;
    },

    async check() {
      const nowMs = clock.deviceNow();
      const againAtMs = checkedAtMs + Math.min(CHECK_AGAIN_MS, reporter.longestMs() / 4);
      if (signal.aborted || checking || nowMs < againAtMs || !reporter.isDue(confirmedAtMs)) return;
      checking = true;
      checkedAtMs = nowMs;
      await ask();
      if (!signal.aborted && !forbidden && reporter.isDue(confirmedAtMs)) await give();
      checking = false;
    },
  };
}

export interface SignsOfLife {
  /** To be called often: asks for a fix and gives a sign when they are due. */
  check(): Promise<void>;
  /** To be called at every fix. */
  onFix(): void;
  /** To be called when the source fails. */
  onSourceError(error: Error): void;
}

interface SignsOfLifeOptions {
  readonly clock: ServerClock;
  readonly source: Pick<GuardedSource, 'current'>;
  readonly reporter: FixReporter;
  /** Aborts at the end of the sharing. */
  readonly signal: AbortSignal;
  onFix(fix: Fix): void;
  /** Whether reports wait, which are signs of life themselves. */
  isSending(): boolean;
  /** Resolves when the server answers. */
  ready(): Promise<unknown>;
  send(sign: Report): Promise<unknown>;
  onError(error: Error): void;
}

/** How long after one check the next one may follow that asks for a fix. */
const CHECK_AGAIN_MS = 5_000;
const LONGEST_ASK_MS = 10_000;
/** GeolocationPositionError.PERMISSION_DENIED. */
const PERMISSION_DENIED = 1;

/** Resolves to null when the fix does not come in time. */
function answeredWithin(fix: Promise<Fix | null>, ms: number): Promise<Fix | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, null);
    fix.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
