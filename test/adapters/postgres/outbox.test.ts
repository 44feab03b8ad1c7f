import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { READ_BY_ALL_MS } from '../../../src/domain/delivery-times.js';
import type { AddressedNotification } from '../../../src/domain/notification.js';
import { systemClock } from '../../../src/time/clock.js';
import { createOutbox, startOutboxReader, startOutboxRelay } from '../../../src/services/outbox.js';
import { deferred } from '../../support/deferred.js';
import { startAccountServices, type AccountServices } from '../../support/account-services.js';

let services: AccountServices;
let round = 0;

beforeAll(async () => {
  services = await startAccountServices();
});
afterAll(() => services.stop());
beforeEach(async () => {
  round += 1;
  services.bus.failing = false;
  services.published.length = 0;
  await services.rows('DELETE FROM outbox_notices');
});

test('a change that can not be published is answered a second later, when every server has read it', async () => {
  const [ann, bob] = await services.people(`ann${round}`, `bob${round}`);
  const told: [AddressedNotification, number][] = [];
  const reader = await startReader((notification) => told.push([notification, performance.now()]));
  services.bus.failing = true;
  const beforeMs = performance.now();
  await services.friends.sendRequest(ann, bob.userId);
  const answeredAtMs = performance.now();
  expect(answeredAtMs - beforeMs).toBeGreaterThanOrEqual(READ_BY_ALL_MS - 1);
  expect(told.map(([{ userId }]) => userId).sort()).toEqual([ann.userId, bob.userId].sort());
  expect(Math.max(...told.map(([, atMs]) => atMs))).toBeLessThan(answeredAtMs);

  services.bus.failing = false;
  const againMs = performance.now();
  await services.friends.sendRequest(bob, ann.userId);
  expect(performance.now() - againMs).toBeLessThan(READ_BY_ALL_MS);
  await reader.close();
});

test('a change is answered in time while the bus hangs', async () => {
  const [ann, bob] = await services.people(`ann${round}`, `bob${round}`);
  const { promise: hung } = deferred();
  const outbox = createOutbox({
    store: services.outboxStore,
    publishNotifications: () => hung,
    log: services.log,
    clock: systemClock,
  });
  services.bus.failing = true;
  await services.friends.sendRequest(ann, bob.userId);
  const beforeMs = performance.now();
  await outbox.deliver([
    { id: '1', userId: bob.userId, notification: { kind: 'relation', friendId: ann.userId } },
  ]);
  expect(performance.now() - beforeMs).toBeLessThan(READ_BY_ALL_MS + 500);
});

test('the reader tells of each notification once, in any order of their commits, and of none that was there before', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 3);
  const told: string[] = [];
  const reader = await startReader(({ notification }) => told.push(JSON.stringify(notification)));
  const late = await services.pool.connect();
  await late.query('BEGIN');
  await late.query(`INSERT INTO outbox_notices (user_id, notice) VALUES ($1, '{"kind": "late"}')`, [
    ann.userId,
  ]);
  await write(ann.userId, 2);
  await expect.poll(() => told.length).toBe(2);
  await late.query('COMMIT');
  late.release();
  await expect.poll(() => told.length).toBe(3);
  expect(told[2]).toBe('{"kind":"late"}');
  await write(ann.userId, 1);
  await expect.poll(() => told.length).toBe(4);
  await reader.close();
  expect(await waiting()).toBe(7);
});

test('the reader leaves young notifications to those who wrote them', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 1);
  expect(await services.outboxStore.read('0', 60_000)).toEqual([]);
  expect(await services.outboxStore.read('0', 0)).toHaveLength(1);
  expect(await services.outboxStore.read(await services.outboxStore.newestId(), 0)).toEqual([]);
});

