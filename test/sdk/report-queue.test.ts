import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NearbyFriendsError } from '../../sdk/src/errors.js';
import { createReportQueue, type Report } from '../../sdk/src/report-queue.js';
import { randomId } from '../../sdk/src/random-id.js';
import type { AsyncTextStorage, TextStorage } from '../../sdk/src/tokens.js';

const KEY = 'reports';
const LONGEST_RETRY_MS = 60_000;

/** What sending the next reports ends with, in order; all others arrive. */
let failures: unknown[];
let arrived: number[];
/** How many reports each attempt sent. */
let batches: number[];
let settled: [latitude: number, code: string | null][];
let signedOut: number;
let clientErrors: string[];

beforeEach(() => {
  vi.useFakeTimers();
  [failures, arrived, batches, settled, signedOut, clientErrors] = [[], [], [], [], 0, []];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(
  storage?: TextStorage | AsyncTextStorage,
  ready: () => Promise<unknown> = async () => undefined,
) {
  return createReportQueue({
    clock: { aheadMs: 0, isAgreed: true },
    newId: randomId,
    ready,
    async send(reports: readonly Report[]) {
      batches.push(reports.length);
      if (failures.length > 0) throw failures.shift();
      arrived.push(...reports.map(({ latitude }) => latitude));
    },
    storage,
    storageKey: KEY,
    onSettled: ({ latitude }, error) => settled.push([latitude, error?.code ?? null]),
    onSignedOut: () => signedOut++,
    onClientError: ({ message }) => clientErrors.push(message),
  });
}

const fix = (latitude: number) => ({
  ...{ latitude, longitude: 0, accuracyMeters: null },
  takenAtMs: Date.now(),
  serverTimeMs: Date.now(),
});

function memoryStorage(): TextStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

test('reports arrive in order; one that can not be sent now is sent again, and the others wait for it', async () => {
  failures = [
    new NearbyFriendsError('UNREACHABLE', 'no answer'),
    new NearbyFriendsError('UNAVAILABLE', 'later'),
  ];
  const queue = open();
  for (const latitude of [1, 2, 3]) queue.add(fix(latitude));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[], 3]);
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect([arrived, queue.size]).toEqual([[1, 2, 3], 0]);
  expect(settled).toEqual([
    [1, null],
    [2, null],
    [3, null],
  ]);
});

test('one that is refused for good is told of and forgotten', async () => {
  failures = [new NearbyFriendsError('BAD_USER_INPUT', 'too old', { indexes: [0] })];
  const queue = open();
  queue.add(fix(1));
  queue.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[2], 0]);
  expect(settled).toEqual([
    [1, 'BAD_USER_INPUT'],
    [2, null],
  ]);
});

test('what waits goes in batches, the newest first and few, each batch in order', async () => {
  failures = [new NearbyFriendsError('UNREACHABLE', 'no answer')];
  const queue = open();
  for (let latitude = 0; latitude < 1_200; latitude++) queue.add(fix(latitude));
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  expect(arrived).toEqual([
    ...range(1_150, 1_200),
    ...range(650, 1_150),
    ...range(150, 650),
    ...range(0, 150),
  ]);
  expect(batches).toEqual([50, 50, 500, 500, 150]);
});

test('a queue that is closed while it waits for the server sends nothing more', async () => {
  const queue = open();
  queue.add(fix(1));
  queue.close();
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect([arrived, queue.size]).toEqual([[], 1]);
});

test('a server that refuses batches gets each report alone', async () => {
  failures = [new NearbyFriendsError('GRAPHQL_VALIDATION_FAILED', 'no such field')];
  const queue = open();
  for (const latitude of [1, 2, 3]) queue.add(fix(latitude));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[3, 2, 1], 0]);
  expect(settled.map(([, code]) => code)).toEqual([null, null, null]);
});

test('an error that nobody foresaw loses nothing and stops nothing, and is told', async () => {
  failures = [new TypeError('of a transport')];
  const queue = open();
  queue.add(fix(1));
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect([arrived, queue.size]).toEqual([[1], 0]);
  queue.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  expect(arrived).toEqual([1, 2]);
  expect(clientErrors).toEqual(['The client failed: of a transport']);
});

