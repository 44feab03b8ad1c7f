/**
 * Writes the location history in group commits: one call of record_locations() for all rows. Writing a batch
 * again changes nothing, so a commit whose answer was lost can be repeated. A commit waits a second for a lock,
 * and ten for its answer.
 */
import pg from 'pg';
import { DomainError } from '../../domain/errors.js';
import type { HistoryRow, HistoryWriter, WriteFailure } from '../../services/history-buffer.js';
import { type Claim, claimKey, resultsOf, withoutRepeats } from '../claimed-ids.js';
import { bigintArray, doubleArray, realArray, uuidArray } from './binary-arrays.js';
import { databaseStore } from './failures.js';
import { named, type NameStatement } from './prepared.js';

export function createHistoryWriter(pool: pg.Pool, nameStatement = named): HistoryWriter {
  const store = databaseStore<Pick<HistoryWriter, 'write'>>({
    async write(rows) {
      const claims = new Map<string, Claim>();
      const answers = await commit(pool, nameStatement, withoutRepeats(rows, claims));
      const unknownUsers = new Set<string>();
      for (const { user_id, id, recorded_at_ms, fingerprint } of answers) {
        if (id === null) unknownUsers.add(user_id);
        else claims.set(claimKey(user_id, id), { fingerprint, recordedAtMs: recorded_at_ms });
      }
      return resultsOf(rows, unknownUsers, claims);
    },
  });
  return { ...store, failureOf };
}

interface Answer {
  readonly user_id: string;
  /** Null in a row that names a user who does not exist. */
  readonly id: string | null;
  readonly recorded_at_ms: number;
  /** Null where the history has other contents under an id that is no longer remembered. */
  readonly fingerprint: string | null;
}

const RECORD = 'SELECT * FROM record_locations($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';

/** A connection that answers no more is given up after this; otherwise all rows would wait until TCP does so. */
const COMMIT_TIMEOUT_MS = 10_000;

function failureOf(error: unknown): WriteFailure {
  const cause = error instanceof DomainError ? error.cause : error;
  if (cause instanceof TypeError || cause instanceof RangeError) return 'refused';
  if (!(cause instanceof pg.DatabaseError)) return 'database';
  if (LOCKED.includes(cause.code ?? '')) return 'locked';
  return REFUSED.test(cause.code ?? '') ? 'refused' : 'database';
}

/** A lock_timeout, which record_locations() sets, and a statement_timeout of the user, which may come before it. */
const LOCKED = ['55P03', '57014'];
/**
 * The classes of SQLSTATE that speak of values: data exception, integrity constraint violation, and what a trigger
 * raises.
 */
const REFUSED = /^(22|23|P0)/;

async function commit(
  pool: pg.Pool,
  nameStatement: NameStatement,
  rows: readonly HistoryRow[],
): Promise<readonly Answer[]> {
  const query = {
    name: nameStatement('record-locations'),
    text: RECORD,
    query_timeout: COMMIT_TIMEOUT_MS,
    values: [
      uuidArray(rows.map((row) => row.userId)),
      uuidArray(rows.map((row) => row.id)),
      bigintArray(rows.map((row) => row.recordedAtMs)),
      bigintArray(rows.map((row) => row.receivedAtMs)),
      doubleArray(rows.map((row) => row.latitude)),
      doubleArray(rows.map((row) => row.longitude)),
      doubleArray(rows.map((row) => row.accuracyMeters)),
      uuidArray(rows.map((row) => row.fingerprint)),
      realArray(rows.map((row) => row.speedMetersPerSecond ?? null)),
      realArray(rows.map((row) => row.headingDegrees ?? null)),
    ],
  };
  const { rows: answers } = await pool.query<Answer>(query);
  return answers;
}
