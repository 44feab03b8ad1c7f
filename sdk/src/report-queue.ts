/**
 * Positions on their way to the server, in order, each with an id of its own: kept until the server has answered, also
 * through a restart of the app where there is a storage, and safe to send twice. Tabs that share a storage share what
 * waits in it and take turns in sending.
 */
import { NearbyFriendsError, unreachable } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import type { Fix } from './report-policy.js';
import type { TextStorage } from './tokens.js';

export function createReportQueue(options: ReportQueueOptions) {
  const { storageKey } = options;
  let storage = options.storage;
  let inMemory: Report[] = [];
  let sending = false;
  let closed = false;
  let wake: (() => void) | null = null;

  /** Read anew each time: another tab may have added or sent some. */
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
      // It is full or forbidden: from now on reports are kept in memory alone.
      storage = undefined;
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    const end = await sendAll();
    sending = false;
    // One may have been added since the last look.
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
    if (error?.isTransient === true) return 'later';
    if (error?.code === 'SIGNED_OUT' || error?.code === 'UNAUTHENTICATED') {
      options.onSignedOut(error);
      return 'stop';
    }
    keep(waiting().filter(({ id }) => id !== report.id));
    options.onSettled(report, error);
    return 'settled';
  }

  /** One tab at a time, where there are any. */
  async function inTurn(send: () => Promise<Turn>): Promise<Turn> {
    const locks = (globalThis as { navigator?: Partial<Navigator> }).navigator?.locks;
    return storage === undefined || locks === undefined ? send() : locks.request(storageKey, send);
  }

  async function outcome(report: Report): Promise<NearbyFriendsError | null> {
    try {
      await options.send(report);
      return null;
    } catch (error) {
      return error instanceof NearbyFriendsError ? error : unreachable(error);
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
    add({ takenAtMs, ...place }: Fix): Report {
      const report = { ...place, id: crypto.randomUUID(), recordedAt: new Date(takenAtMs).toISOString() };
      keep([...waiting(), report]);
      void drain();
      return report;
    },

    /** Tries again now, as when the network or the user came back. */
    resume(): void {
      wake?.();
      void drain();
    },

    /** Reports that were not answered yet. */
    get size() {
      return waiting().length;
    },

    /** Sends nothing more; what waits stays in the storage. */
    close(): void {
      closed = true;
      wake?.();
    },
  };
}

export type Report = UpdateLocationInput & { readonly id: string; readonly recordedAt: string };

interface ReportQueueOptions {
  send(report: Report): Promise<unknown>;
  /** Where reports outlive the app. */
  readonly storage?: TextStorage | undefined;
  /** One for each user: what somebody recorded is never sent as another. */
  readonly storageKey: string;
  /** Told when a report was taken or refused for good; then it is forgotten. */
  onSettled(report: Report, error: NearbyFriendsError | null): void;
  /** Somebody has to sign in; reports wait until `resume`. */
  onSignedOut(error: NearbyFriendsError): void;
}

type Turn = 'settled' | 'later' | 'empty' | 'stop';

/** Two thirds of a day at two a minute; of more, the oldest are given up. */
const MOST_REPORTS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
