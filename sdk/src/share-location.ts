/**
 * Reports the device's position as often as the policy says. Reports wait while there is no connection and
 * are sent later, with the times at which the positions were taken. A device that stays where it is and gives
 * no new position still tells that it is there, so that friends do not lose its user.
 */
import { clientError, type NearbyFriendsError } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import { guarded } from './live.js';
import { randomId } from './random-id.js';
import { createReportQueue, type Report } from './report-queue.js';
import { DEFAULT_POLICY, type Fix, reportDueAtMs, type ReportPolicy } from './report-policy.js';
import type { ServerClock } from './server-clock.js';
import type { TextStorage } from './tokens.js';

export function shareLocation(
  server: ReportReceiver,
  clock: ServerClock,
  storageKey: string,
  options: ShareLocationOptions,
): LocationSharing {
  const policy = { ...DEFAULT_POLICY, ...options.policy };
  const source = options.source ?? browserLocation();
  const page = (globalThis as { document?: Page }).document;
  const device = options.device ?? keptDeviceName(options.storage);
  /** Times of fixes are `clock.deviceNow`'s from here on. */
  let newest: Fix | null = null;
  let reported: Reported | null = null;
  /** When the server last heard that the device is still where it was. */
  let confirmedAtMs = -Infinity;
  let checkedAtMs = -Infinity;
  let asking = false;
  let forbidden = false;
  let stopped = false;
  const isStopped = (): boolean => stopped;
  const tellError = guarded((error: Error) => options.onError?.(error));
  const onReported = guarded((fix: Fix) => options.onReported?.(fix));
  const sendNamed = (reports: readonly UpdateLocationInput[]): Promise<unknown> =>
    server.send(device === undefined ? reports : reports.map((report) => ({ ...report, device })));
  const queue = createReportQueue({
    clock,
    ready: () => server.ready(),
    send: sendNamed,
    storage: options.storage,
    storageKey,
    onSettled(report, error) {
      const { recordedAt, latitude, longitude, accuracyMeters = null } = report;
      if (report.id === reported?.report.id) {
        reported = { ...reported, report, refusedAtMs: error === null ? null : clock.deviceNow() };
      }
      if (error !== null) tellError(error);
      else onReported({ latitude, longitude, accuracyMeters, takenAtMs: Date.parse(recordedAt) });
    },
    onSignedOut: tellError,
    onClientError: tellError,
  });

  function onError(error: Error): void {
    if ((error as { code?: unknown }).code === PERMISSION_DENIED) forbidden = true;
    tellError(error);
  }

  /** The longest time between two signs of life: several go into the time after which friends lose the user. */
  const longestMs = (): number => (clock.locationTtlMs ?? Infinity) / SIGNS_WITHIN_TTL;

  /**
   * From when on a report of the fix is due. A report that was refused does not count as one.
   * @param heardAtMs when the server last heard of the device.
   */
  function dueAtMs({ fix, refusedAtMs }: Reported, next: Fix, heardAtMs: number): number {
    if (refusedAtMs !== null) return refusedAtMs + Math.min(policy.movingMs, longestMs());
    const waitMs = reportDueAtMs(fix, next, page?.hidden === true, policy) - fix.takenAtMs;
    return heardAtMs + Math.min(waitMs, longestMs());
  }

  function report(fix: Fix): void {
    newest = fix;
    const ageMs = clock.deviceNow() - fix.takenAtMs;
    const isFresh = ageMs <= (clock.locationTtlMs ?? DEFAULT_TTL_MS);
    reported = { fix, report: queue.add(fix), isFresh, refusedAtMs: null };
  }

  function consider(given: Fix): void {
    const fix = dated(given);
    forbidden = false;
    newest = fix;
    if (reported === null || fix.takenAtMs >= dueAtMs(reported, fix, reported.fix.takenAtMs)) report(fix);
  }

  /**
   * Puts the time of a fix that has just arrived on the clock that can't be set. A fix from the future or from
   * another decade was dated by a clock that is wrong, and was taken just now.
   */
  function dated(fix: Fix): Fix {
    const ageMs = Date.now() - fix.takenAtMs;
    const isRight = ageMs >= 0 && ageMs < OLDEST_FIX_MS;
    const nowMs = Math.round(clock.deviceNow());
    // The clock has not been set since the app started, so the fix's own time can stay to the millisecond.
    if (isRight && Math.abs(nowMs - Date.now()) < CLOCK_WAS_SET_MS) return fix;
    return { ...fix, takenAtMs: isRight ? nowMs - ageMs : nowMs };
  }

  /** Asks for a fix when a report is due: a device that stays where it is may give none by itself. */
  async function check(): Promise<void> {
    const nowMs = clock.deviceNow();
    if (asking || !isSignDue() || nowMs < checkedAtMs + Math.min(CHECK_AGAIN_MS, longestMs() / 4)) return;
    asking = true;
    checkedAtMs = nowMs;
    try {
      const fix = await answeredWithin(source.current(), Math.min(LONGEST_ASK_MS, longestMs() / 4));
      if (!stopped && fix !== null && newest !== null && dated(fix).takenAtMs > newest.takenAtMs)
        consider(fix);
    } catch (error) {
      onError(error as Error);
    }
    if (!stopped && !forbidden && isSignDue()) await giveSign();
    asking = false;
  }

  /** Whether the server should hear of the device again, with or without a new fix. */
  function isSignDue(): boolean {
    if (reported === null || newest === null) return false;
    const heardAtMs = Math.max(reported.fix.takenAtMs, confirmedAtMs);
    return clock.deviceNow() >= dueAtMs(reported, newest, heardAtMs);
  }

  /** Reports the newest known place: as a new report, or as the place where the device still is. */
  async function giveSign(): Promise<void> {
    if (reported === null || newest === null || queue.size > 0) return;
    if (newest !== reported.fix || reported.refusedAtMs !== null) {
      report(newest);
      return;
    }
    if (!reported.isFresh) return;
    const confirmed = reported;
    try {
      await server.ready();
      // The device may have moved on, or the sharing ended, while the connection was away.
      if (isStopped() || reported !== confirmed || newest !== confirmed.fix) return;
      await sendNamed([{ ...confirmed.report, stillHere: true }]);
    } catch (error) {
      // What may succeed later is tried again in a moment.
      if ((error as Partial<NearbyFriendsError>).isTransient === true) return;
      tellError(error as Error);
    }
    confirmedAtMs = clock.deviceNow();
  }

  const stopWatching = source.watch((fix) => {
    if (!stopped) consider(fix);
  }, onError);
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
    report: (fix) => {
      report(dated(fix));
    },
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
  const errorOf = ({ code, message }: GeolocationPositionError): Error =>
    Object.assign(new Error(message), { code });
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
  /**
   * Resolves to a fresh fix. It is called when a report is due and `watch` gave no fix. Where it fails, takes too
   * long or gives the fix that was known, the device counts as still there; only an error whose `code` is 1, as
   * browsers say that the user forbids it, means that the place is not known.
   */
  current(): Promise<Fix>;
}

