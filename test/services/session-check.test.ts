import { expect, test } from 'vitest';
import { createSessionCheck } from '../../src/services/session-check.js';
import { deferred } from '../support/deferred.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

function start() {
  const clock = createFakeClock();
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
  const sessions = createSessionCheck({ activeSessions: store, clock });
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
    await clock.advance(1_000);
    for (let nth = 0; nth < 5; nth++) expect(await sessions.isActive('ann', 's1')).toBe(true);
  }
  expect(store.asked).toBeLessThan(610);
  await clock.advance(2_000);
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
});

test('when the store is back, its answer counts within a second', async () => {
  const { clock, store, sessions } = start();
  await sessions.isActive('ann', 's1');
  store.down = true;
  expect(await sessions.isActive('ann', 's1')).toBe(true);
  store.down = false;
  store.live.delete('s1');
  await clock.advance(1_000);
  expect(await sessions.isActive('ann', 's1')).toBe(true);
  await settle();
  expect(await sessions.isActive('ann', 's1')).toBe(false);
  store.down = true;
  await expect(sessions.isActive('ann', 's1')).rejects.toThrow('down');
});

test('of a store that hangs, one look-up waits half a second; then nobody does who lived, until it answers', async () => {
  const { clock, store, sessions } = start();
  for (const id of ['s1', 's2']) await sessions.isActive('ann', id);
  const { promise, resolve } = deferred();
  store.wait = promise;
  const answers: string[] = [];
  const check = (id: string) => void sessions.isActive('ann', id).then((is) => answers.push(`${id} ${is}`));
  check('s1');
  await clock.advance(499);
  expect(answers).toEqual([]);
  await clock.advance(1);
  expect(answers).toEqual(['s1 true']);
  // Who was not seen by then, however long ago it was asked about the others.
  check('s2');
  check('s3');
  await clock.advance(30_000);
  expect(answers).toEqual(['s1 true', 's2 true']);
  check('s1');
  await settle();
  expect(answers).toHaveLength(3);
  store.live.delete('s2');
  resolve();
  await settle();
  expect(answers).toContain('s3 true');
  expect(await sessions.isActive('ann', 's2')).toBe(false);
});

test('a session that ends while its look-up hangs does not count as live', async () => {
  const { clock, store, sessions } = start();
  await sessions.isActive('ann', 's1');
  const { promise, resolve } = deferred();
  store.wait = promise;
  let answer: boolean | null = null;
  void sessions.isActive('ann', 's1').then((is) => (answer = is));
  store.live.delete('s1');
  sessions.forget('ann', 's1');
  await clock.advance(5_000);
  expect(answer).toBeNull();
  resolve();
  await settle();
  expect(answer).toBe(false);
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
