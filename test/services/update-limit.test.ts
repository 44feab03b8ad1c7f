import { expect, test, vi } from 'vitest';
import { createUpdateLimit } from '../../src/services/update-limit.js';
import { createFakeClock } from '../support/fake-clock.js';

const rateLimited = (retryAfterSeconds: number) =>
  expect.objectContaining({ kind: 'rate-limited', retryAfterSeconds }) as Error;

function createLimit() {
  const clock = createFakeClock();
  const [onTooMany, onTooFast] = [vi.fn(), vi.fn()];
  return {
    clock,
    onTooMany,
    onTooFast,
    ...createUpdateLimit({ perSecond: 10, maxSpeed: 350, clock, onTooMany, onTooFast }),
  };
}

test('a hundred updates at once, then ten a second, for each user alone', async () => {
  const { clock, admit, onTooMany } = createLimit();
  for (let update = 0; update < 100; update++) admit('ann', 1);
  expect(() => admit('ann', 1)).toThrow(rateLimited(1));
  expect(onTooMany).toHaveBeenCalledOnce();
  admit('bob', 1);
  await clock.advance(1_000);
  for (let update = 0; update < 10; update++) admit('ann', 1);
  expect(() => admit('ann', 1)).toThrow(rateLimited(1));
  await clock.advance(3_600_000);
  for (let update = 0; update < 100; update++) admit('ann', 1);
  expect(() => admit('ann', 1)).toThrow(rateLimited(1));
});

test('2,000 locations that waited pass in batches beside the present ones; 5,000 do not', () => {
  const { admit } = createLimit();
  for (let batch = 0; batch < 4; batch++) admit('ann', 500);
  for (let update = 0; update < 20; update++) admit('ann', 1);
  expect(() => admit('ann', 500)).toThrow(rateLimited(2));
});

test('a batch passes also where it costs more than there may ever be', () => {
  const clock = createFakeClock();
  const limit = createUpdateLimit({
    perSecond: 1,
    maxSpeed: 350,
    clock,
    onTooMany: () => undefined,
    onTooFast: () => undefined,
  });
  limit.admit('ann', 500);
  expect(() => limit.admit('ann', 500)).toThrow(rateLimited(10));
});

test('leaps around the world end with an error that says for how long', async () => {
  const { clock, believe, onTooFast } = createLimit();
  const fixAt = (longitude: number) => ({
    id: 'x',
    latitude: 0,
    longitude,
    accuracyMeters: null,
    recordedAtMs: clock.now(),
    receivedAtMs: clock.now(),
  });
  for (let place = 0; place <= 8; place++) believe('ann', fixAt(place * 10));
  expect(() => believe('ann', fixAt(90))).toThrow(rateLimited(300));
  expect(onTooFast).toHaveBeenCalledOnce();
  believe('ann', fixAt(80.1));
  believe('bob', fixAt(90));
  await clock.advance(300_000);
  believe('ann', fixAt(90));
});
