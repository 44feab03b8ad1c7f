/**
 * Reports the device's position for an app: as often as the policy says, in order, kept while there is no connection
 * and sent late with the times at which they were taken.
 */
import type { NearbyFriendsError } from './errors.js';
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
  });

  function report(fix: Fix): void {
    newest = reported = fix;
    queue.add(fix);
  }

  function consider(fix: Fix): void {
    newest = fix;
    if (fix.takenAtMs >= reportDueAtMs(reported, fix, page?.hidden === true, policy)) report(fix);
  }

  /** A device that stays where it is may take no fix by itself. */
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

/** The W3C Geolocation API. */
export function browserLocation(): LocationSource {
  const { geolocation } = navigator;
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

/** Where positions come from. */
export interface LocationSource {
  /** Calls with every new fix, and with what goes wrong. The returned function ends it. */
  watch(onFix: (fix: Fix) => void, onError: (error: Error) => void): () => void;
  /** A fresh fix, for when nothing was heard for long. */
  current(): Promise<Fix>;
}

export interface ShareLocationOptions {
  /** The browser's geolocation when left out. */
  readonly source?: LocationSource;
  readonly policy?: Partial<ReportPolicy>;
  /** Where reports outlive the app until they are sent, such as `localStorage`; in memory when left out. */
  readonly storage?: TextStorage;
  /** A report has arrived. */
  readonly onReported?: (fix: Fix) => void;
  /** There is no position, a report was refused, or somebody has to sign in. Sharing goes on where it can. */
  readonly onError?: (error: Error | NearbyFriendsError) => void;
}

export interface LocationSharing {
  /** Reports that wait for the connection. */
  readonly waiting: number;
  /** Reports a position now, whatever the policy says, as when the user put a marker somewhere. */
  report(fix: Fix): void;
  stop(): void;
}

/** What of a page matters here. */
interface Page {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

const CHECK_EVERY_MS = 5_000;
