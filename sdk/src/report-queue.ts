/**
 * Sends positions to the server, each under an id of its own that makes it safe to send twice. After an outage
 * the newest go first, so that friends see the truth at once, and the others follow as history. A report is
 * kept until the server has answered, with a storage even through a restart of the app. Tabs that share a
 * storage share its reports and take turns in sending.
 */
import { clientError, type NearbyFriendsError } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import { inTurn } from './in-turn.js';
import { randomId } from './random-id.js';
import type { Fix } from './report-policy.js';
import type { ServerClock } from './server-clock.js';
import type { TextStorage } from './tokens.js';

export function createReportQueue(options: ReportQueueOptions) {
  const { clock, storageKey } = options;
  let storage = options.storage;
  let inMemory: KeptReport[] = [];
  let batchSize = MOST_IN_BATCH;
  let sending = false;
  let closed = false;
  const isClosed = (): boolean => closed;
  let wake: (() => void) | null = null;

  /**
   * Returns the reports that wait. They are read anew each time, as another tab may have added or sent some.
   */
  function waiting(): KeptReport[] {
    if (storage === undefined) return inMemory;
    try {
      const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? '[]');
      return Array.isArray(stored) ? (stored as KeptReport[]) : [];
    } catch {
      return inMemory;
    }
  }

  function keep(reports: KeptReport[]): void {
    inMemory = reports.slice(-MOST_REPORTS);
    try {
      if (inMemory.length === 0) storage?.removeItem(storageKey);
      else storage?.setItem(storageKey, JSON.stringify(inMemory));
    } catch {
      // The storage is full or forbidden, so from now on reports are kept in memory alone.
      storage = undefined;
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    const end = await sendAll();
    sending = false;
    // A report may have been added since sendAll() looked.
    if (end === 'empty' && waiting().length > 0) void drain();
  }

  async function sendAll(): Promise<Turn> {
    let retryMs = FIRST_RETRY_MS;
    for (;;) {
      const turn = await inTurn(storage === undefined ? undefined : storageKey, sendNewest);
      if (turn === 'empty' || turn === 'stop') return turn;
      if (turn === 'later') await pause(retryMs);
      retryMs = turn === 'later' ? Math.min(2 * retryMs, LONGEST_RETRY_MS) : FIRST_RETRY_MS;
    }
  }

  async function sendNewest(): Promise<Turn> {
    if (isClosed()) return 'stop';
    if (waiting().length === 0) return 'empty';
    // While the connection is away newer reports come, which then go first.
    const unready = await outcome(() => options.ready());
    if (isClosed()) return 'stop';
    const batch = inServerTime().slice(-batchSize);
    const error = unready ?? (await outcome(() => options.send(batch.map(withoutMark))));
    // A report that the client itself could not send is no worse for that, but the app is told.
    if (error?.code === 'CLIENT_ERROR') options.onClientError?.(error);
    if (error?.isTransient === true || error?.code === 'CLIENT_ERROR') return 'later';
    if (error?.code === 'SIGNED_OUT' || error?.code === 'UNAUTHENTICATED') {
      options.onSignedOut(error);
      return 'stop';
    }
    if (error !== null && batch.length > 1 && error.index === null) {
      // The server refuses the batch as such, as an older one does: each report is to be judged alone.
      batchSize = 1;
      return 'settled';
    }
    const settled = error === null ? batch : batch.slice(error.index ?? 0, (error.index ?? 0) + 1);
    const ids = new Set(settled.map(({ id }) => id));
    keep(waiting().filter(({ id }) => !ids.has(id)));
    for (const report of settled) options.onSettled(report, error);
    return 'settled';
  }

  /** Returns the reports that wait, those of the device's time put right once the server's time is known. */
  function inServerTime(): KeptReport[] {
    const { aheadMs } = clock;
    const reports = waiting();
    if (aheadMs === null || !reports.some(({ inDeviceTime }) => inDeviceTime)) return reports;
    const corrected = reports.map(({ inDeviceTime, ...report }) =>
      inDeviceTime === true ? { ...report, recordedAt: shifted(report.recordedAt, aheadMs) } : report,
    );
    keep(corrected);
    return corrected;
  }

  async function outcome(attempt: () => Promise<unknown>): Promise<NearbyFriendsError | null> {
    try {
      await attempt();
      return null;
    } catch (error) {
      return clientError(error);
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

  if (waiting().length > 0) void drain();

  return {
    /**
     * Appends a report and sends it as soon as its turn comes.
     * @param fix its time is `clock.deviceNow`'s.
     */
    add({ takenAtMs, ...place }: Fix): Report {
      const recordedAt = new Date(takenAtMs).toISOString();
      const report = { ...place, id: randomId(), recordedAt, inDeviceTime: true };
      keep([...waiting(), report]);
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
  readonly clock: Pick<ServerClock, 'aheadMs'>;
  /** Resolves when the server answers. */
  ready(): Promise<unknown>;
  /** Sends reports, oldest first: all are taken, or none. */
  send(reports: readonly Report[]): Promise<unknown>;
  /** Keeps reports beyond the end of the app. Default: memory only. */
  readonly storage?: TextStorage | undefined;
  /** Each user needs a key of their own, so that no report is sent as another user. */
  readonly storageKey: string;
  /**
   * Called when the server accepted a report, or refused it for good with an error. The report is forgotten.
   */
  onSettled(report: Report, error: NearbyFriendsError | null): void;
  /** Called when the user has to sign in. Reports wait until `resume`. */
  onSignedOut(error: NearbyFriendsError): void;
  /** Called at each attempt that failed with 'CLIENT_ERROR'. The report waits for the next attempt. */
  onClientError?(error: NearbyFriendsError): void;
}

interface KeptReport extends Report {
  /** `recordedAt` is the device's time still: the server's was not known when the report was made. */
  readonly inDeviceTime?: boolean;
}

/** How one turn of sending ended. */
type Turn = 'settled' | 'later' | 'empty' | 'stop';

/** Two thirds of a day at two reports a minute. Beyond that the oldest are dropped. */
const MOST_REPORTS = 2_000;
/** As many as the API takes at once. */
const MOST_IN_BATCH = 500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

function withoutMark({ inDeviceTime: _, ...report }: KeptReport): Report {
  return report;
}

function shifted(instant: string, byMs: number): string {
  return new Date(Date.parse(instant) + byMs).toISOString();
}