test('a change succeeds while the bus is down, and the relay tells of it later, in order', async () => {
  const [ann, bob] = await services.people(`ann${round}`, `bob${round}`);
  services.bus.failing = true;
  const sent = await services.friends.sendRequest(ann, bob.userId);
  await services.friends.accept(bob, sent.id);
  await services.friends.updateSharing(ann, { enabled: false, untilMs: null });
  expect(await waiting()).toBe(8);

  const relay = startRelay();
  await expect.poll(relayFailures).toBeGreaterThan(0);
  expect(await waiting()).toBe(8);
  services.bus.failing = false;
  await expect.poll(waiting).toBe(0);
  await relay.close();
  expect(services.published.filter(({ userId }) => userId === bob.userId)).toEqual([
    { userId: bob.userId, notification: { kind: 'request', request: sent } },
    { userId: bob.userId, notification: { kind: 'request', request: { ...sent, status: 'ACCEPTED' } } },
    { userId: bob.userId, notification: { kind: 'relation', friendId: ann.userId, isFriendship: true } },
    { userId: bob.userId, notification: { kind: 'relation', friendId: ann.userId } },
  ]);
});

test('what was written but never published, as after a crash, is published', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 2_500);
  const relay = startRelay();
  await expect.poll(waiting).toBe(0);
  await relay.close();
  expect(services.published).toHaveLength(2_500);
});

test('notifications that are younger than the relay waits are left to those who wrote them', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 3);
  const publish = async () => expect.unreachable();
  expect(await services.outboxStore.relay(60_000, 10, publish)).toBe(0);
  await services.rows(
    `UPDATE outbox_notices SET created_at = now() - interval '61 s' WHERE notice @> '{"n": 1}'`,
  );
  expect(await services.outboxStore.relay(60_000, 10, async () => {})).toBe(1);
  expect(await waiting()).toBe(2);
});

test('two relays at once share the work and publish nothing twice', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 400);
  const both = [1, 2].map(async () => {
    while ((await services.outboxStore.relay(0, 50, services.publishNotifications)) > 0);
  });
  await Promise.all(both);
  await expect.poll(waiting).toBe(0);
  expect(services.published).toHaveLength(400);
});

test('what one relay has in hand the other passes over, and gets when the first fails', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 5);
  const { promise: stuck, reject } = deferred();
  const { promise: begun, resolve: begin } = deferred();
  const first = services.outboxStore.relay(0, 10, () => {
    begin();
    return stuck;
  });
  await begun;
  expect(await services.outboxStore.relay(0, 10, services.publishNotifications)).toBe(0);
  reject(new Error('crashed'));
  await expect(first).rejects.toThrow('crashed');
  expect(await services.outboxStore.relay(0, 10, services.publishNotifications)).toBe(5);
});

test('closing waits for the run under way and starts no other', async () => {
  const [ann] = await services.people(`ann${round}`);
  await write(ann.userId, 5);
  const { promise: publishing, resolve: finish } = deferred();
  const { promise: begun, resolve: begin } = deferred();
  const publishNotifications = async () => {
    begin();
    await publishing;
  };
  const relay = startRelay(publishNotifications);
  await begun;
  let closed = false;
  const closing = relay.close().then(() => {
    closed = true;
  });
  await services.rows('SELECT 1');
  expect(closed).toBe(false);
  finish();
  await closing;
  expect(await waiting()).toBe(0);
});

const startReader = (receive: (notification: AddressedNotification) => void) =>
  startOutboxReader(
    { store: services.outboxStore, receive, log: services.log, clock: systemClock },
    { intervalMs: 10, minAgeMs: 0 },
  );

let failures = 0;

function startRelay(publishNotifications = services.publishNotifications) {
  failures = 0;
  const publish = (notifications: readonly AddressedNotification[]) =>
    publishNotifications(notifications).catch((error: unknown) => {
      failures += 1;
      throw error;
    });
  return startOutboxRelay(
    { store: services.outboxStore, publishNotifications: publish, log: services.log, clock: systemClock },
    { intervalMs: 10, minAgeMs: 0, batchSize: 1_000 },
  );
}

function relayFailures(): number {
  return failures;
}

async function waiting(): Promise<number> {
  const [row] = await services.rows<{ count: number }>('SELECT count(*)::int AS count FROM outbox_notices');
  return row?.count ?? 0;
}

async function write(userId: string, count: number): Promise<void> {
  await services.rows(
    `INSERT INTO outbox_notices (user_id, notice)
     SELECT $1, jsonb_build_object('kind', 'relation', 'friendId', $1::uuid, 'n', i) FROM generate_series(1, $2) i`,
    [userId, count],
  );
}
