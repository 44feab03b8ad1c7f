/**
 * Positions on their way to the server, in order, each with an id of its own: kept until the server has answered, also
 * through a restart of the app where there is a storage, and safe to send twice.
 */
import { NearbyFriendsError, unreachable } from './errors.js';
import type { UpdateLocationInput } from './generated/operations.js';
import type { Fix } from './report-policy.js';
import type { TextStorage } from './tokens.js';

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

/** Two thirds of a day at two a minute; of more, the oldest are given up. */
const MOST_REPORTS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export function createReportQueue(options: ReportQueueOptions) {
  const { storage, storageKey } = options;
  let waiting: Report[] = readStored(storage, storageKey);
  let sending = false;
  let closed = false;
  let wake: (() => void) | null = null;

  function keep(reports: Report[]): void {
    waiting = reports.slice(-MOST_REPORTS);
    try {
      if (waiting.length === 0) storage?.removeItem(storageKey);
      else storage?.setItem(storageKey, JSON.stringify(waiting));
    } catch {
      // A storage that is full or forbidden: the reports are in memory all the same.
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      await sendAll();
    } finally {
      sending = false;
    }
  }

  async function sendAll(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    for (let report = waiting[0]; report !== undefined && !closed; report = waiting[0]) {
      const error = await outcome(report);
      if (error?.isTransient === true) {
        await pause(retryMs);
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
        continue;
      }
      if (error?.code === 'SIGNED_OUT' || error?.code === 'UNAUTHENTICATED') {
        options.onSignedOut(error);
        break;
      }
      retryMs = FIRST_RETRY_MS;
      const settled = report;
      keep(waiting.filter(({ id }) => id !== settled.id));
      options.onSettled(settled, error);
    }
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

  if (waiting.length > 0) void drain();

  return {
    add({ takenAtMs, ...place }: Fix): Report {
      const report = { ...place, id: crypto.randomUUID(), recordedAt: new Date(takenAtMs).toISOString() };
      keep([...waiting, report]);
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
      return waiting.length;
    },

    /** Sends nothing more; what waits stays in the storage. */
    close(): void {
      closed = true;
      wake?.();
    },
  };
}

function readStored(storage: TextStorage | undefined, key: string): Report[] {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(key) ?? '[]');
    return Array.isArray(stored) ? (stored as Report[]) : [];
  } catch {
    return [];
  }
}
