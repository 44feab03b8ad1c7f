import { beforeEach, expect, test } from 'vitest';
import { SESSION_RECHECK_MS } from '../../src/domain/delivery-times.js';
import {
  type RecheckedSession,
  type SessionRecheck,
  startSessionRecheck,
} from '../../src/services/session-recheck.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';

let clock: FakeClock;
let unheard: Set<string>;
let sessionRecheck: SessionRecheck;
let checked: string[];

beforeEach(() => {
  clock = createFakeClock();
  unheard = new Set();
  checked = [];
  sessionRecheck = startSessionRecheck((userId) => !unheard.has(userId), clock);
});

function add(userId: string, isDoubtful = false): RecheckedSession {
  const session = {
    userId,
    async recheck() {
      checked.push(userId);
    },
  };
  sessionRecheck.add(session, isDoubtful);
  return session;
}

/** Who is checked in the next period. */
async function next(): Promise<string[]> {
  checked = [];
  await clock.advance(SESSION_RECHECK_MS);
  await settle();
  return checked;
}

test('nobody is checked while notifications arrive', async () => {
  add('ann');
  add('bob');
  expect(await next()).toEqual([]);
});

test('whose notifications may not arrive is checked again and again, and once more when they do', async () => {
  add('ann');
  add('bob');
  unheard.add('ann');
  expect(await next()).toEqual(['ann']);
  expect(await next()).toEqual(['ann']);
  unheard.clear();
  expect(await next()).toEqual(['ann']);
  expect(await next()).toEqual([]);
});

test('who may have missed one before is checked once', async () => {
  add('ann', true);
  expect(await next()).toEqual(['ann']);
  expect(await next()).toEqual([]);
});

test('who is gone is not checked', async () => {
  const ann = add('ann', true);
  sessionRecheck.remove(ann);
  expect(await next()).toEqual([]);
});

test('two thousand are checked in one period, in more than one turn of the event loop', async () => {
  for (let nth = 0; nth < 2_000; nth++) add(`user ${nth}`, true);
  await clock.advance(SESSION_RECHECK_MS);
  expect(checked.length).toBeLessThan(2_000);
  await expect.poll(() => checked.length, { interval: 1 }).toBe(2_000);
});
