import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateSigningKey } from '../../../src/adapters/jwt/signing-key.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createSigningKeyStore, loadSigningKeys } from '../../../src/adapters/postgres/signing-keys.js';
import { createLogger } from '../../../src/log.js';
import { systemClock } from '../../../src/time/clock.js';
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
    expect(await loadSigningKeys(pool, generateSigningKey)).toEqual([newer, ...(loaded[0] ?? [])]);
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

test('rotates, revokes, and deletes a key a day after it stopped to sign', async () => {
  const pool = createPool(database.url, { log: createLogger('silent') });
  const store = createSigningKeyStore(pool, systemClock);
  const ids = async () => (await store.read()).map(({ id }) => id);
  try {
    await pool.query('DELETE FROM signing_keys');
    expect(await store.rotate(await generateSigningKey(), false)).toEqual([]);
    expect(await ids()).toEqual([]);
    const [first] = await loadSigningKeys(pool, generateSigningKey);
    if (first === undefined) return expect.unreachable();

    // The clock of the database was set back.
    await pool.query(`UPDATE signing_keys SET created_at = now() + interval '1 hour'`);
    const [second, third, fourth] = await Promise.all([1, 2, 3].map(generateSigningKey));
    if (second === undefined || third === undefined || fourth === undefined) return expect.unreachable();
    expect(await store.rotate(second, false)).toEqual([first.id]);
    expect(await store.rotate(third, false)).toEqual([second.id, first.id]);
    expect(await ids()).toEqual([third.id, second.id, first.id]);

    // The second has signed for the last time 24 hours ago, then 26 hours ago.
    const madeAgo = async (id: string, hours: number) =>
      pool.query('UPDATE signing_keys SET created_at = now() - make_interval(hours => $2) WHERE id = $1', [
        id,
        hours,
      ]);
    await madeAgo(first.id, 2_000);
    await madeAgo(second.id, 26);
    await madeAgo(third.id, 24);
    await store.deleteRetired();
    expect(await ids()).toEqual([third.id, second.id]);
    await madeAgo(second.id, 1_000);
    await madeAgo(third.id, 26);
    await store.deleteRetired();
    expect(await ids()).toEqual([third.id]);

    expect(await store.rotate(fourth, true)).toEqual([third.id]);
    expect(await ids()).toEqual([fourth.id]);
  } finally {
    await pool.end();
  }
});

test('two rotations at once are one after the other', async () => {
  const pool = createPool(database.url, { log: createLogger('silent') });
  const store = createSigningKeyStore(pool, systemClock);
  try {
    await pool.query('DELETE FROM signing_keys');
    await loadSigningKeys(pool, generateSigningKey);
    const keys = await Promise.all([1, 2, 3, 4].map(generateSigningKey));
    const olds = await Promise.all(keys.map((key) => store.rotate(key, false)));
    expect(olds.map(({ length }) => length).sort()).toEqual([1, 2, 3, 4]);
    expect(await store.read()).toHaveLength(5);
  } finally {
    await pool.end();
  }
});
