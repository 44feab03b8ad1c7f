import { expect, test } from 'vitest';
import { createServerTickScheduler, createTickScheduler } from '../../src/services/tick-scheduler.js';
import { createFakeClock, START_MS } from '../support/fake-clock.js';

const EVERY_MS = 50;

test('what falls due since the last tick goes together, nothing before it is due', async () => {
  const clock = createFakeClock();
  const ticks = createTickScheduler(EVERY_MS, clock);
  const told: [due: number, at: number][] = [];
  for (const due of [1, 30, 50, 51, 400]) {
    ticks.schedule(START_MS + due, { onTick: () => told.push([due, clock.now() - START_MS]) });
  }
  expect(clock.pending).toBe(3);
  await clock.advance(1_000);
  expect(told).toEqual([
    [1, 50],
    [30, 50],
    [50, 50],
    [51, 100],
    [400, 400],
  ]);
});

test('what is taken back is not told, and leaves no timer when it was the last of its tick', async () => {
  const clock = createFakeClock();
  const ticks = createTickScheduler(EVERY_MS, clock);
  const told: string[] = [];
  const [ann, bob] = [{ onTick: () => told.push('ann') }, { onTick: () => told.push('bob') }];
  ticks.schedule(START_MS + 10, ann);
  ticks.schedule(START_MS + 20, bob);
  ticks.cancel(START_MS + 10, ann);
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  expect(told).toEqual(['bob']);

  ticks.schedule(clock.now() + 10, ann);
  ticks.cancel(clock.now() + 10, ann);
  expect(clock.pending).toBe(0);

  void ticks.next().then(() => told.push('who waited'));
  ticks.schedule(clock.now() + 10, ann);
  ticks.cancel(clock.now() + 10, ann);
  await clock.advance(EVERY_MS);
  expect(told).toEqual(['bob', 'who waited']);
});

test('what is asked for during a tick comes in a later one', async () => {
  const clock = createFakeClock();
  const ticks = createTickScheduler(EVERY_MS, clock);
  const toldAt: number[] = [];
  const again = { onTick: () => toldAt.push(clock.now()) };
  ticks.schedule(START_MS + 10, {
    onTick() {
      toldAt.push(clock.now());
      ticks.schedule(clock.now() + 1_000, again);
    },
  });
  await clock.advance(2_000);
  expect(toldAt).toEqual([START_MS + 50, START_MS + 1_050]);
});

test('all who wait for the next tick go on together, after a tick the next one', async () => {
  const clock = createFakeClock();
  const ticks = createTickScheduler(EVERY_MS, clock);
  await clock.advance(20);
  const passed: [who: string, at: number][] = [];
  const wait = async (who: string): Promise<void> => {
    await ticks.next();
    passed.push([who, clock.now() - START_MS]);
  };
  void wait('ann').then(() => wait('ann again'));
  await clock.advance(20);
  void wait('bob');
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(passed).toEqual([]);
  await clock.advance(1_000);
  expect(passed).toEqual([
    ['ann', 50],
    ['bob', 50],
    ['ann again', 100],
  ]);
  expect(clock.pending).toBe(0);
});

test('frames leave with the updates that are told in their tick, an eighth of the interval long', async () => {
  const clock = createFakeClock();
  const ticks = createServerTickScheduler(1_000, clock);
  const told: string[] = [];
  const frames: [told: string, at: number][] = [];
  ticks.schedule(START_MS + 45, { onTick: () => frames.push([told.join(), clock.now() - START_MS]) });
  await clock.advance(45);
  const tell = async (who: string): Promise<void> => {
    await ticks.next();
    await Promise.resolve();
    process.nextTick(() => told.push(who));
  };
  void tell('ann');
  void tell('bob');
  await clock.advance(1_000);
  expect(frames).toEqual([['ann,bob', 125]]);
});

test('servers tick at the same moments, whenever they started', async () => {
  const toldAt: number[] = [];
  for (const sinceTickMs of [0, 1, 17, EVERY_MS - 1]) {
    const clock = createFakeClock(START_MS + sinceTickMs);
    const ticks = createTickScheduler(EVERY_MS, clock);
    ticks.schedule(clock.monotonic() + 100, { onTick: () => toldAt.push(clock.now() - START_MS) });
    await clock.advance(1_000);
  }
  expect(toldAt).toEqual([100, 150, 150, 150]);
});
