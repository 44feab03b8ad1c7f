/** What PostgreSQL says, on every way by which it reaches us: pg, Prisma's models, Prisma's raw SQL, transactions. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccountsStore } from '../../../src/adapters/postgres/accounts-store.js';
import { createHistoryStore } from '../../../src/adapters/postgres/history-store.js';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import { databaseStore } from '../../../src/adapters/postgres/failures.js';
import { Prisma } from '../../../src/adapters/postgres/generated/client.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createPrisma } from '../../../src/adapters/postgres/prisma.js';
import { createFriendsStore } from '../../../src/adapters/postgres/friends-store.js';
import { DomainError } from '../../../src/domain/errors.js';
import type { Viewer } from '../../../src/domain/user.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { type AccountServices, DAY_MS, startAccountServices } from '../../support/account-services.js';

const EVER = { fromMs: null, toMs: null };
const unavailable = { name: 'DomainError', kind: 'unavailable' };

let services: AccountServices;
/** It takes five seconds, in which the other tests run. */
let exhausted: ReturnType<typeof askExhausted>;
let [ann, bob]: Viewer[] = [];
beforeAll(async () => {
  services = await startAccountServices();
  exhausted = askExhausted();
  const tables = ['users', 'friend_requests', 'outbox_notices', 'location_history'];
  await services.rows(`
    CREATE TABLE failure (code text);
    INSERT INTO failure VALUES (NULL);
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE told text := (SELECT code FROM failure);
    BEGIN
      IF told IS NOT NULL THEN RAISE EXCEPTION 'told to fail' USING ERRCODE = told; END IF;
      RETURN NEW;
    END $$;
    ${tables.map((table) => `CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION fail();`).join('')}`);
});
afterAll(() => services.stop());
beforeEach(async () => {
  await fail(null);
  [ann, bob] = await services.people(handle(), handle());
});

/** Asks a pool whose only connection is taken. */
async function askExhausted(): Promise<PromiseSettledResult<unknown>[]> {
  const pool = createPool(services.pool.options.connectionString ?? '', {
    log: { warn: () => undefined },
    maxConnections: 1,
  });
  const prisma = createPrisma(pool);
  const held = await pool.connect();
  const friends = createFriendsStore(prisma);
  const id = randomUUID();
  const outcomes = await Promise.allSettled([
    friends.friends(id, 1, null),
    friends.updateSharing(id, { enabled: true, untilMs: null }),
    createHistoryStore(pool).read(id, EVER, null, 1),
  ]);
  held.release();
  await prisma.$disconnect();
  await pool.end();
  return outcomes;
}

const handle = (): string => `u${randomUUID().replaceAll('-', '').slice(0, 20)}`;
const fail = (code: string | null) => services.rows('UPDATE failure SET code = $1', [code]);
const location = () => ({
  userId: ann?.userId ?? '',
  id: randomUUID(),
  fingerprint: null,
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs: Date.now(),
  receivedAtMs: Date.now(),
});

const prismaError = (code: string, message: string): Error =>
  new Prisma.PrismaClientKnownRequestError(message, { code, clientVersion: '7' });

/** Each takes another way to PostgreSQL. */
const WAYS: Record<string, () => Promise<unknown>> = {
  'a model outside of transactions': () => {
    const store = createAccountsStore(services.prisma, { sessionLifetimeMs: DAY_MS });
    const identity = {
      issuer: 'https://id.example',
      subject: randomUUID(),
      preferredUsername: null,
      name: null,
    };
    return store.createExternalUser(identity, { id: randomUUID(), handle: handle(), displayName: 'X' });
  },
  'a model in a transaction': () =>
    services.friends.updateSharing(viewer(ann), { enabled: false, untilMs: null }),
  'a model and raw SQL in a transaction': () => services.friends.sendRequest(viewer(ann), viewer(bob).userId),
  pg: () => createHistoryWriter(services.pool).write([location()]),
};

function viewer(one: Viewer | undefined): Viewer {
  if (one === undefined) throw new Error('nobody has signed up');
  return one;
}

