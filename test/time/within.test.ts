import { expect, test } from 'vitest';
import { sleep, within } from '../../src/time/within.js';
import { createFakeClock } from '../support/fake-clock.js';

test('gives the result in time, and leaves no timer', async () => {
  const clock = createFakeClock();
  expect(await within(clock, 100, Promise.resolve('done'), 'late')).toBe('done');
  await expect(within(clock, 100, Promise.reject(new Error('failed')), 'late')).rejects.toThrow('failed');
  expect(clock.pending).toBe(0);
});

test('gives the other value when the time is over; what becomes of the work is ignored', async () => {
  const clock = createFakeClock();
  let fail = (_error: Error): void => undefined;
  const work = new Promise<string>((_resolve, reject) => (fail = reject));
  const result = within(clock, 100, work, 'late');
  await clock.advance(100);
  expect(await result).toBe('late');
  fail(new Error('too late'));
  await clock.advance(1);
});

test('sleep resolves when its time is over', async () => {
  const clock = createFakeClock();
  let awake = false;
  void sleep(clock, 100).then(() => (awake = true));
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});
