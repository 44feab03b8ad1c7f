/**
 * Writes the location history to Cassandra, a group of rows at a time. Ids that clients chose are claimed first; then the
 * rows are written, those of one user and day together. Writing rows again changes nothing, so a group of which only a
 * part was written is written again as a whole.
 */
import type { HistoryRow, HistoryWriter } from '../../services/history-buffer.js';
import { type Claim, claimKey, resultsOf, withoutRepeats } from '../claimed-ids.js';
import { atOnce } from './at-once.js';
import { createClaims } from './claims.js';
import { dayOf } from './days.js';
import { clusterStore, isRefused } from './failures.js';
import { byUserDay, createHistoryRows, type HistoryRowsOptions } from './history-rows.js';

export function createHistoryWriter(options: Options): HistoryWriter {
  const { whileUsersStay } = options;
  const each = atOnce(REQUESTS_AT_ONCE);
  const ids = createClaims(options);
  const history = createHistoryRows(options);

  /**
   * Claims the ids of the rows, into `claims`. Resolves to the rows that are to be written: the server may have ended
   * between a claim and its row, so a retry brings a row that is missing.
   */
  async function claimAll(
    rows: readonly HistoryRow[],
    claims: Map<string, Claim>,
    writtenAt: bigint,
  ): Promise<HistoryRow[]> {
    const toWrite = rows.filter(({ fingerprint }) => fingerprint === null);
    const withIds = rows.filter(({ fingerprint }) => fingerprint !== null);
    await each(withIds, async (row) => {
      const known = await ids.claim(row, writtenAt);
      if (known === null) {
        toWrite.push(row);
        return;
      }
      claims.set(claimKey(row.userId, row.id), known);
      const first = { ...row, recordedAtMs: known.recordedAtMs };
      if (known.fingerprint === row.fingerprint && !(await ids.isThere(first))) toWrite.push(first);
    });
    return toWrite;
  }

  const store = clusterStore<Pick<HistoryWriter, 'write'>>({
    async write(rows) {
      // A time that no calendar has fails the group before anything is written.
      for (const { recordedAtMs } of rows) dayOf(recordedAtMs);
      const userIds = [...new Set(rows.map(({ userId }) => userId))];
      return whileUsersStay(userIds, async ({ unknown, nowMicros, readMicros }) => {
        const claims = new Map<string, Claim>();
        const known = rows.filter(({ userId }) => !unknown.has(userId));
        const toWrite = await claimAll(withoutRepeats(known, claims), claims, nowMicros);
        const noted = await each(byUserDay(toWrite, Infinity), (userDay) => history.note(userDay, nowMicros));
        // An erasure finds rows by their day's note. So they follow a new one only if nobody could be erased until here.
        if (noted.includes(true)) await readMicros();
        await each(byUserDay(toWrite), (userDay) => history.write(userDay, nowMicros));
        return resultsOf(rows, unknown, claims);
      });
    },
  });
  return { ...store, failureOf: (error) => (isRefused(error) ? 'refused' : 'database') };
}

/**
 * Runs `work` while the accounts of these users are not deleted.
 */
export type WhileUsersStay = <T>(
  userIds: readonly string[],
  work: (state: {
    /** Those of the users who have no account. */
    readonly unknown: ReadonlySet<string>;
    /** The time that all servers share, microseconds since the epoch: of two writes the later one wins by it. */
    readonly nowMicros: bigint;
    /** Reads that time. Rejects when the accounts may be deleted again. */
    readonly readMicros: () => Promise<bigint>;
  }) => Promise<T>,
) => Promise<T>;

interface Options extends HistoryRowsOptions {
  readonly whileUsersStay: WhileUsersStay;
}

/** Requests of one writer that Cassandra has not answered. */
const REQUESTS_AT_ONCE = 256;
