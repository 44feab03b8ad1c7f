/**
 * `npm run bench:history`: the location history in PostgreSQL beside three nodes and one node of Apache Cassandra, each
 * written by the server's own buffer. Prints rows a second, the server's CPU time, how long an update waits for its
 * commit, and the bytes of a row on one replica's disk. It needs Java 17 and Maven. All share this machine's cores, so
 * the rates say little of machines of their own.
 */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { Client } from 'cassandra-driver';
import { v7 as newId } from 'uuid';
import { parseCassandraAddress } from '../src/adapters/cassandra/address.js';
import { maintainPartitions } from '../src/adapters/postgres/history-partitions.js';
import { createPool } from '../src/adapters/postgres/pool.js';
import { migrate } from '../src/adapters/postgres/migrate.js';
import { freePort } from '../src/embedded/free-port.js';
import { startEmbeddedPostgres } from '../src/embedded/postgres.js';
import { type HistoryBackend, openHistoryBackend } from '../src/history-backend.js';
import { createLogger } from '../src/log.js';
import { createHistoryBuffer, type HistoryBuffer, type HistoryRow } from '../src/services/history-buffer.js';
import { createTickScheduler } from '../src/services/tick-scheduler.js';
import { systemClock } from '../src/time/clock.js';
import installCassandra from '../test/cassandra/install.js';
import {
  DATACENTER,
  startCassandraCluster,
  type TestCassandraCluster,
} from '../test/support/cassandra-cluster.js';
import { startCassandraNode } from '../test/support/cassandra-node.js';
import { range, table } from './report/table.js';

/** Beside the three of the cluster. */
const SINGLE = '127.0.0.5';
const USERS = 5_000;
const ROWS = 10_000;
const REPETITIONS = 2;
/** Updates that a saturated server has not answered. */
const AT_ONCE = 1_000;
/** What 10,000 users of one server report, one every 30 s. */
const ROWS_PER_SECOND = 333;
const SECONDS = 10;
const RETENTION_DAYS = 90;

const log = createLogger('warn');

interface Engine {
  readonly name: string;
  /** Whether the client gives ids, which are claimed. */
  readonly withIds: boolean;
  readonly backend: HistoryBackend;
}

interface Run {
  readonly rowsPerSecond: number;
  /** Microseconds of this process, saturated and at ROWS_PER_SECOND. */
  readonly cpuMicros: number;
  readonly cpuMicrosPaced: number;
  /** Of `recorded: true` at ROWS_PER_SECOND, milliseconds. */
  readonly p99Ms: number;
}

const cleanups: (() => Promise<unknown> | void)[] = [];
try {
  await main();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

async function main(): Promise<void> {
  installCassandra();
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-history-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log });
  cleanups.push(() => postgres.close());
  const pool = createPool(postgres.url, { log });
  cleanups.push(() => pool.end());
  await migrate(pool, { clock: systemClock, report: () => undefined });
  await maintainPartitions(pool, Date.now(), RETENTION_DAYS);
  const users = await makeUsers(pool);

  const three = await startCassandraCluster();
  cleanups.push(() => three.close());
  const ports = { storage: await freePort(), native: await freePort() };
  const one = await startCassandraNode({ folder, host: SINGLE, ports, seeds: [SINGLE] });
  cleanups.push(() => one.kill9());
  const backends = [
    ['PostgreSQL', await open(pool, null)],
    ['three nodes', await open(pool, { contactPoints: three.contactPoints, replicas: 3 })],
    ['one node', await open(pool, { contactPoints: `${SINGLE}:${ports.native}`, replicas: 1 })],
  ] as const;
  const engines: Engine[] = [true, false].flatMap((withIds) =>
    backends.map(([name, backend]) => ({ name: withIds ? `${name}, with ids` : name, withIds, backend })),
  );
  const runs = new Map<Engine, Run[]>(engines.map((engine) => [engine, []]));
  // The first round does not count: V8 and the JVM still compile.
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    for (const engine of engines) {
      const run = await measure(engine, users);
      console.error(repetition, engine.name, JSON.stringify(run));
      if (repetition > 0) runs.get(engine)?.push(run);
    }
  }
  const of = (engine: Engine, name: keyof Run): string =>
    range((runs.get(engine) ?? []).map((run) => run[name]));
  console.log(
    table(
      ['history', 'rows/s', 'µs of CPU a row', `at ${ROWS_PER_SECOND} rows/s`, 'p99 ms'],
      engines.map((engine) => [
        engine.name,
        ...(['rowsPerSecond', 'cpuMicros', 'cpuMicrosPaced', 'p99Ms'] as const).map((name) =>
          of(engine, name),
        ),
      ]),
    ),
  );
  console.log(await diskOf(pool, three));
}

async function makeUsers(pool: pg.Pool): Promise<string[]> {
  const ids = Array.from({ length: USERS }, () => newId());
  await pool.query(
    `INSERT INTO users (id, handle, display_name)
     SELECT id, 'user_' || nth, 'Somebody' FROM unnest($1::uuid[]) WITH ORDINALITY AS made (id, nth)`,
    [ids],
  );
  return ids;
}

interface Nodes {
  readonly contactPoints: string;
  readonly replicas: number;
}

