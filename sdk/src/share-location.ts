/**
 * Reports the device's position as often as the policy says. Reports wait while there is no connection and
 * are sent later in order, with the times at which the positions were taken.
 */
import { clientError, type NearbyFriendsError } from './errors.js';
import { guarded } from './live.js';
import { createReportQueue, type Report } from './report-queue.js';
import { DEFAULT_POLICY, type Fix, reportDueAtMs, type ReportPolicy } from './report-policy.js';
import type { TextStorage } from './tokens.js';

export function shareLocation(
  send: (report: Report) => Promise<unknown>,
  storageKey: string,
  options: ShareLocationOptions,
): LocationSharing {
  const policy = { ...DEFAULT_POLICY, ...options.policy };
  const source = options.source ?? browserLocation();
  const page = (globalThis as { document?: Page }).document;
  let newest: Fix | null = null;
  let reported: Fix | null = null;
  let asking = false;
  let stopped = false;
  const onError = guarded((error: Error) => options.onError?.(error));
  const onReported = guarded((fix: Fix) => options.onReported?.(fix));
  const queue = createReportQueue({
    send,
    storage: options.storage,
    storageKey,
    onSettled({ recordedAt, latitude, longitude, accuracyMeters = null }, error) {
      if (error !== null) onError(error);
      else onReported({ latitude, longitude, accuracyMeters, takenAtMs: Date.parse(recordedAt) });
    },
    onSignedOut: onError,
    onClientError: onError,
  });

  function report(fix: Fix): void {
    newest = reported = fix;
    queue.add(fix);
  }

  function consider(fix: Fix): void {
    newest = fix;
    if (fix.takenAtMs >= reportDueAtMs(reported, fix, page?.hidden === true, policy)) report(fix);
  }

  /** Asks for a fix when a report is due: a device that stays where it is may give none by itself. */
  async function check(): Promise<void> {
    if (newest === null || asking) return;
    if (Date.now() < reportDueAtMs(reported, newest, page?.hidden === true, policy)) return;
    asking = true;
    try {
      const fix = await source.current();
      if (!stopped) consider(fix);
    } catch (error) {
      onError(error as Error);
    } finally {
      asking = false;
    }
  }

  const stopWatching = source.watch(consider, onError);
  const timer = setInterval(() => void check(), CHECK_EVERY_MS);
  const onShown = (): void => {
    if (page?.hidden === true) return;
    queue.resume();
    void check();
  };
  page?.addEventListener('visibilitychange', onShown);

  return {
    get waiting() {
      return queue.size;
    },
    report,
    stop() {
      if (stopped) return;
      stopped = true;
      stopWatching();
      clearInterval(timer);
      page?.removeEventListener('visibilitychange', onShown);
      queue.close();
    },
  };
}

/**
 * The browser's Geolocation API, with high accuracy, positions of at most 5 s of age and a timeout of 30 s. A
 * refusal or a timeout comes as an Error with the browser's message.
 * @throws NearbyFriendsError 'CLIENT_ERROR' where the platform has no geolocation.
 */
export function browserLocation(): LocationSource {
  const geolocation = (globalThis as { navigator?: Partial<Navigator> }).navigator?.geolocation;
  if (geolocation === undefined) {
    throw clientError('This platform has no geolocation. Pass a `source` of positions.');
  }
  const options = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 };
  const fixOf = ({ coords, timestamp }: GeolocationPosition): Fix => ({
    latitude: coords.latitude,
    longitude: coords.longitude,
    accuracyMeters: coords.accuracy,
    takenAtMs: timestamp,
  });
  const errorOf = ({ message }: GeolocationPositionError): Error => new Error(message);
  return {
    watch(onFix, onError) {
      const id = geolocation.watchPosition(
        (position) => {
          onFix(fixOf(position));
        },
        (error) => {
          onError(errorOf(error));
        },
        options,
      );
      return () => {
        geolocation.clearWatch(id);
      };
    },
    current: () =>
      new Promise((resolve, reject) => {
        geolocation.getCurrentPosition(
          (position) => {
            resolve(fixOf(position));
          },
          (error) => {
            reject(errorOf(error));
          },
          options,
        );
      }),
  };
}

/** A source of positions. An app without a browser brings its own. */
export interface LocationSource {
  /**
   * Calls `onFix` with every new fix and `onError` with every error. The returned function ends the watch.
   */
  watch(onFix: (fix: Fix) => void, onError: (error: Error) => void): () => void;
  /** Resolves to a fresh fix. It is called when a report is due and `watch` gave no fix. */
  current(): Promise<Fix>;
}

/** Options of `shareLocation`. What a callback throws is reported as an uncaught error. */
export interface ShareLocationOptions {
  /** Default: the browser's geolocation. */
  readonly source?: LocationSource;
  /** Default, also for each value that is left out: `DEFAULT_POLICY`. */
  readonly policy?: Partial<ReportPolicy>;
  /**
   * Keeps reports until they are sent, beyond the end of the app, such as `localStorage`. Default: memory. A
   * storage that is full or forbidden is no error: reports are then kept in memory.
   */
  readonly storage?: TextStorage;
  /** Called with each fix that the server accepted. */
  readonly onReported?: (fix: Fix) => void;
  /**
   * Called when there is no position, when the server refused a report, which is then dropped, and when the
   * user has to sign in (a NearbyFriendsError 'SIGNED_OUT' or 'UNAUTHENTICATED'). Sharing goes on as far as
   * it can.
   */
  readonly onError?: (error: Error | NearbyFriendsError) => void;
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

/** The part of a browser's document that matters here. */
interface Page {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

const CHECK_EVERY_MS = 5_000;