describe.each(Object.entries(WAYS))('by %s', (_name, run) => {
  test.each([
    ['08006', 'the connection broke'],
    ['0A000', 'a newer version has changed the table of a prepared statement'],
    ['25006', 'read-only'],
    ['28000', 'not let in'],
    ['3D000', 'the database is gone'],
    ['40001', 'serialization failure'],
    ['40P01', 'deadlock'],
    ['42501', 'a right was taken away'],
    ['42703', 'a newer version has taken a column away'],
    ['42883', 'a function is gone'],
    ['42P01', 'another database, behind a failover'],
    ['42P05', 'the name of a statement is taken, on the connection of a pooler'],
    ['53100', 'disk full'],
    ['53300', 'too many connections'],
    ['55P03', 'lock timeout'],
    ['57014', 'statement timeout'],
    ['57P01', 'shut down by an administrator'],
    ['57P02', 'shut down by a crash'],
    ['57P03', 'starting up'],
    ['58030', 'input or output error'],
    ['XX000', 'internal error'],
  ])('%s (%s) is what the database may recover from', async (code) => {
    await fail(code);
    await expect(run()).rejects.toMatchObject(unavailable);
  });

  test.each(['21000', '22003', '23502', '23514', '42601', '42804', 'P0001'])(
    '%s is a defect of ours',
    async (code) => {
      await fail(code);
      const error: unknown = await run().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(DomainError);
    },
  );

  test('all is well when nothing fails any more', () => run());
});

describe('outside of statements', () => {
  test('a pool that is exhausted, inside of a transaction and outside', async () => {
    expect(await exhausted).toMatchObject([1, 2, 3].map(() => ({ status: 'rejected', reason: unavailable })));
  });

  test('a pool that is closed, and a PostgreSQL that is not there', async () => {
    const url = new URL(services.pool.options.connectionString ?? '');
    url.port = '1';
    const pool = createPool(url.href, { log: { warn: () => undefined } });
    const prisma = createPrisma(pool);
    const attempts = () => [
      createFriendsStore(prisma).friends(viewer(ann).userId, 1, null),
      createFriendsStore(prisma).updateSharing(viewer(ann).userId, { enabled: true, untilMs: null }),
      createHistoryStore(pool).read(viewer(ann).userId, EVER, null, 1),
    ];
    for (const { reason } of (await Promise.allSettled(attempts())) as PromiseRejectedResult[])
      expect(reason).toMatchObject(unavailable);
    await pool.end();
    for (const { reason } of (await Promise.allSettled(attempts())) as PromiseRejectedResult[])
      expect(reason).toMatchObject(unavailable);
    await prisma.$disconnect();
  });

  test('a PostgreSQL that hangs, after ten seconds', async () => {
    const holder = await services.pool.connect();
    await holder.query('BEGIN; LOCK TABLE users, location_history');
    const clock = createFakeClock();
    const friends = createFriendsStore(services.prisma, clock);
    const { userId } = viewer(ann);
    const attempts = Promise.allSettled([
      friends.sharing(userId),
      friends.updateSharing(userId, { enabled: true, untilMs: null }),
      createHistoryStore(services.pool, clock).read(userId, EVER, null, 1),
    ]);
    await clock.advance(10_000);
    for (const { reason } of (await attempts) as PromiseRejectedResult[])
      expect(reason).toMatchObject(unavailable);
    await holder.query('COMMIT');
    holder.release();
    expect(await createFriendsStore(services.prisma).sharing(userId)).toMatchObject({ enabled: true });
  });

  test.each([
    ['of Prisma, with the SQLSTATE in its text', prismaError('P2039', 'Database error. Code: `57P01`')],
    ['of Prisma, with nothing else', prismaError('P2010', 'Raw query failed.')],
    [
      'of the adapter, without a SQLSTATE',
      Object.assign(new Error('terminating connection due to administrator command'), {
        name: 'DriverAdapterError',
      }),
    ],
    ['of pg', new Error('Client has encountered a connection error and is not queryable')],
    ['of pg', new Error('Connection terminated unexpectedly')],
    ['of the network', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['of several addresses', new AggregateError([new Error('connect ECONNREFUSED ::1:5432')])],
  ])('a lost connection as an error %s', async (_name, error) => {
    const store = databaseStore({ ask: () => Promise.reject(error) });
    await expect(store.ask()).rejects.toMatchObject({ ...unavailable, cause: error });
  });

  test('what our own code throws stays a defect', async () => {
    const notAnId = createHistoryWriter(services.pool).write([{ ...location(), id: 'x' }]);
    await expect(notAnId).rejects.toBeInstanceOf(TypeError);
    const wrongArgument = createFriendsStore(services.prisma).friends(viewer(ann).userId, NaN, null);
    await expect(wrongArgument).rejects.not.toBeInstanceOf(DomainError);
  });
});
