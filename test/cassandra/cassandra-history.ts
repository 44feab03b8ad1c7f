/** The history in Cassandra with accounts in PostgreSQL, as the contracts of histories take it. */
import { randomUUID } from 'node:crypto';
import { Client } from 'cassandra-driver';
import type pg from 'pg';
import { inject } from 'vitest';
import { type CassandraAddress, parseCassandraAddress } from '../../src/adapters/cassandra/address.js';
import { connectCassandra } from '../../src/adapters/cassandra/client.js';
import { type CassandraHistory, createHistoryStore } from '../../src/adapters/cassandra/history-store.js';
import { createHistoryWriter } from '../../src/adapters/cassandra/history-writer.js';
import { migrateCassandra } from '../../src/adapters/cassandra/migrate.js';
import { createPool } from '../../src/adapters/postgres/pool.js';
import { readDatabaseMicros, whileUsersStay } from '../../src/adapters/postgres/while-users-stay.js';
import { createLogger } from '../../src/log.js';
import type { HistoryWriter } from '../../src/services/history-buffer.js';
import type { Clock } from '../../src/time/clock.js';
import { HISTORY_NOW_MS, type HistoryUnderTest } from '../adapters/contracts/history-writer.js';
import { insertUser, removeUser } from '../adapters/contracts/postgres-history.js';
import { DATACENTER } from '../support/cassandra-cluster.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** @param options.migrated whether the tables are there already. */
export async function openCassandraHistory({ migrated = true } = {}): Promise<CassandraHistoryUnderTest> {
  const database = await createTestDatabase();
  const pool = createPool(database.url, { log: createLogger('silent'), applicationName: 'test' });
  const keyspace = await createKeyspace();
  const client = await connectCassandra(keyspace.address);
  if (migrated) await migrateCassandra(client, (work) => work());
  const ends = { client, pool };
  const clock = createFakeClock(HISTORY_NOW_MS);
  return {
    database,
    pool,
    client,
    setting: keyspace.setting,
    writer: createWriter(ends, clock),
    store: createStore(ends, clock),
    newUser: () => insertUser(pool),
    removeUser: (userId) => removeUser(pool, userId),
    async idsKept(userId) {
      const query = 'SELECT id FROM location_ids WHERE user_id = ? ALLOW FILTERING';
      return (await client.execute(query, [userId])).rowLength;
    },
    async close() {
      await client.shutdown();
      await keyspace.drop();
      await pool.end();
      await database.drop();
    },
  };
}

export interface CassandraHistoryUnderTest extends HistoryUnderTest {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  readonly client: Client;
  /** What HISTORY_CASSANDRA takes. */
  readonly setting: string;
  readonly store: CassandraHistory;
}

interface Ends {
  readonly client: Client;
  readonly pool: pg.Pool;
}

const RETENTION_DAYS = 90;

/** The writer of one server. */
export function createWriter(
  { client, pool }: Ends,
  clock: Clock,
  retentionDays = RETENTION_DAYS,
): HistoryWriter {
  return createHistoryWriter({
    client,
    whileUsersStay: (userIds, work) => whileUsersStay(pool, userIds, work),
    retentionDays,
    clock,
  });
}

export function createStore(
  { client, pool }: Ends,
  clock: Clock,
  retentionDays = RETENTION_DAYS,
): CassandraHistory {
  return createHistoryStore({
    client,
    readMicros: () => readDatabaseMicros(pool),
    retentionDays,
    clock,
  });
}

/** A keyspace of the caller's own, on the cluster that all tests share. */
export async function createKeyspace(): Promise<TestKeyspace> {
  const points = inject('cassandraContactPoints');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(
    `CREATE KEYSPACE ${name} WITH replication = {'class': 'NetworkTopologyStrategy', '${DATACENTER}': 3}`,
  );
  const setting = `${points}?keyspace=${name}`;
  const address = parseCassandraAddress(setting);
  if (address === undefined) throw new Error('no address');
  return { setting, address, drop: () => administer(`DROP KEYSPACE ${name}`) };
}

export interface TestKeyspace {
  /** What HISTORY_CASSANDRA takes. */
  readonly setting: string;
  readonly address: CassandraAddress;
  drop(): Promise<void>;
}

async function administer(statement: string): Promise<void> {
  const client = new Client({
    contactPoints: inject('cassandraContactPoints').split(','),
    localDataCenter: DATACENTER,
  });
  try {
    await client.execute(statement);
  } finally {
    await client.shutdown();
  }
}
