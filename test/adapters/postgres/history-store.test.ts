import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHistoryStore } from '../../../src/adapters/postgres/history-store.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import type { HistoryRange, TimeRange } from '../../../src/services/location-history.js';
import { historyStoreContract } from '../contracts/history-store.js';
import { openPostgresHistory, type PostgresHistory } from '../contracts/postgres-history.js';

historyStoreContract('PostgreSQL', openPostgresHistory);

const DAY_MS = 86_400_000;
const MIDNIGHT_MS = Date.UTC(2026, 10, 22);
const EVER: TimeRange = { fromMs: null, toMs: null };

let history: PostgresHistory;
let ann: string;

beforeAll(async () => {
  history = await openPostgresHistory();
});
afterAll(() => history.close());
beforeEach(async () => {
  ann = await history.newUser();
});

describe('what is read by time', () => {
  /** The partitions that each of several reads looked into, by PostgreSQL's own plans of the queries that it ran. */
  async function touched(range: HistoryRange): Promise<string[]> {
    const explained = createPool(history.database.url, { log: createLogger('silent'), maxConnections: 1 });
    const client = await explained.connect();
    const plans: string[] = [];
    client.on('notice', ({ message }) => plans.push(message ?? ''));
    await client.query(`LOAD 'auto_explain'; SET client_min_messages = log;
      SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on`);
    client.release();
    const store = createHistoryStore(explained);
    // From the sixth time on, a named statement may have a plan that knows no values.
    for (let time = 0; time < 8; time++) await store.read(ann, range, null, 10);
    await explained.end();
    const reads = plans.filter((plan) => plan.includes('ORDER BY recorded_at'));
    expect(reads).toHaveLength(8);
    const scans = reads.map((plan) =>
      plan
        .split('\n')
        .filter((line) => !line.includes('never executed'))
        .join('\n'),
    );
    const names = scans.map((text) => new Set(text.match(/(?<= on location_history_)(\d{8}|default)/g)));
    for (const each of names) expect(each).toEqual(names[0]);
    return [...(names[0] ?? [])].sort();
  }

  test('lies in the partitions of the range; no others are looked into', async () => {
    expect(await touched({ fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS })).toEqual(['20261122']);
    const day = { fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS };
    expect(await touched({ ...day, oldestFirst: true })).toEqual(['20261122']);
    expect(await touched({ fromMs: MIDNIGHT_MS - 1, toMs: MIDNIGHT_MS + 1 })).toEqual([
      '20261121',
      '20261122',
    ]);
    expect(await touched({ fromMs: null, toMs: MIDNIGHT_MS })).toEqual(['20261121', 'default']);
    expect(await touched(EVER)).toHaveLength(10);
  });
});
