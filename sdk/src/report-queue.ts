/**
 * Sends positions to the server in order, each under an id of its own that makes it safe to send twice. A
 * report is kept until the server has answered, with a storage even through a restart of the app. Tabs that
 * share a storage share its reports and take turns in sending.
 */
import { clientError, type NearbyFriendsError } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import { randomId } from './random-id.js';
import type { Fix } from './report-policy.js';
import type { TextStorage } from './tokens.js';

export function createReportQueue(options: ReportQueueOptions) {
  const { storageKey } = options;
  let storage = options.storage;
  let inMemory: Report[] = [];
  let sending = false;
  let closed = false;
  let wake: (() => void) | null = null;

  /**
   * Returns the reports that wait. They are read anew each time, as another tab may have added or sent some.
   */
  function waiting(): Report[] {
    if (storage === undefined) return inMemory;
    try {
      const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? '[]');
      return Array.isArray(stored) ? (stored as Report[]) : [];
    } catch {
      return inMemory;
    }
  }

  function keep(reports: Report[]): void {
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
      const turn = await inTurn(sendFirst);
      if (turn === 'empty' || turn === 'stop') return turn;
      if (turn === 'later') await pause(retryMs);
      retryMs = turn === 'later' ? Math.min(2 * retryMs, LONGEST_RETRY_MS) : FIRST_RETRY_MS;
    }
  }

  async function sendFirst(): Promise<Turn> {
    if (closed) return 'stop';
    const [report] = waiting();
    if (report === undefined) return 'empty';
    const error = await outcome(report);
    // A report that the client itself could not send is no worse for that, but the app is told.
    if (error?.code === 'CLIENT_ERROR') options.onClientError?.(error);
    if (error?.isTransient === true || error?.code === 'CLIENT_ERROR') return 'later';
    if (error?.code === 'SIGNED_OUT' || error?.code === 'UNAUTHENTICATED') {
      options.onSignedOut(error);
      return 'stop';
    }
    keep(waiting().filter(({ id }) => id !== report.id));
    options.onSettled(report, error);
    return 'settled';
  }

  /** Lets one tab send at a time, where tabs share a storage and the browser has Web Locks. */
  async function inTurn(send: () => Promise<Turn>): Promise<Turn> {
    const locks = (globalThis as { navigator?: Partial<Navigator> }).navigator?.locks;
    if (storage === undefined || locks === undefined) return send();
    // Browsers that block site data have locks and refuse them.
    return locks.request(storageKey, send).catch(send);
  }

  async function outcome(report: Report): Promise<NearbyFriendsError | null> {
    try {
      await options.send(report);
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
    /** Appends a report and sends it as soon as its turn comes. */
    add({ takenAtMs, ...place }: Fix): Report {
      const report = { ...place, id: randomId(), recordedAt: new Date(takenAtMs).toISOString() };
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
  send(report: Report): Promise<unknown>;
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

/** How one turn of sending ended. */
type Turn = 'settled' | 'later' | 'empty' | 'stop';

/** Two thirds of a day at two reports a minute. Beyond that the oldest are dropped. */
const MOST_REPORTS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
