/**
 * Makes and changes the tables in Cassandra. Which steps were taken is noted there; PostgreSQL's lock lets one server at
 * a time take them, and the others find them taken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, errors, types } from 'cassandra-driver';
import { StartupError } from '../../startup-error.js';
import { wordsOf } from './failures.js';
import { rowsOf } from './rows.js';
import { STEPS } from './schema.js';

/**
 * Applies the steps that are missing.
 * @param alone runs what no other server may run meanwhile.
 * @returns their names.
 * @throws StartupError with one clear line.
 */
export function migrateCassandra(client: Client, alone: RunAlone): Promise<readonly string[]> {
  return alone(() =>
    plainly(async () => {
      await client.execute(VERSIONS);
      const missing = await missingSteps(client);
      for (const { name, statements } of missing) {
        for (const statement of statements) await change(client, statement, name);
        await client.execute(NOTE, [name, new Date()]);
      }
      return missing.map(({ name }) => name);
    }),
  );
}

/**
 * For a server that applies none itself.
 * @throws StartupError when a step is missing.
 */
export async function checkCassandraSchema(client: Client): Promise<void> {
  const [first] = await plainly(async () => {
    const tables = await client.execute(TABLES, [client.keyspace]);
    return tables.rowLength === 0 ? STEPS : missingSteps(client);
  });
  if (first === undefined) return;
  throw new StartupError(
    `MIGRATE=never: Cassandra lacks the migration ${first.name}. Run npm run migrate first.`,
  );
}

export type RunAlone = <T>(work: () => Promise<T>) => Promise<T>;

const VERSIONS = `CREATE TABLE IF NOT EXISTS schema_steps (name text PRIMARY KEY, applied_at timestamp)`;
const TABLES = `SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'schema_steps'`;
const NOTE = `INSERT INTO schema_steps (name, applied_at) VALUES (?, ?)`;

/** Says in one line what the cluster or the driver refuses, such as a right that the user lacks. */
async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof errors.DriverError)) throw error;
    throw new StartupError(`HISTORY_CASSANDRA: the tables cannot be used: ${wordsOf(error)}.`);
  }
}

async function missingSteps(client: Client): Promise<typeof STEPS> {
  const steps = rowsOf<{ name: string }>(await readSteps(client));
  const applied = new Set(steps.map(({ name }) => name));
  for (const name of applied) {
    if (STEPS.some((step) => step.name === name)) continue;
    throw new StartupError(
      `Cassandra has the migration ${name}, which this version does not know. Start the newer version or use another keyspace.`,
    );
  }
  return STEPS.filter(({ name }) => !applied.has(name));
}

/** A node that has not heard of the table yet fails, also when the driver takes all nodes to agree. */
async function readSteps(client: Client): Promise<types.ResultSet> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.execute('SELECT name FROM schema_steps');
    } catch (error) {
      const mayPass = error instanceof errors.ResponseError && error.code === READ_FAILURE;
      if (!mayPass || attempt === READS_AT_MOST) throw error;
      await sleep(READ_AGAIN_MS);
    }
  }
}

const READ_FAILURE: number = types.responseErrorCodes.readFailure;
const READS_AT_MOST = 30;
const READ_AGAIN_MS = 1_000;

async function change(client: Client, statement: string, name: string): Promise<void> {
  const { info } = await client.execute(statement);
  // The driver's types do not know this property.
  const { isSchemaInAgreement }: object & { isSchemaInAgreement?: unknown } = info;
  // Rows written to a table that a node does not know yet would be lost there.
  if (isSchemaInAgreement !== true) {
    throw new StartupError(
      `The migration ${name} has not reached all nodes of Cassandra in time. Start again.`,
    );
  }
}
