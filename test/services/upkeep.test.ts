import { expect, test } from 'vitest';
import { startUpkeep } from '../../src/services/upkeep.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

const HOUR_MS = 3_600_000;

function task(name: string, log: string[], until?: Promise<void>) {
  return async () => {
    log.push(`${name} begins`);
    await until;
    log.push(`${name} ends`);
  };
}

test('the tasks run one after the other, at once and then every interval', async () => {
  const [clock, log]: [ReturnType<typeof createFakeClock>, string[]] = [createFakeClock(), []];
  const round = ['a begins', 'a ends', 'b begins', 'b ends'];
  const upkeep = await startUpkeep([task('a', log), task('b', log)], HOUR_MS, clock, () => undefined);
  expect(log).toEqual(round);
  await clock.advance(HOUR_MS - 1);
  expect(log).toEqual(round);
  await clock.advance(1);
  await upkeep.close();
  expect(log).toEqual([...round, ...round]);
  expect(clock.pending).toBe(0);
});

test('a task that fails is reported; the others run, and it runs again', async () => {
  const [clock, log, failures]: [ReturnType<typeof createFakeClock>, string[], unknown[]] = [
    createFakeClock(),
    [],
    [],
  ];
  const failing = () => {
    log.push('failing');
    return Promise.reject(new Error('down'));
  };
  const upkeep = await startUpkeep([failing, task('b', log)], HOUR_MS, clock, (error) =>
    failures.push(error),
  );
  await clock.advance(HOUR_MS);
  await upkeep.close();
  expect(log).toEqual(['failing', 'b begins', 'b ends', 'failing', 'b begins', 'b ends']);
  expect(failures).toHaveLength(2);
});

test('closing waits for the task under way, runs no other, and leaves no timer', async () => {
  const [clock, log]: [ReturnType<typeof createFakeClock>, string[]] = [createFakeClock(), []];
  let release = (): void => undefined;
  const rounds = [Promise.resolve(), new Promise<void>((resolve) => (release = resolve))];
  const held = () => task('a', log, rounds.shift())();
  const upkeep = await startUpkeep([held, task('b', log)], HOUR_MS, clock, () => undefined);
  log.length = 0;
  await clock.advance(HOUR_MS);
  let closed = false;
  const closing = upkeep.close().then(() => (closed = true));
  await settle();
  expect([closed, log]).toEqual([false, ['a begins']]);
  release();
  await closing;
  expect(log).toEqual(['a begins', 'a ends']);
  expect(clock.pending).toBe(0);
});

test('a first round that hangs keeps the start for five seconds only, and the second one from beginning', async () => {
  const [clock, log]: [ReturnType<typeof createFakeClock>, string[]] = [createFakeClock(), []];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const starting = startUpkeep([task('a', log, held)], HOUR_MS, clock, () => undefined);
  await clock.advance(5_000);
  const upkeep = await starting;
  await clock.advance(2 * HOUR_MS);
  expect(log).toEqual(['a begins']);
  release();
  await settle();
  expect(log).toEqual(['a begins', 'a ends', 'a begins', 'a ends']);
  await upkeep.close();
  expect(clock.pending).toBe(0);
});
