import { expect, test } from 'vitest';
import { createFramePacer } from '../../src/services/frame-pacer.js';
import { createFakeClock, START_MS } from '../support/fake-clock.js';

const INTERVAL_MS = 1_000;

test('frames that fall due within a twentieth of the interval go together, none before it is due', async () => {
  const clock = createFakeClock();
  const pacer = createFramePacer(INTERVAL_MS, clock);
  const sent: [due: number, at: number][] = [];
  for (const due of [1, 30, 50, 51, 400]) {
    pacer.at(START_MS + due, { sendFrame: () => sent.push([due, clock.now() - START_MS]) });
  }
  expect(clock.pending).toBe(3);
  await clock.advance(INTERVAL_MS);
  expect(sent).toEqual([
    [1, 50],
    [30, 50],
    [50, 50],
    [51, 100],
    [400, 400],
  ]);
});

test('a frame that is taken back does not go, and leaves no timer when it was the last of its tick', async () => {
  const clock = createFakeClock();
  const pacer = createFramePacer(INTERVAL_MS, clock);
  const sent: string[] = [];
  const [ann, bob] = [{ sendFrame: () => sent.push('ann') }, { sendFrame: () => sent.push('bob') }];
  pacer.at(START_MS + 10, ann);
  pacer.at(START_MS + 20, bob);
  pacer.cancel(START_MS + 10, ann);
  expect(clock.pending).toBe(1);
  await clock.advance(INTERVAL_MS);
  expect(sent).toEqual(['bob']);

  pacer.at(clock.now() + 10, ann);
  pacer.cancel(clock.now() + 10, ann);
  expect(clock.pending).toBe(0);
});

test('a frame asked for while others are sent goes in a later tick', async () => {
  const clock = createFakeClock();
  const pacer = createFramePacer(INTERVAL_MS, clock);
  const sentAt: number[] = [];
  const again = { sendFrame: () => sentAt.push(clock.now()) };
  pacer.at(START_MS + 10, {
    sendFrame() {
      sentAt.push(clock.now());
      pacer.at(clock.now() + INTERVAL_MS, again);
    },
  });
  await clock.advance(2 * INTERVAL_MS);
  expect(sentAt).toEqual([START_MS + 50, START_MS + 50 + INTERVAL_MS]);
});
