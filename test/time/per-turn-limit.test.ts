import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { createPerTurnLimit } from '../../src/time/per-turn-limit.js';

test('lets so many through in a turn of the event loop, the others in order in the next ones', async () => {
  const pass = createPerTurnLimit(2, systemClock);
  const entered: number[] = [];
  const enter = (...numbers: number[]): void => {
    for (const number of numbers) pass(() => entered.push(number));
  };
  enter(1, 2, 3, 4, 5);
  expect(entered).toEqual([1, 2]);
  await turn();
  expect(entered).toEqual([1, 2, 3, 4]);
  enter(6);
  await turn();
  expect(entered).toEqual([1, 2, 3, 4, 5, 6]);
  await turn();
  enter(7, 8, 9);
  expect(entered).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
