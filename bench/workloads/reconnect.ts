/** Connects everybody again at once, as after a restart of a server, and waits until the last client has its list. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Bench, withSystem } from '../bench.js';
import { cpuSeconds } from '../run/process-usage.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface ReconnectRun {
  readonly population: string;
  readonly system: string;
  readonly clients: number;
  readonly seconds: number;
  readonly snapshotEntries: number;
  readonly snapshotEntriesExpected: number;
  /** Statements that read friendships, for each client. */
  readonly friendQueriesPerClient: number;
  /** Of this time, by the server's own metrics. */
  readonly eventLoopDelayP99Ms: number;
  readonly serverCpuSeconds: number;
}

const CLEAN_UP_MS = 3_000;
/** A server with so small a share of a core for so long has nothing left to do. */
const IDLE_MS = 2_000;
const IDLE_SHARE = 0.2;

export async function runReconnect(
  bench: Bench,
  people: PeopleInDatabase,
  systems: readonly System[],
): Promise<ReconnectRun[]> {
  const runs: ReconnectRun[] = [];
  const { repetitions } = bench.settings;
  const { name, connected, homes, nearElsewhere } = people.population;
  const snapshotEntriesExpected = homes
    .slice(0, connected)
    .reduce((sum, { nearFriends }) => sum + nearFriends + nearElsewhere, 0);
  bench.progress.expect(repetitions * systems.length);
  const pool = new pg.Pool({ connectionString: bench.backing.postgresUrl, max: 1 });
  try {
    await pool.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const system of systems) {
        bench.progress.step(`reconnect, ${name}: ${system.label}, ${repetition} of ${repetitions}`);
        const run = await withSystem(bench, system, people, async ({ connect, load, target, pid }) => {
          await connect();
          await untilIdle(pid);
          await load.call('drop');
          await sleep(CLEAN_UP_MS);
          await pool.query('SELECT pg_stat_statements_reset()');
          await eventLoopDelayP99Ms(target.url); // Starts a new reading.
          const result = await load.call('reconnect');
          return {
            ...result,
            friendQueriesPerClient: (await friendQueries(pool)) / connected,
            eventLoopDelayP99Ms: await eventLoopDelayP99Ms(target.url),
          };
        });
        const { name: systemName } = system;
        runs.push({
          population: name,
          system: systemName,
          clients: connected,
          snapshotEntriesExpected,
          ...run,
        });
      }
    }
  } finally {
    await pool.end();
  }
  return runs;
}

/** Waits until a server has told everybody of everybody: clients near each other see nothing of most of it. */
async function untilIdle(pid: number): Promise<void> {
  let before: number;
  do {
    before = cpuSeconds(pid);
    await sleep(IDLE_MS);
  } while (cpuSeconds(pid) - before > (IDLE_SHARE * IDLE_MS) / 1_000);
}

async function friendQueries(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ calls: number }>(
    `SELECT coalesce(sum(calls), 0)::float8 AS calls FROM pg_stat_statements
      WHERE query LIKE '%friendships%' AND query NOT LIKE '%pg_stat_statements%'`,
  );
  return rows[0]?.calls ?? NaN;
}

async function eventLoopDelayP99Ms(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1] ?? NaN) * 1_000;
}
