/** Everybody comes back at once, as after a restart of a server: until the last client has its whole list. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Bench, connect, withSystem } from '../bench.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface ReconnectRun {
  readonly population: string;
  readonly system: System['name'];
  readonly clients: number;
  readonly seconds: number;
  readonly snapshotEntries: number;
  readonly snapshotEntriesExpected: number;
  /** Statements that read friendships, for each client. */
  readonly friendQueriesPerClient: number;
  /** By the server's own metrics, over the time of coming back. */
  readonly eventLoopDelayP99Ms: number;
  readonly serverCpuSeconds: number;
}

const CLEAN_UP_MS = 3_000;

export async function runReconnect(
  bench: Bench,
  people: PeopleInDatabase,
  system: System,
): Promise<ReconnectRun[]> {
  const runs: ReconnectRun[] = [];
  const { repetitions } = bench.settings;
  const { name, connected, homes, friendsElsewhere } = people.population;
  bench.progress.expect(repetitions);
  const pool = new pg.Pool({ connectionString: people.databaseUrl, max: 1 });
  try {
    await pool.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      bench.progress.step(
        `reconnect, ${name}: ${connected} clients, repetition ${repetition} of ${repetitions}`,
      );
      const run = await withSystem(bench, system, people, async ({ target }) => {
        await connect(bench, target, people);
        await bench.load.ask({ kind: 'drop' });
        await sleep(CLEAN_UP_MS);
        await pool.query('SELECT pg_stat_statements_reset()');
        await eventLoopDelayP99Ms(target.url); // Starts a new reading.
        const result = await bench.load.ask({ kind: 'reconnect' });
        return {
          population: name,
          system: system.name,
          clients: connected,
          ...result,
          snapshotEntriesExpected: homes
            .slice(0, connected)
            .reduce((sum, home) => sum + (home.nearFriends ?? 0) + friendsElsewhere, 0),
          friendQueriesPerClient: (await friendQueries(pool)) / connected,
          eventLoopDelayP99Ms: await eventLoopDelayP99Ms(target.url),
        };
      });
      runs.push(run);
    }
  } finally {
    await pool.end();
  }
  return runs;
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
