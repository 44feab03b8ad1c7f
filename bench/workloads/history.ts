/** Measures rows a second into PostgreSQL, and their bytes, by a program on the server's core. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Bench } from '../bench.js';
import { pathOf } from '../run/build.js';
import { systemNamed } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface HistoryRun {
  /** `claimed`: as `batches`, with ids of the clients' own, which are claimed in a second table. */
  readonly way: 'batches' | 'claimed' | 'copy';
  readonly rowsPerSecond: number;
  /** On the disk: of the history and its index, of the table of claimed ids and its indexes, and of the log. */
  readonly bytesPerRow: {
    readonly table: number;
    readonly index: number;
    readonly ids: number;
    readonly wal: number;
  };
}

const ROWS = 200_000;
const QUICK_ROWS = 20_000;

export async function runHistory(bench: Bench, people: PeopleInDatabase): Promise<HistoryRun[]> {
  const { quick, repetitions } = bench.settings;
  bench.progress.expect(1);
  bench.progress.step('history: group commits and COPY');
  const [command = '', ...args] = [...bench.cores.serverPrefix, process.execPath, pathOf('history-rate')];
  const { stdout } = await promisify(execFile)(command, args, {
    env: {
      ...bench.backing.redis.env,
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      DATABASE_URL: await people.databaseUrlFor(systemNamed('ours-1000')),
      ROWS: String(quick ? QUICK_ROWS : ROWS),
      REPETITIONS: String(repetitions),
    },
  });
  return JSON.parse(stdout) as HistoryRun[];
}
