import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseCassandraAddress } from '../../src/adapters/cassandra/address.js';
import { connectCassandra } from '../../src/adapters/cassandra/client.js';
import { checkCassandraSchema, migrateCassandra } from '../../src/adapters/cassandra/migrate.js';
import { STEPS } from '../../src/adapters/cassandra/schema.js';
import { oneServerAtATime } from '../../src/adapters/postgres/one-server-at-a-time.js';
import { createPool } from '../../src/adapters/postgres/pool.js';
import { freePort } from '../../src/embedded/free-port.js';
import { createLogger } from '../../src/log.js';
import { createTestDatabase } from '../support/postgres.js';
import { createKeyspace, type TestKeyspace } from './cassandra-history.js';

let keyspace: TestKeyspace;
beforeEach(async () => {
  keyspace = await createKeyspace();
});
afterEach(() => keyspace.drop());

const names = STEPS.map(({ name }) => name);

test('three servers that start at once make the tables once, and each finds them', async () => {
  const database = await createTestDatabase();
  const servers = await Promise.all(
    [1, 2, 3].map(async () => ({
      pool: createPool(database.url, { log: createLogger('silent') }),
      client: await connectCassandra(keyspace.address),
    })),
  );
  await expect(Promise.all(servers.map(({ client }) => checkCassandraSchema(client)))).rejects.toThrow(
    `MIGRATE=never: Cassandra lacks the migration ${names[0]}. Run npm run migrate first.`,
  );
  const applied = await Promise.all(
    servers.map(({ pool, client }) => migrateCassandra(client, (work) => oneServerAtATime(pool, work))),
  );
  expect(applied.flat()).toEqual(names);
  for (const { client } of servers) {
    await checkCassandraSchema(client);
    expect((await client.execute('SELECT user_id FROM locations')).rowLength).toBe(0);
  }
  await Promise.all(servers.flatMap(({ pool, client }) => [client.shutdown(), pool.end()]));
  await database.drop();
});

test('tables of a newer version are left alone', async () => {
  const client = await connectCassandra(keyspace.address);
  const alone = <T>(work: () => Promise<T>) => work();
  await migrateCassandra(client, alone);
  await client.execute(`INSERT INTO schema_steps (name) VALUES ('999_later')`);
  await expect(migrateCassandra(client, alone)).rejects.toThrow('Cassandra has the migration 999_later');
  await client.shutdown();
});

test('a keyspace that is missing, and nodes that are not there, are told in one line', async () => {
  const connect = (address: object) => connectCassandra({ ...keyspace.address, ...address });
  await expect(connect({ keyspace: 'elsewhere' })).rejects.toThrow(
    /^HISTORY_CASSANDRA: Cassandra at [\d.:, ]+ has no keyspace elsewhere\. Make it, .* CREATE KEYSPACE elsewhere WITH .*;$/,
  );
  const nobody = parseCassandraAddress(`127.0.0.1:${await freePort()}`);
  await expect(connect(nobody ?? {})).rejects.toThrow(
    /^HISTORY_CASSANDRA: Cassandra at 127\.0\.0\.1:\d+ cannot be used: [^\n]+$/,
  );
});
