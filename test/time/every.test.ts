import { expect, test } from 'vitest';
import { every } from '../../src/time/every.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

test('a task runs again an interval after each run, and not after the end', async () => {
  const clock = createFakeClock();
  const ranAt: number[] = [];
  const startMs = clock.now();
  const stop = every(clock, 100, () => ranAt.push(clock.now() - startMs));
  await clock.advance(350);
  expect(ranAt).toEqual([100, 200, 300]);
  await stop();
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(ranAt).toHaveLength(3);
});

test('runs never overlap, and stopping waits for the run under way', async () => {
  const clock = createFakeClock();
  let runs = 0;
  let finish = (): void => undefined;
  const stop = every(clock, 100, () => {
    runs += 1;
    return new Promise<void>((resolve) => (finish = resolve));
  });
  await clock.advance(1_000);
  expect(runs).toBe(1);
  finish();
  await clock.advance(100);
  expect(runs).toBe(2);
  let stopped = false;
  const stopping = stop().then(() => (stopped = true));
  await settle();
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(clock.pending).toBe(0);
});
