/**
 * Sends positions to the server, each under an id of its own that makes it safe to send twice. After an
 * outage the newest go first, so that friends see the truth at once, and the others follow as history. A
 * report is kept until the server has answered, with a storage even through a restart of the app. Tabs that
 * share a storage share its reports and take turns in sending.
 */
import { whenThere } from './awaitable.js';
import { backoffMs } from './backoff.js';
import type { DatedFix } from './dated-fix.js';
import { clientError, type NearbyFriendsError } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import { inTurn } from './in-turn.js';
import { keptValue } from './kept-value.js';
import type { Fix } from './report-policy.js';
import type { ServerClock } from './server-clock.js';
import type { AsyncTextStorage, TextStorage } from './tokens.js';

export function createReportQueue(options: ReportQueueOptions) {
  const { clock, storageKey } = options;
  let kept = options.storage && keptReports(options.storage, storageKey);
  let inMemory: readonly KeptReport[] = [];
  let mostInBatch = MOST_IN_BATCH;
  let isFirstBatch = true;
  let sending = false;
  let closed = false;
  /** What the app was told of an attempt that the client itself failed in. */
  let toldMessage: string | null = null;
  const isClosed = (): boolean => closed;
  let wake: (() => void) | null = null;

  /**
   * Returns the reports that wait, oldest first. They are read anew each time, as another tab may have added
   * or sent some.
   */
  function waiting(): readonly KeptReport[] {
    if (kept === undefined) return inMemory;
    try {
      return kept.load() ?? [];
    } catch {
      return inMemory;
    }
  }

  function keep(reports: KeptReport[]): void {
    inMemory = reports.sort(byTime).slice(-MOST_REPORTS);
    try {
      kept?.save(inMemory.length === 0 ? null : inMemory);
    } catch {
      // The storage is full or forbidden, so from now on reports are kept in memory alone.
      kept = undefined;
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = isFirstBatch = true;
    const end = await sendAll();
    sending = false;
    // A report may have been added since sendAll() looked.
    if (end === 'empty' && waiting().length > 0) void drain();
  }

  async function sendAll(): Promise<Turn> {
    for (let failures = 0; ;) {
      const turn = await takeTurn();
      if (turn === 'empty' || turn === 'stop') return turn;
      failures = turn === 'settled' ? 0 : failures + 1;
      isFirstBatch = failures > 0;
      if (turn !== 'settled') await pause(backoffMs(failures - 1, LONGEST_RETRY_MS[turn]));
    }
  }

  async function takeTurn(): Promise<Turn> {
    if (isClosed()) return 'stop';
    if (waiting().length === 0) return 'empty';
    // Before the turn: while the connection is away no tab keeps others waiting, and newer reports come,
    // which then go first.
    const unready = await outcome(() => options.ready());
    if (unready !== null) return endsSending(unready) ? 'stop' : retryOf(unready);
    return inTurn(kept === undefined ? undefined : storageKey, sendNewest);
  }

  /** Sends a batch without the reports of it that the server refuses. */
  async function sendNewest(): Promise<Turn> {
    let batch = inServerTime().slice(-(isFirstBatch ? Math.min(MOST_IN_FIRST, mostInBatch) : mostInBatch));
    // Another tab has sent them.
    if (batch.length === 0) return 'empty';
    while (batch.length > 0) {
      if (isClosed()) return 'stop';
      const sent = batch.map(withoutMark);
      const error = await outcome(() => options.send(sent));
      if (error === null) {
        settle(batch, null);
        break;
      }
      if (error.isTransient || error.code === 'CLIENT_ERROR') return retryOf(error);
      if (endsSending(error)) return 'stop';
      const refused = batch.filter((_, index) => batch.length === 1 || error.indexes.includes(index));
      if (refused.length === 0) {
        // The server refuses the batch as such, as an older one does: each report is to be judged alone.
        mostInBatch = 1;
        break;
      }
      settle(refused, error);
      batch = batch.filter((report) => !refused.includes(report));
    }
    return 'settled';
  }

  function settle(reports: readonly KeptReport[], error: NearbyFriendsError | null): void {
    const ids = new Set(reports.map(({ id }) => id));
    keep(waiting().filter(({ id }) => !ids.has(id)));
    if (error === null) toldMessage = null;
    for (const report of reports) options.onSettled(withoutMark(report), error);
  }

  function endsSending(error: NearbyFriendsError): boolean {
    const ends = error.code === 'SIGNED_OUT' || error.code === 'UNAUTHENTICATED';
    if (ends) options.onSignedOut(error);
    return ends;
  }

  /** Returns the reports that wait, those of the device's time put right once the server's time is known. */
  function inServerTime(): readonly KeptReport[] {
    const reports = waiting();
    if (!clock.isAgreed || !reports.some(({ inDeviceTime }) => inDeviceTime)) return reports;
    const aheadMs = clock.aheadMs ?? 0;
    const corrected = reports.map(({ inDeviceTime, ...report }) =>
      inDeviceTime === true
        ? { ...report, recordedAt: instant(Date.parse(report.recordedAt) + aheadMs) }
        : report,
    );
    keep(corrected);
    return corrected;
  }

  async function outcome(attempt: () => Promise<unknown>): Promise<NearbyFriendsError | null> {
    try {
      await attempt();
      return null;
    } catch (error) {
      const failure = clientError(error);
      // A report that the client itself could not send is no worse for that, but the app is told.
      if (failure.code === 'CLIENT_ERROR' && failure.message !== toldMessage) {
        toldMessage = failure.message;
        options.onClientError?.(failure);
      }
      return failure;
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function start(): void {
    if (waiting().length > 0) void drain();
  }

  start();
  void kept?.loading?.then(start);

  return {
    /** Appends a report and sends it as soon as its turn comes. */
    add({ latitude, longitude, accuracyMeters, takenAtMs, serverTimeMs, ...fix }: ReportedFix): Report {
      const recordedAt = instant(serverTimeMs ?? takenAtMs);
      const report = {
        latitude,
        longitude,
        accuracyMeters,
        ...motionOf(fix),
        id: options.newId(),
        recordedAt,
      };
      keep([...waiting(), serverTimeMs === null ? { ...report, inDeviceTime: true } : report]);
      void drain();
      return report;
    },

    /** Tries again at once, as when the network or the user came back. */
    resume(): void {
      wake?.();
      void drain();
    },

    /** The number of reports that the server has not answered yet. */
    get size() {
      return waiting().length;
    },

    /** Ends the sending. Reports that wait stay in the storage. */
    close(): void {
      closed = true;
      wake?.();
    },
  };
}

export type Report = UpdateLocationInput & { readonly id: string; readonly recordedAt: string };

interface ReportQueueOptions {
  readonly clock: Pick<ServerClock, 'aheadMs' | 'isAgreed'>;
  /** Makes the ids of reports. */
  newId(): string;
  /** Resolves when the server answers. */
  ready(): Promise<unknown>;
  /** Sends reports, oldest first: all are taken, or none. */
  send(reports: readonly Report[]): Promise<unknown>;
  /** Keeps reports beyond the end of the app. Default: memory only. */
  readonly storage?: TextStorage | AsyncTextStorage | undefined;
  /** Each user needs a key of their own, so that no report is sent as another user. */
  readonly storageKey: string;
  /**
   * Called when the server accepted a report, or refused it for good with an error. The report is forgotten.
   */
  onSettled(report: Report, error: NearbyFriendsError | null): void;
  /** Called when the user has to sign in. Reports wait until `resume`. */
  onSignedOut(error: NearbyFriendsError): void;
  /**
   * Called when an attempt failed with 'CLIENT_ERROR', once for the same cause in a row. The report waits for
   * the next attempt.
   */
  onClientError?(error: NearbyFriendsError): void;
}

type ReportedFix = Fix & Pick<DatedFix, 'serverTimeMs'>;

interface KeptReport extends Report {
  /** `recordedAt` is the device's time still: the server's was not known when the report was made. */
  readonly inDeviceTime?: boolean;
}

/** How one turn of sending ended. */
type Turn = Retry | 'settled' | 'empty' | 'stop';

/** Why a turn is repeated: the server can't take reports now, or the connection was lost. */
type Retry = 'later' | 'lost';

/** Two thirds of a day at two reports a minute. Beyond that the oldest are dropped. */
const MOST_REPORTS = 2_000;
/** As many as the API takes at once. */
const MOST_IN_BATCH = 500;
/** Few, so that friends soon see the true place. */
const MOST_IN_FIRST = 50;
/**
 * A server that can't take reports is asked as often as a device that moves reports, which is no more load
 * than usual. A connection that was lost is waited for anyway, and then friends should see the true place
 * soon.
 */
const LONGEST_RETRY_MS: Readonly<Record<Retry, number>> = { later: 10_000, lost: 1_000 };

const retryOf = ({ code }: NearbyFriendsError): Retry => (code === 'UNREACHABLE' ? 'lost' : 'later');

/** What is known of the motion. A server of the release before takes a report only without it. */
function motionOf({ speedMetersPerSecond: speed, headingDegrees: heading }: Partial<Fix>): Partial<Report> {
  return {
    ...(speed != null && speed >= 0 && { speedMetersPerSecond: speed }),
    ...(heading != null && heading >= 0 && { headingDegrees: heading }),
  };
}

function withoutMark({ inDeviceTime: _, ...report }: KeptReport): Report {
  return report;
}

const byTime = (a: Report, b: Report): number =>
  Number(a.recordedAt > b.recordedAt) - Number(a.recordedAt < b.recordedAt);

const instant = (ms: number): string => new Date(ms).toISOString();

/** The reports in a storage. What is reported before an asynchronous one is read comes on top of what it holds. */
function keptReports(storage: TextStorage | AsyncTextStorage, key: string) {
  return keptValue<readonly KeptReport[]>(
    {
      load: () => whenThere(storage.getItem(key), reportsIn),
      save: (reports) =>
        reports === null ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(reports)),
    },
    (stored, added) => [...stored, ...added],
  );
}

function reportsIn(text: string | null): KeptReport[] {
  const stored: unknown = JSON.parse(text ?? '[]');
  return Array.isArray(stored) ? stored.filter(isReport) : [];
}

/** A storage may hold what another program has put there. */
function isReport(stored: unknown): stored is KeptReport {
  const { id, recordedAt } = (stored ?? {}) as Partial<KeptReport>;
  return typeof id === 'string' && !Number.isNaN(Date.parse(recordedAt ?? ''));
}
