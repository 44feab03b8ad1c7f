/**
 * Reports the device's position as often as the policy says. Reports wait while there is no connection and
 * are sent later, with the times at which the positions were taken. A device that stays where it is and gives
 * no new position still tells that it is there, so that friends do not lose its user.
 */
import { isPromise } from './awaitable.js';
import { createFixDating, datedFix } from './dated-fix.js';
import type { DeviceNames } from './device-name.js';
import type { NearbyFriendsError } from './errors.js';
import { createFixReporter } from './fix-reporter.js';
import type { UpdateLocationInput } from './generated/operations.js';
import { guardSource } from './guarded-source.js';
import type { Lifecycle } from './lifecycle.js';
import { guarded } from './live.js';
import { browserLocation, type LocationSource } from './location-source.js';
import { DEFAULT_POLICY, type Fix, type ReportPolicy } from './report-policy.js';
import { createReportQueue } from './report-queue.js';
import { createRetryAfter } from './retry-after.js';
import type { ServerClock } from './server-clock.js';
import { createSignsOfLife } from './signs-of-life.js';
import type { AsyncTextStorage, TextStorage } from './tokens.js';

export function shareLocation(
  { server, clock, lifecycle, newId, deviceNames, storageKey }: SharingParts,
  options: ShareLocationOptions,
): LocationSharing {
  const device = options.device ?? deviceNames(options.storage);
  const ending = new AbortController();
  const { signal } = ending;
  const onError = guarded((error: Error) => options.onError?.(error));
  const source = guardSource(options.source ?? browserLocation(), onError);
  const onReported = guarded((fix: Fix) => options.onReported?.(fix));
  const dateFix = createFixDating(clock);
  const retryAfter = createRetryAfter(signal);

  async function ready(): Promise<void> {
    await retryAfter.passed();
    if (!signal.aborted) await server.ready();
  }

  async function send(reports: readonly UpdateLocationInput[]): Promise<void> {
    const name = isPromise(device) ? await device : device;
    const named = name === undefined ? reports : reports.map((report) => ({ ...report, device: name }));
    try {
      await server.send(named, signal);
    } catch (error) {
      retryAfter.heed(error);
      throw error;
    }
  }

  const queue = createReportQueue({
    clock,
    newId,
    ready,
    send,
    storage: options.storage,
    storageKey,
    onSettled(report, error) {
      reporter.settled(report, error !== null);
      const { recordedAt, latitude, longitude, accuracyMeters = null } = report;
      const { speedMetersPerSecond, headingDegrees } = report;
      const motion = { speedMetersPerSecond, headingDegrees };
      if (error !== null) onError(error);
      else onReported({ latitude, longitude, accuracyMeters, ...motion, takenAtMs: Date.parse(recordedAt) });
    },
    onSignedOut: onError,
    onClientError: onError,
  });
  const reporter = createFixReporter({
    clock,
    policy: { ...DEFAULT_POLICY, ...options.policy },
    isHidden: () => lifecycle.hidden,
    send: queue.add,
  });
  const signs = createSignsOfLife({
    clock,
    source,
    reporter,
    signal,
    onFix: takeFix,
    isSending: () => queue.size > 0,
    ready,
    send: (sign) => send([sign]),
    onError,
  });

  function takeFix(fix: Fix): void {
    if (signal.aborted) return;
    signs.onFix();
    reporter.consider(dateFix(fix));
  }

  const stopWatching = source.watch(takeFix, signs.onSourceError);
  const timer = setInterval(() => void signs.check(), CHECK_EVERY_MS);
  const stopListening = lifecycle.onWake(() => {
    queue.resume();
    void signs.check();
  });

  return {
    get waiting() {
      return queue.size;
    },
    report(fix) {
      if (source.isGood(fix)) reporter.report(datedFix(fix, clock));
    },
    stop() {
      if (signal.aborted) return;
      ending.abort();
      stopWatching();
      clearInterval(timer);
      stopListening();
      queue.close();
    },
  };
}

/** Options of `shareLocation`. What a callback throws is reported as an uncaught error. */
export interface ShareLocationOptions {
  /** Default: the browser's geolocation. */
  readonly source?: LocationSource;
  /**
   * The name of this device, 1 to 64 characters: of several devices with names, friends see the one that
   * moved last. Default: a random name, which is kept in `storage`; none without a storage, as it would be
   * another device after every start of the app.
   */
  readonly device?: string;
  /** Default, also for each value that is left out: `DEFAULT_POLICY`. */
  readonly policy?: Partial<ReportPolicy>;
  /**
   * Keeps reports until they are sent, beyond the end of the app, such as `localStorage` or AsyncStorage. Default:
   * memory. A storage that is full or forbidden is no error: reports are then kept in memory.
   */
  readonly storage?: TextStorage | AsyncTextStorage;
  /** Called with each fix that the server accepted. */
  readonly onReported?: (fix: Fix) => void;
  /**
   * Called when there is no position or the source fails, with 'BAD_USER_INPUT' when a fix is no place (once, until
   * there is a good one), when the server refused a
   * report, which is then dropped, and when the user has to sign in (a NearbyFriendsError 'SIGNED_OUT' or
   * 'UNAUTHENTICATED'). Sharing goes on as far as it can.
   */
  readonly onError?: (error: Error | NearbyFriendsError) => void;
}

/** What the sharings of one client have in common, but for the key of the reports that wait. */
interface SharingParts {
  readonly server: ReportReceiver;
  readonly clock: ServerClock;
  readonly lifecycle: Lifecycle;
  newId(): string;
  readonly deviceNames: DeviceNames;
  readonly storageKey: string;
}

/** The server, as reports go to it. */
export interface ReportReceiver {
  /** Resolves when it answers. */
  ready(): Promise<unknown>;
  /** Sends reports once: all are taken, or none. They are taken back when `signal` aborts. */
  send(reports: readonly UpdateLocationInput[], signal: AbortSignal): Promise<unknown>;
}

/** A device's location that is being shared. */
export interface LocationSharing {
  /** The number of reports that the server has not answered yet. */
  readonly waiting: number;
  /** Reports a position at once, whatever the policy says, as when the user placed a marker. */
  report(fix: Fix): void;
  /** Ends the sharing. Reports that wait stay in the storage, if there is one. */
  stop(): void;
}

const CHECK_EVERY_MS = 1_000;