async function open(pool: pg.Pool, nodes: Nodes | null): Promise<HistoryBackend> {
  let historyCassandra = null;
  if (nodes !== null) {
    const { contactPoints, replicas } = nodes;
    const admin = new Client({ contactPoints: contactPoints.split(','), localDataCenter: DATACENTER });
    await admin.execute(
      `CREATE KEYSPACE nearby WITH replication = {'class': 'NetworkTopologyStrategy', '${DATACENTER}': ${replicas}}`,
    );
    await admin.shutdown();
    historyCassandra = parseCassandraAddress(contactPoints) ?? null;
  }
  const config = { historyCassandra, historyRetentionDays: RETENTION_DAYS, migrate: 'on-start' } as const;
  const onClose = (_name: string, close: () => Promise<void> | void): void => void cleanups.push(close);
  return openHistoryBackend(config, pool, undefined, systemClock, { onClose });
}

async function measure(engine: Engine, users: readonly string[]): Promise<Run> {
  const buffer = createBuffer(engine.backend);
  const next = rowsOf(users, engine.withIds);
  const saturated = await timed(() => recordMany(buffer, next));
  const waits: number[] = [];
  const paced = await timed(() => recordPaced(buffer, next, waits));
  buffer.close();
  waits.sort((a, b) => a - b);
  return {
    rowsPerSecond: ROWS / saturated.seconds,
    cpuMicros: saturated.cpuMicros / ROWS,
    cpuMicrosPaced: paced.cpuMicros / waits.length,
    p99Ms: waits[Math.floor(waits.length * 0.99)] ?? NaN,
  };
}

/** As a server makes it (src/node.ts). */
function createBuffer({ writer, maxBatchRows }: HistoryBackend): HistoryBuffer {
  return createHistoryBuffer({
    writer,
    clock: systemClock,
    maxRows: 200_000,
    maxRowsPerUser: 2_000,
    maxBatchRows,
    lingerMs: 10,
    ticks: createTickScheduler(10, systemClock),
    meter: {
      committed: () => undefined,
      givenUp: () => undefined,
      full: () => undefined,
      fullForUser: () => undefined,
    },
    onWriteFailed: (error) => {
      throw error;
    },
  });
}

/** Makes rows as they come in life: of all users in turn, each with the device's time. */
function rowsOf(users: readonly string[], withIds: boolean): () => HistoryRow {
  let nth = Math.floor(Math.random() * USERS);
  return () => {
    const receivedAtMs = Date.now();
    return {
      userId: users[nth++ % USERS] ?? '',
      id: withIds ? randomUUID() : newId(),
      fingerprint: withIds ? fingerprint() : null,
      latitude: 37.9 + Math.round(Math.random() * 1e6) / 1e7,
      longitude: 23.7 + Math.round(Math.random() * 1e6) / 1e7,
      accuracyMeters: 5 + (nth % 20),
      speedMetersPerSecond: (nth % 20) / 10,
      headingDegrees: nth % 360,
      recordedAtMs: receivedAtMs - 1 - (nth % 500),
      receivedAtMs,
    };
  };
}

function fingerprint(): string {
  const hex = randomBytes(16).toString('hex');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function recordMany(buffer: HistoryBuffer, next: () => HistoryRow): Promise<void> {
  let left = ROWS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await buffer.record(next());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function recordPaced(buffer: HistoryBuffer, next: () => HistoryRow, waits: number[]): Promise<void> {
  const recording: Promise<unknown>[] = [];
  const beganMs = performance.now();
  while (recording.length < ROWS_PER_SECOND * SECONDS) {
    const due = Math.min(
      ((performance.now() - beganMs) * ROWS_PER_SECOND) / 1_000,
      ROWS_PER_SECOND * SECONDS,
    );
    while (recording.length < due) {
      const atMs = performance.now();
      recording.push(buffer.record(next()).then(() => waits.push(performance.now() - atMs)));
    }
    await sleep(5);
  }
  await Promise.all(recording);
}

async function timed(work: () => Promise<void>): Promise<{ seconds: number; cpuMicros: number }> {
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - beganMs) / 1_000, cpuMicros: user + system };
}

/** The bytes of a row on the disk: PostgreSQL's with its index, and those of one of Cassandra's replicas, compacted. */
async function diskOf(pool: pg.Pool, cassandra: TestCassandraCluster): Promise<string> {
  const { rows } = await pool.query<{ rows: number; history: number; ids: number; claimed: number }>(
    `SELECT (SELECT count(*) FROM location_history)::float8 AS rows,
            (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('location_history'))::float8 AS history,
            pg_total_relation_size('location_ids')::float8 AS ids,
            (SELECT count(*) FROM location_ids)::float8 AS claimed`,
  );
  const [postgres] = rows;
  if (postgres === undefined) throw new Error('no history');
  const [node] = cassandra.members;
  if (node === undefined) throw new Error('no node');
  const nodetool = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(join(node.bin, 'nodetool'), args)).stdout;
  await nodetool('flush');
  await nodetool('compact', 'nearby');
  const client = cassandra.clientOf(node.host);
  const lines: string[][] = [
    ['PostgreSQL', 'history', String(postgres.rows), String(Math.round(postgres.history / postgres.rows))],
    ['PostgreSQL', 'ids', String(postgres.claimed), String(Math.round(postgres.ids / postgres.claimed))],
  ];
  for (const name of ['locations', 'location_ids', 'location_days']) {
    const stats = await nodetool('tablestats', `nearby.${name}`);
    const bytes = Number(/Space used \(live\): (\d+)/.exec(stats)?.[1]);
    const counted = await client.execute(`SELECT count(*) AS count FROM nearby.${name}`, [], {
      readTimeout: 120_000,
    });
    const count = Number(counted.rows[0]?.['count']);
    lines.push(['Cassandra', name, String(count), String(Math.round(bytes / count))]);
  }
  await client.shutdown();
  return table(['', 'table', 'rows', 'bytes a row'], lines);
}
