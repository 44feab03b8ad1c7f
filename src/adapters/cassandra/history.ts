/** The history in Cassandra as a whole: connected, with its tables, for writing and reading. */
import type { HistoryWriter } from '../../services/history-buffer.js';
import type { Clock } from '../../time/clock.js';
import type { CassandraAddress } from './address.js';
import { connectCassandra } from './client.js';
import type { Day } from './days.js';
import { createHistoryCopy, type HistoryCopy } from './history-copy.js';
import { type CassandraHistory, createHistoryStore } from './history-store.js';
import { createHistoryWriter, type WhileUsersStay } from './history-writer.js';
import { checkCassandraSchema, migrateCassandra, type RunAlone } from './migrate.js';
import { notedDays } from './noted-days.js';

/** @throws StartupError when it can't be used, or lacks tables that may not be made. */
export async function openCassandra(options: CassandraOptions): Promise<OpenCassandra> {
  const client = await connectCassandra(options.address);
  try {
    const { migrate } = options;
    const migrated = migrate === null ? [] : await migrateCassandra(client, migrate);
    if (migrate === null) await checkCassandraSchema(client);
    const store = createHistoryStore({ client, ...options });
    return {
      migrated,
      writer: createHistoryWriter({ client, ...options }),
      store,
      days: () => notedDays(client),
      copy: (requestsAtOnce) => createHistoryCopy({ client, store, requestsAtOnce, ...options }),
      close: () => client.shutdown(),
    };
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

export interface OpenCassandra {
  /** The migrations that were applied now. */
  readonly migrated: readonly string[];
  readonly writer: HistoryWriter;
  readonly store: CassandraHistory;
  /** All users' days that may have locations; those of a user come together. */
  days(): AsyncIterable<{ readonly userId: string; readonly day: Day }>;
  /** @param requestsAtOnce that Cassandra has not answered. */
  copy(requestsAtOnce: number): HistoryCopy;
  close(): Promise<void>;
}

export interface CassandraOptions {
  readonly address: CassandraAddress;
  /** Runs the migrations, as no other server may meanwhile; null applies none. */
  readonly migrate: RunAlone | null;
  readonly whileUsersStay: WhileUsersStay;
  /** Reads the time that all servers share, microseconds since the epoch. */
  readonly readMicros: () => Promise<bigint>;
  /** Days, at most MAX_RETENTION_DAYS. */
  readonly retentionDays: number;
  readonly clock: Clock;
}
