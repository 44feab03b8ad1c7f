import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateSigningKey } from '../../../src/adapters/jwt/signing-key.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { loadSigningKeys } from '../../../src/adapters/postgres/signing-keys.js';
import { createLogger } from '../../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('servers that start at once share one key; a newer key comes first', async () => {
  const log = createLogger('silent');
  const pools = Array.from({ length: 5 }, () => createPool(database.url, { log, maxConnections: 2 }));
  const [pool] = pools;
  if (pool === undefined) return expect.unreachable();
  try {
    const loaded = await Promise.all(
      pools.flatMap((each) => [
        loadSigningKeys(each, generateSigningKey),
        loadSigningKeys(each, generateSigningKey),
      ]),
    );
    for (const keys of loaded) expect(keys).toEqual(loaded[0]);
    expect(loaded[0]).toHaveLength(1);

    const newer = await generateSigningKey();
    await pool.query(`INSERT INTO signing_keys VALUES ($1, $2, now() + interval '1 s')`, [
      newer.id,
      newer.privateJwk,
    ]);
    expect(await loadSigningKeys(pool, generateSigningKey)).toEqual([newer.privateJwk, ...(loaded[0] ?? [])]);
  } finally {
    await Promise.all(pools.map((each) => each.end()));
  }
});

test('a failure to make the key leaves the next one free to', async () => {
  const pool = createPool(database.url, { log: createLogger('silent'), maxConnections: 1 });
  await pool.query('DELETE FROM signing_keys');
  const failing = () => Promise.reject(new Error('no entropy'));
  await expect(loadSigningKeys(pool, failing)).rejects.toThrow('no entropy');
  expect(await loadSigningKeys(pool, generateSigningKey)).toHaveLength(1);
  await pool.end();
});
