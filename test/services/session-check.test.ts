import { expect, test } from 'vitest';
import { createSessionCheck } from '../../src/services/session-check.js';
import { deferred } from '../support/deferred.js';

function start() {
  const clock = { nowMs: 1_000_000 };
  const live = new Set(['s1', 's2', 's3']);
  const asked: string[] = [];
  const gate = { wait: Promise.resolve() };
  const sessions = createSessionCheck({
    liveSessions: {
      async has(sessionId) {
        asked.push(sessionId);
        const answer = live.has(sessionId);
        await gate.wait;
        return answer;
      },
    },
    now: () => clock.nowMs,
  });
  return { clock, live, asked, gate, sessions };
}

test('an answer holds for ten seconds and no longer', async () => {
  const { clock, live, asked, sessions } = start();
  expect(await sessions.isLive('ann', 's1')).toBe(true);
  live.delete('s1');
  clock.nowMs += 9_999;
  expect(await sessions.isLive('ann', 's1')).toBe(true);
  expect(asked).toHaveLength(1);
  clock.nowMs += 2;
  expect(await sessions.isLive('ann', 's1')).toBe(false);
});

test('a session that does not live is looked up each time', async () => {
  const { live, sessions } = start();
  expect(await sessions.isLive('ann', 's9')).toBe(false);
  live.add('s9');
  expect(await sessions.isLive('ann', 's9')).toBe(true);
});

test('forgetting one session leaves the others', async () => {
  const { asked, live, sessions } = start();
  for (const id of ['s1', 's2']) await sessions.isLive('ann', id);
  live.clear();
  sessions.forget('ann', 's1');
  expect(await sessions.isLive('ann', 's1')).toBe(false);
  expect(await sessions.isLive('ann', 's2')).toBe(true);
  expect(asked).toEqual(['s1', 's2', 's1']);
});

test('forgetting all of a user leaves the others', async () => {
  const { live, sessions } = start();
  await sessions.isLive('ann', 's1');
  await sessions.isLive('ann', 's2');
  await sessions.isLive('bob', 's3');
  live.clear();
  sessions.forget('ann', null);
  expect(await sessions.isLive('ann', 's1')).toBe(false);
  expect(await sessions.isLive('ann', 's2')).toBe(false);
  expect(await sessions.isLive('bob', 's3')).toBe(true);
});

test('a look-up under way when the session is forgotten is neither believed nor kept', async () => {
  const { live, gate, sessions } = start();
  const { promise, resolve } = deferred();
  gate.wait = promise;
  const early = sessions.isLive('ann', 's1');
  live.delete('s1');
  sessions.forget('ann', 's1');
  resolve();
  expect(await early).toBe(false);
  expect(await sessions.isLive('ann', 's1')).toBe(false);
});