/** Options of `shareLocation`. What a callback throws is reported as an uncaught error. */
export interface ShareLocationOptions {
  /** Default: the browser's geolocation. */
  readonly source?: LocationSource;
  /**
   * The name of this device, 1 to 64 characters: of several devices with names, friends see the one that moved
   * last. Default: a random name, which is kept in `storage`; none without a storage, as it would be another
   * device after every start of the app.
   */
  readonly device?: string;
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

/** The server, as reports go to it. */
export interface ReportReceiver {
  /** Resolves when it answers. */
  ready(): Promise<unknown>;
  /** Sends reports: all are taken, or none. */
  send(reports: readonly UpdateLocationInput[]): Promise<unknown>;
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

/** The newest fix that was reported, and what became of the report. */
interface Reported {
  readonly fix: Fix;
  readonly report: Report;
  /** Whether it says where the device is; the last place that was known of it, hours ago, does not. */
  readonly isFresh: boolean;
  /** When the server refused it; null otherwise. */
  readonly refusedAtMs: number | null;
}

const CHECK_EVERY_MS = 1_000;
/** How long after one check the next one may follow that asks for a fix. */
const CHECK_AGAIN_MS = 5_000;
/** The server's LOCATION_TTL_SECONDS by default. */
const DEFAULT_TTL_MS = 600_000;
const LONGEST_ASK_MS = 10_000;
const SIGNS_WITHIN_TTL = 2;
const CLOCK_WAS_SET_MS = 2_000;
/** GPS receivers whose count of weeks has rolled over are 1,024 weeks late. */
const OLDEST_FIX_MS = 365 * 86_400_000;
/** GeolocationPositionError.PERMISSION_DENIED. */
const PERMISSION_DENIED = 1;
const DEVICE_KEPT_AS = 'nearby-friends-device';

/** Returns the name that the storage keeps for the device, a new one at first; undefined where it keeps none. */
function keptDeviceName(storage: TextStorage | undefined): string | undefined {
  if (storage === undefined) return undefined;
  try {
    const kept = storage.getItem(DEVICE_KEPT_AS) ?? randomId();
    storage.setItem(DEVICE_KEPT_AS, kept);
    return kept;
  } catch {
    return undefined; // The storage is full or forbidden.
  }
}

/** Resolves to null when the fix does not come in time. */
function answeredWithin(fix: Promise<Fix>, ms: number): Promise<Fix | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, null);
    fix.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