test('a browser that refuses its locks keeps no report from arriving', async () => {
  const refused = new DOMException('Access to the Locks API is denied in this context.', 'SecurityError');
  vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(refused) } });
  const queue = open(memoryStorage());
  queue.add(fix(1));
  queue.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[1, 2], 0]);
});

test('without a session reports wait until somebody has signed in', async () => {
  failures = [new NearbyFriendsError('SIGNED_OUT', 'sign in')];
  const queue = open();
  queue.add(fix(1));
  await vi.advanceTimersByTimeAsync(10 * LONGEST_RETRY_MS);
  expect([arrived, queue.size, signedOut]).toEqual([[], 1, 1]);
  queue.resume();
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[1], 0]);
});

test('what waits outlives the app where there is a storage', async () => {
  const storage = memoryStorage();
  failures = [new NearbyFriendsError('UNREACHABLE', 'no answer')];
  const before = open(storage);
  before.add(fix(1));
  before.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  before.close();
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect(arrived).toEqual([]);

  const after = open(storage);
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, after.size, storage.getItem(KEY)]).toEqual([[1, 2], 0, null]);
});

test('a storage that is full or forbidden keeps no report from arriving', async () => {
  const forbidden = (): never => {
    throw new Error('QuotaExceededError');
  };
  const queue = open({ getItem: forbidden, setItem: forbidden, removeItem: forbidden });
  queue.add(fix(1));
  queue.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[1, 2], 0]);
});

test('tabs that share a storage lose nothing of one another, and take turns in sending', async () => {
  vi.stubGlobal('navigator', { locks: fairLocks() });
  const storage = memoryStorage();
  failures = [new NearbyFriendsError('UNREACHABLE', 'no answer')];
  const here = open(storage);
  const there = open(storage);
  here.add(fix(1));
  there.add(fix(2));
  here.add(fix(3));
  expect([here.size, there.size]).toEqual([3, 3]);
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect([arrived, here.size, there.size]).toEqual([[1, 2, 3], 0, 0]);
});

test('a tab that waits for the server keeps no other tab from sending', async () => {
  vi.stubGlobal('navigator', { locks: fairLocks() });
  const storage = memoryStorage();
  const away = open(storage, () => new Promise(() => undefined));
  away.add(fix(1));
  await vi.advanceTimersByTimeAsync(0);
  const here = open(storage);
  here.add(fix(2));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, away.size]).toEqual([[1, 2], 0]);
});

test('what waits while the server is away is no batch yet: what comes meanwhile goes first', async () => {
  let answers = (): void => undefined;
  const queue = open(undefined, () => new Promise<void>((resolve) => (answers = resolve)));
  for (let latitude = 0; latitude < 600; latitude++) queue.add(fix(latitude));
  await vi.advanceTimersByTimeAsync(0);
  queue.add(fix(600));
  answers();
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived[0], arrived[49]]).toEqual([551, 600]);
});

test('what another program put into the storage is left out', async () => {
  const storage = memoryStorage();
  storage.setItem(KEY, '[null, 7, {"id": "x"}, {"id": 7, "recordedAt": "2026-11-28T12:00:00.000Z"}]');
  const queue = open(storage);
  expect(queue.size).toBe(0);
  queue.add(fix(1));
  await vi.advanceTimersByTimeAsync(0);
  expect([arrived, queue.size]).toEqual([[1], 0]);
});

test('a tab sends what another left behind when it was closed', async () => {
  const storage = memoryStorage();
  failures = [new NearbyFriendsError('UNREACHABLE', 'no answer')];
  const there = open(storage);
  const here = open(storage);
  here.add(fix(1));
  await vi.advanceTimersByTimeAsync(0);
  here.close();
  there.add(fix(2));
  await vi.advanceTimersByTimeAsync(LONGEST_RETRY_MS);
  expect([arrived, there.size]).toEqual([[1, 2], 0]);
});

/** One lock, in the order of asking: what of the Web Locks API is used here. */
function fairLocks() {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    request<Result>(_name: string, _options: object, work: () => Promise<Result>): Promise<Result> {
      const result = turn.then(work);
      turn = result;
      return result;
    },
  };
}
