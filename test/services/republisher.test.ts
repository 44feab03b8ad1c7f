import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import { systemClock } from '../../src/time/clock.js';
import { createRepublisher } from '../../src/services/republisher.js';

const TTL_MS = 10_000;

let up: boolean;
let told: [string, string][];
let givenUp: number;
let retry: ReturnType<typeof createRepublisher>;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  const away = new Error('away');
  [up, told, givenUp] = [true, [], 0];
  const store = {
    publish(userId: string, { id }: LocationUpdate) {
      if (!up) return Promise.reject(away);
      told.push([userId, id]);
      return Promise.resolve();
    },
    clear(userId: string, clearedAtMs: number) {
      if (!up) return Promise.reject(away);
      told.push([userId, `cleared at ${clearedAtMs}`]);
      return Promise.resolve(true);
    },
  };
  retry = createRepublisher({ store, locationTtlMs: TTL_MS, clock: systemClock, onGivenUp: () => givenUp++ });
});

afterEach(() => {
  retry.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const update = (id: string, recordedAtMs = Date.now()): LocationUpdate => ({
  id,
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs,
  receivedAtMs: Date.now(),
});

it('tells at once while it can, and then has no timer', async () => {
  await retry.publish('ann', update('1'));
  expect(told).toEqual([['ann', '1']]);
  expect(vi.getTimerCount()).toBe(0);
});

it('rejects what cannot be told, and tells the newest of each user when it can', async () => {
  up = false;
  for (const [user, id, recordedAtMs] of [
    ['ann', '1', 5],
    ['ann', '3', 7],
    ['ann', '2', 6],
    ['bob', '4', 1],
  ] as const) {
    await expect(retry.publish(user, update(id, recordedAtMs))).rejects.toThrow('away');
  }
  await vi.advanceTimersByTimeAsync(3_000);
  up = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([
    ['ann', '3'],
    ['bob', '4'],
  ]);
});

it('holds the newest of each device: which of them is shown is decided when it can be', async () => {
  up = false;
  for (const [id, recordedAtMs, device] of [
    ['1', 5, 'phone'],
    ['2', 6, 'tablet'],
    ['3', 7, 'phone'],
  ] as const) {
    await expect(retry.publish('ann', { ...update(id, recordedAtMs), device })).rejects.toThrow('away');
  }
  await expect(retry.publish('bob', { ...update('4'), device: 'phone' })).rejects.toThrow('away');
  await expect(retry.clear('bob', 1)).rejects.toThrow('away');
  up = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.toSorted()).toEqual([
    ['ann', '2'],
    ['ann', '3'],
    ['bob', 'cleared at 1'],
  ]);
});

it('takes a location back when it can, unless its user reports a later one before', async () => {
  expect(await retry.clear('ann', 1)).toBe(true);
  up = false;
  for (const user of ['ann', 'bob']) await expect(retry.clear(user, 2)).rejects.toThrow('away');
  // It was on its way.
  await retry.publish('ann', { ...update('0', 1), receivedAtMs: 2 });
  await expect(retry.publish('bob', update('1'))).rejects.toThrow('away');
  up = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([
    ['ann', 'cleared at 1'],
    ['ann', 'cleared at 2'],
    ['bob', '1'],
  ]);
});

it('gives up who has become inactive and who takes the location back', async () => {
  up = false;
  await expect(retry.publish('ann', update('1'))).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(TTL_MS - 1_000);
  await expect(retry.publish('bob', update('2'))).rejects.toThrow();
  await expect(retry.publish('carol', update('3'))).rejects.toThrow();
  await expect(retry.clear('bob', 1)).rejects.toThrow('away');
  await vi.advanceTimersByTimeAsync(1_500);
  up = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([
    ['carol', '3'],
    ['bob', 'cleared at 1'],
  ]);
});

it('gives up who was kept first when too many wait', async () => {
  up = false;
  const all = Array.from({ length: 100_002 }, (_, nth) => retry.publish(`${nth}`, update('1')));
  expect((await Promise.allSettled(all)).every(({ status }) => status === 'rejected')).toBe(true);
  expect(givenUp).toBe(2);
  up = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([told[0], told.length]).toEqual([['2', '1'], 100_000]);
});
