import { beforeEach, expect, test } from 'vitest';
import { type ServerClock, startServerClock } from '../../src/time/server-clock.js';
import { createFakeClock, type FakeClock, settle, START_MS } from '../support/fake-clock.js';

const TEN_MINUTES_MS = 600_000;

let own: FakeClock;
/** What the reference is ahead of the true time; null while it does not answer. */
let referenceAheadMs: number | null;
/** How long it takes to answer. */
let tookMs: number;
/** How long the machine was suspended, which its monotonic clock does not count. */
let sleptMs: number;
let corrections: number[];

beforeEach(() => {
  own = createFakeClock();
  [referenceAheadMs, tookMs, sleptMs, corrections] = [0, 0, 0, []];
});

/** The fake clock's monotonic time counts from the epoch. */
const trueMs = (): number => own.monotonic() + sleptMs;

function start(): Promise<ServerClock> {
  return startServerClock({
    own,
    async readReference() {
      own.slip(tookMs);
      if (referenceAheadMs === null) throw new Error('no answer');
      return trueMs() + referenceAheadMs;
    },
    onCorrected: (secondsAhead) => corrections.push(secondsAhead),
  });
}

test('shows the own time to the millisecond while the reference differs by less than two seconds', async () => {
  referenceAheadMs = 1_900;
  const clock = await start();
  for (const ms of [0, 500, 1_000, 7_000]) {
    await own.advance(ms);
    expect(clock.now()).toBe(own.now());
  }
  expect(corrections).toEqual([]);
  clock.close();
});

test.each([-TEN_MINUTES_MS, TEN_MINUTES_MS])(
  'starts right on a server that is wrong by %d ms',
  async (wrongMs) => {
    own.set(START_MS + wrongMs);
    const clock = await start();
    expect(clock.now()).toBe(trueMs());
    expect(corrections).toEqual([wrongMs / 1_000]);
    clock.close();
  },
);

test.each([-TEN_MINUTES_MS, TEN_MINUTES_MS])(
  'stays right when the own clock is set by %d ms',
  async (byMs) => {
    const clock = await start();
    await own.advance(3_300);
    own.set(own.now() + byMs);
    for (let second = 0; second < 30; second++) {
      expect(Math.abs(clock.now() - trueMs())).toBeLessThan(5);
      await own.advance(700);
    }
    expect(corrections).toEqual([byMs / 1_000]);
    clock.close();
  },
);

test('follows when the own clock and the reference are both put right, within seconds', async () => {
  const clock = await start();
  await own.advance(3_000);
  own.set(own.now() + TEN_MINUTES_MS);
  referenceAheadMs = TEN_MINUTES_MS;
  for (let second = 0; second < 4; second++) {
    clock.now();
    await own.advance(1_000);
  }
  await settle();
  expect(clock.now()).toBe(own.now());
  clock.close();
});

test('goes by the last answer while the reference does not answer, and by the own time when it never did', async () => {
  const clock = await start();
  referenceAheadMs = null;
  own.set(own.now() - TEN_MINUTES_MS);
  await own.advance(60_000);
  expect(Math.abs(clock.now() - trueMs())).toBeLessThan(5);
  clock.close();

  const alone = await start();
  expect(alone.now()).toBe(own.now());
  alone.close();
});

test('a machine that was suspended goes by its own clock when the reference stays away', async () => {
  const clock = await start();
  referenceAheadMs = null;
  await own.advance(10_000);
  sleptMs = TEN_MINUTES_MS;
  own.set(own.now() + TEN_MINUTES_MS);
  for (let second = 0; second < 20; second++) {
    clock.now();
    await own.advance(1_000);
  }
  expect(clock.now()).toBe(trueMs());
  referenceAheadMs = 0;
  await own.advance(60_000);
  expect(clock.now()).toBe(trueMs());
  clock.close();
});

test.each([-TEN_MINUTES_MS, TEN_MINUTES_MS])(
  'a server that is wrong by %d ms stays right however long the reference is away',
  async (wrongMs) => {
    own.set(START_MS + wrongMs);
    const clock = await start();
    referenceAheadMs = null;
    for (let minute = 0; minute < 30; minute++) {
      expect(Math.abs(clock.now() - trueMs())).toBeLessThan(5);
      await own.advance(60_000);
    }
    clock.close();
  },
);

test('a slow answer is better than none, and worse than a quick one', async () => {
  [own, tookMs] = [createFakeClock(), 3_000];
  own.set(START_MS + TEN_MINUTES_MS);
  const clock = await start();
  expect(Math.abs(clock.now() - trueMs())).toBeLessThanOrEqual(1_500);
  tookMs = 0;
  await own.advance(60_000);
  expect(Math.abs(clock.now() - trueMs())).toBeLessThan(5);
  tookMs = 3_000;
  await own.advance(60_000);
  expect(Math.abs(clock.now() - trueMs())).toBeLessThan(5);
  clock.close();
});

test('asks one question at a time', async () => {
  let questions = 0;
  own.set(START_MS + TEN_MINUTES_MS);
  const starting = startServerClock({
    own,
    readReference() {
      questions += 1;
      return questions === 1 ? Promise.resolve(trueMs()) : new Promise<number>(() => undefined);
    },
    onCorrected: () => undefined,
  });
  const clock = await starting;
  for (let second = 0; second < 30; second++) {
    clock.now();
    await own.advance(1_000);
  }
  expect(questions).toBe(2);
  clock.close();
});

test('intervals are not touched by any of it; closing ends the asking', async () => {
  const clock = await start();
  const before = clock.monotonic();
  own.set(0);
  await own.advance(10_000);
  expect(clock.monotonic() - before).toBe(10_000);
  clock.close();
  expect(own.pending).toBe(0);
});
