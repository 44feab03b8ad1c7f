import { expect, test } from 'vitest';
import { createSessionCheck } from '../../src/services/session-check.js';
import { deferred } from '../support/deferred.js';

function start() {
  const clock = { nowMs: 1_000_000 };
  const store = {
    live: new Set(['s1', 's2', 's3']),
    asked: 0,
    down: false,
    wait: Promise.resolve(),
    async has(sessionId: string) {
      store.asked += 1;
      if (store.down) throw new Error('The database is down');
      const answer = store.live.has(sessionId);
      await store.wait;
      return answer;
    },
  };
  const sessions = createSessionCheck({ activeSessions: store, monotonic: () => clock.nowMs });
  return { clock, store, sessions };
}

test('every question is asked, so that an end counts at once', async () => {
  const { store, sessions } = start();
  expect(await sessions.isActive('ann', 's1')).toBe(true);
  store.live.delete('s1');
  expect(await sessions.isActive('ann', 's1')).toBe(false);
  expect(await sessions.isActive('ann', 's9')).toBe(false);
  expect(store.asked).toBe(3);
});

test('while the store is down, who lived goes on for ten minutes, and nobody else', async () => {
  const { clock, store, sessions } = start();
  await sessions.isActive('ann', 's1');
  store.down = true;
  await expect(sessions.isActive('bob', 's2')).rejects.toThrow('down');
  for (let second = 0; second < 599; second += 1) {
    clock.nowMs += 1_000;
    expect(await sessions.isActive('ann', 's1')).toBe(true);
  }
  expect(store.asked).toBeLessThan(125);
  clock.nowMs += 2_000;
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
});

test('when the store is back, its answer counts within five seconds', async () => {
  const { clock, store, sessions } = start();
  await sessions.isActive('ann', 's1');
  store.down = true;
  expect(await sessions.isActive('ann', 's1')).toBe(true);
  store.down = false;
  store.live.delete('s1');
  clock.nowMs += 5_000;
  expect(await sessions.isActive('ann', 's1')).toBe(false);
  store.down = true;
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
});

test('one that was forgotten does not go on while the store is down', async () => {
  const { store, sessions } = start();
  for (const id of ['s1', 's2']) await sessions.isActive('ann', id);
  await sessions.isActive('bob', 's3');
  store.down = true;
  sessions.forget('ann', 's1');
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
  expect(await sessions.isActive('ann', 's2')).toBe(true);
  sessions.forget('ann', null);
  await expect(sessions.isActive('ann', 's2')).rejects.toThrow('down');
  expect(await sessions.isActive('bob', 's3')).toBe(true);
});

test('a look-up under way when the session is forgotten is neither believed nor kept', async () => {
  const { store, sessions } = start();
  const { promise, resolve } = deferred();
  store.wait = promise;
  const early = sessions.isActive('ann', 's1');
  store.live.delete('s1');
  sessions.forget('ann', 's1');
  resolve();
  expect(await early).toBe(false);
  store.down = true;
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
});
