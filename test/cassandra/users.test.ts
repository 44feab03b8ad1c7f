/** A Cassandra that asks for passwords, with the users of docs/cassandra.md. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth, Client } from 'cassandra-driver';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { move, signUp } from '../support/api.js';
import { DATACENTER } from '../support/cassandra-cluster.js';
import { startCassandraNode, type TestCassandraNode } from '../support/cassandra-node.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Ended, startProgram } from '../support/program.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { documented, runCql, runOn } from './documented.js';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** The node has all rows alone. */
const alone = (statements: string): string =>
  statements.replaceAll(`'${DATACENTER}': 3`, `'${DATACENTER}': 1`);

let folder: string;
let node: TestCassandraNode;
let at: string;
let database: TestDatabase;
let redis: TestRedis;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearby-friends-users-'));
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  const ports = { storage: await freePort(), native: await freePort() };
  const [settings = ''] = await documented('Users', 'yaml');
  node = await startCassandraNode({ folder, host: HOST, ports, seeds: [HOST], settings });
  at = `${HOST}:${ports.native}`;
});
afterAll(async () => {
  await Promise.all([node.kill9(), database.drop(), redis.close()]);
  await rm(folder, { recursive: true, force: true });
});

const HOST = '127.0.0.6';

async function connect(user: string, password: string): Promise<Client> {
  const authProvider = new auth.PlainTextAuthProvider(user, password);
  const client = new Client({ contactPoints: [at], localDataCenter: DATACENTER, authProvider });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

async function runAs(client: Client, statements: string): Promise<void> {
  await runCql(client, alone(statements));
  await client.shutdown();
}

/** What `npm run migrate` says. */
function migrate(user: string): Promise<Ended> {
  return startProgram('src/cli/migrate.ts', [], settingsOf(user)).ended;
}

const settingsOf = (user: string) => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  HISTORY_CASSANDRA: `${user}${at}`,
});

const MIGRATOR = 'nearby:another%20long%20secret@';
const SERVER = 'nearby_server:a%20third%20long%20secret@';

test('the users of the page have the rights that they need, and no other one gets in', async () => {
  const [keyspace = ''] = await documented('Start', 'sql');
  const [asFirst = '', asOperator = '', forServers = ''] = await documented('Users', 'sql');
  const [copy = ''] = await documented('Users');
  // Cassandra makes its first user after its start.
  const firstUser = () => connect('cassandra', 'cassandra');
  await runAs(await vi.waitFor(firstUser, { timeout: 60_000, interval: 500 }), asFirst);
  await runOn(node, copy);
  await runAs(await connect('operator', 'a long secret'), keyspace + asOperator + forServers);
  const entry = () => firstUser().then((client) => client.shutdown(), String);
  await expect.poll(entry, { timeout: 60_000 }).toContain('cassandra is not permitted to log in');

  const refused = `HISTORY_CASSANDRA: Cassandra at ${at} refuses the user or the password.\n`;
  for (const user of ['nearby:wrong@', '']) {
    expect(await migrate(user)).toMatchObject({ status: 1, stderr: refused });
  }
  const lacking = await migrate(SERVER);
  expect(lacking.stderr).toMatch(
    /^HISTORY_CASSANDRA: the tables cannot be used: User nearby_server has no CREATE permission on [^\n]+\.\n$/,
  );
  expect(lacking.status).toBe(1);
  await vi.waitFor(async () => expect(await migrate(MIGRATOR)).toMatchObject({ status: 0, stderr: '' }), {
    timeout: 60_000,
  });

  const url = await startServer({ ...settingsOf(SERVER), MIGRATE: 'never' }).url;
  const ann = await signUp(url);
  expect(await move(url, ann, { latitude: 45.44, longitude: 12.33 })).toMatchObject({ recorded: true });
});
