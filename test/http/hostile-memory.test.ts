import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultyServer, startFaultyServer } from '../faults/server.js';
import { request, signUp } from '../support/api.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const MB = 1024 * 1024;
/** What all documents together may take. */
const CACHE_BYTES = 32 * MB;
/** What a heap may grow by besides, as functions are compiled and connections come and go. */
const NOISE_BYTES = 8 * MB;

let database: TestDatabase;
let redis: TestRedis;
let server: FaultyServer;
let token: string;
let number = 0;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  server = await startFaultyServer({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  ({ token } = await signUp(server.url));
  // Everything has run once before the heap is measured.
  await overSocket(null, Array.from({ length: 20 }, longDocument));
  await overHttp(null, Array.from({ length: 20 }, longDocument));
}, 60_000);

afterAll(async () => {
  await server.close();
  await redis.close();
  await database.drop();
});

/** Another one of nearly 1,000 tokens each time, which is as long as they may be. */
const longDocument = (): string => `query Q${++number} { ${'me { id } sharing { until } '.repeat(123)} }`;

/** A document that is refused proves nothing. */
function expectTaken(answer: unknown): void {
  expect(JSON.stringify(answer)).not.toMatch(/GRAPHQL_(PARSE|VALIDATION)_FAILED/);
}

async function overSocket(
  as: string | null,
  queries: readonly string[],
  variables: readonly object[] = [{}],
): Promise<void> {
  const raw = await openRawSocket(server.url);
  await raw.init(as);
  for (const [nth, query] of queries.entries()) {
    for (const [combination, values] of variables.entries()) {
      const id = `${nth}/${combination}`;
      raw.send({ id, type: 'subscribe', payload: { query, variables: values } });
      expectTaken(await raw.message((message) => message.id === id));
      raw.send({ id, type: 'complete' });
      (raw.messages as unknown[]).length = 0;
    }
  }
  raw.socket.close();
  await raw.closed;
}

async function overHttp(as: string | null, queries: readonly string[]): Promise<void> {
  for (const query of queries) expectTaken(await request(server.url, as, query));
}

it(
  '150 long documents without a token leave nothing, whether over a socket or HTTP',
  { timeout: 120_000 },
  async () => {
    const before = await server.heapBytes();
    await overSocket(null, Array.from({ length: 100 }, longDocument));
    await overHttp(null, Array.from({ length: 50 }, longDocument));
    expect((await server.heapBytes()) - before).toBeLessThan(NOISE_BYTES);
  },
);

it(
  'documents of users take 32 MB at most, with all that is compiled from them',
  { timeout: 120_000 },
  async () => {
    const before = await server.heapBytes();
    const growth = async (): Promise<number> => (await server.heapBytes()) - before;
    await overSocket(token, Array.from({ length: 40 }, longDocument));
    await overHttp(token, Array.from({ length: 40 }, longDocument));
    expect(await growth()).toBeLessThan(CACHE_BYTES + NOISE_BYTES);

    // Each combination of Boolean variables is another selection. More lists would cost too much.
    const [lists, friend] = [5, '{ friend { id handle } distanceMeters }'];
    const names = Array.from({ length: 20 }, (_, nth) => `b${nth}`);
    const combinations = Array.from({ length: 6 }, (_, bits) =>
      Object.fromEntries(names.map((name, nth) => [name, ((bits >> (nth % 3)) & 1) === 1])),
    );
    const conditional = (): string =>
      `subscription S${++number}(${names.map((name) => `$${name}: Boolean!`).join(' ')}) { nearbyFriends { ${names
        .map(
          (name, nth) =>
            `${name}: ${nth < lists ? 'nearby' : 'snapshot'} @include(if: $${name}) ${nth < lists ? friend : ''}`,
        )
        .join(' ')} } }`;
    await overSocket(token, Array.from({ length: 60 }, conditional), combinations);
    expect(await growth()).toBeLessThan(CACHE_BYTES + NOISE_BYTES);

    const short = (): string => `query Q${++number} { me { id } }`;
    await overSocket(token, Array.from({ length: 1_000 }, short));
    expect(await growth()).toBeLessThan(CACHE_BYTES + NOISE_BYTES);
  },
);

it(
  'one document with a thousand combinations of Boolean variables takes no more than with a few',
  { timeout: 120_000 },
  async () => {
    const names = Array.from({ length: 10 }, (_, nth) => `b${nth}`);
    const query = `subscription (${names.map((name) => `$${name}: Boolean!`).join(' ')}) { nearbyFriends { ${names
      .map((name) => `${name}: nearby @include(if: $${name}) { distanceMeters }`)
      .join(' ')} } }`;
    const combinations = (count: number): object[] =>
      Array.from({ length: count }, (_, bits) =>
        Object.fromEntries(names.map((name, nth) => [name, ((bits >> nth) & 1) === 1])),
      );
    await overSocket(token, [query], combinations(20));
    const before = await server.heapBytes();
    await overSocket(token, [query], combinations(1_000));
    expect((await server.heapBytes()) - before).toBeLessThan(NOISE_BYTES / 2);
  },
);

it('sockets that send and never read keep two megabytes each at most', { timeout: 120_000 }, async () => {
  const long = 'x'.repeat(2_000);
  const query = `{ ${Array.from({ length: 95 }, (_, nth) => `${long}${nth}: __typename`).join(' ')} }`;
  const ping = { type: 'ping', payload: { text: 'x'.repeat(400) } };
  const before = await server.heapBytes();
  const sockets = [];
  for (const count of [30_000, 30_000, 150, 150]) {
    const raw = await openRawSocket(server.url);
    await raw.init(null);
    raw.socket.pause();
    for (let nth = 0; nth < count; nth++) {
      raw.send(count > 1_000 ? ping : { id: String(nth), type: 'subscribe', payload: { query } });
    }
    // The server has taken what it will when nothing more leaves.
    let waiting = Infinity;
    while (raw.socket.bufferedAmount < waiting) {
      waiting = raw.socket.bufferedAmount;
      await sleep(500);
    }
    sockets.push(raw);
  }
  expect((await server.heapBytes()) - before).toBeLessThan(sockets.length * 2 * MB + NOISE_BYTES);
  for (const { socket } of sockets) socket.terminate();
});
