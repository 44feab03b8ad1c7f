import { expect, test } from 'vitest';
import { at } from '../../src/time/at.js';
import { createFakeClock } from '../support/fake-clock.js';

test('runs once, at its instant', async () => {
  const clock = createFakeClock();
  const runs: number[] = [];
  const startMs = clock.now();
  at(clock, startMs + 12_000, () => runs.push(clock.now() - startMs));
  await clock.advance(11_999);
  expect(runs).toEqual([]);
  await clock.advance(60_000);
  expect(runs).toEqual([12_000]);
  expect(clock.pending).toBe(0);
});

test('an instant that has passed is due at once', async () => {
  const clock = createFakeClock();
  let runs = 0;
  at(clock, clock.now() - 1, () => runs++);
  await clock.advance(0);
  expect(runs).toBe(1);
});

test('a clock that is set forward makes it late by seconds, one that is set back never makes it early', async () => {
  const clock = createFakeClock();
  const startMs = clock.now();
  const runs: string[] = [];
  at(clock, startMs + 600_000, () => runs.push('forward'));
  clock.set(startMs + 600_000);
  await clock.advance(5_000);
  expect(runs).toEqual(['forward']);

  at(clock, clock.now() + 2_000, () => runs.push('back'));
  clock.set(clock.now() - 60_000);
  await clock.advance(61_000);
  expect(runs).toEqual(['forward']);
  await clock.advance(5_000);
  expect(runs).toEqual(['forward', 'back']);
});

test('can be cancelled while it waits, also after its first look at the clock', async () => {
  const clock = createFakeClock();
  const cancel = at(clock, clock.now() + 20_000, () => expect.unreachable());
  await clock.advance(11_000);
  cancel();
  expect(clock.pending).toBe(0);
});
