/** Opens what keeps the location history: PostgreSQL, or Cassandra where HISTORY_CASSANDRA names one. */
import type pg from 'pg';
import { togetherHistories } from './adapters/histories-together.js';
import { createHistoryStore } from './adapters/postgres/history-store.js';
import { createHistoryWriter } from './adapters/postgres/history-writer.js';
import { oneServerAtATime } from './adapters/postgres/one-server-at-a-time.js';
import type { NameStatement } from './adapters/postgres/prepared.js';
import { readDatabaseMicros, whileUsersStay } from './adapters/postgres/while-users-stay.js';
import type { Config } from './config.js';
import type { Lifecycle } from './lifecycle.js';
import type { HistoryWriter } from './services/history-buffer.js';
import type { HistoryStore } from './services/location-history.js';
import type { Clock } from './time/clock.js';

/**
 * @param pool of the database whose accounts the history is of.
 * @throws StartupError when a Cassandra that the configuration names can't be used.
 */
export async function openHistoryBackend(
  config: HistoryConfig,
  pool: pg.Pool,
  nameStatement: NameStatement | undefined,
  clock: Clock,
  lifecycle: Pick<Lifecycle, 'onClose'>,
): Promise<HistoryBackend> {
  const postgres = createHistoryStore(pool, clock, nameStatement);
  if (config.historyCassandra === null) {
    const writer = createHistoryWriter(pool, nameStatement);
    return { writer, store: postgres, maxBatchRows: 10_000, eraseElsewhere: null };
  }
  // The driver is loaded only where it is used.
  const { openCassandra } = await import('./adapters/cassandra/history.js');
  const cassandra = await openCassandra({
    address: config.historyCassandra,
    migrate: config.migrate === 'never' ? null : (work) => oneServerAtATime(pool, work),
    whileUsersStay: (userIds, work) => whileUsersStay(pool, userIds, work),
    readMicros: () => readDatabaseMicros(pool),
    retentionDays: config.historyRetentionDays,
    clock,
  });
  lifecycle.onClose('Cassandra', () => cassandra.close());
  const { writer, store } = cassandra;
  return {
    writer,
    // What PostgreSQL kept before is there until it is moved (cli/move-history.ts).
    store: togetherHistories(postgres, store),
    maxBatchRows: 1_000,
    eraseElsewhere: store.eraseUser,
  };
}

export type HistoryConfig = Pick<Config, 'historyCassandra' | 'historyRetentionDays' | 'migrate'>;

export interface HistoryBackend {
  readonly writer: HistoryWriter;
  readonly store: HistoryStore;
  /** Rows that are best written together, at most. */
  readonly maxBatchRows: number;
  /** Deletes what a deleted user has left outside PostgreSQL; null where there is nothing. */
  readonly eraseElsewhere: ((userId: string) => Promise<void>) | null;
}
