import { expect, test } from 'vitest';
import { createLifecycle } from '../src/lifecycle.js';

const never = new Promise<never>(() => undefined);

test('cleanups run once, the last registered first, and one that fails keeps no other from running', async () => {
  const ran: string[] = [];
  const failed: string[] = [];
  const lifecycle = createLifecycle(1_000, (name) => failed.push(name));
  lifecycle.onClose('first', () => ran.push('first'));
  lifecycle.onClose('second', () => Promise.reject(new Error('does not work')));
  lifecycle.onClose('third', () => ran.push('third'));
  await Promise.all([lifecycle.close(), lifecycle.close()]);
  expect(ran).toEqual(['third', 'first']);
  expect(failed).toEqual(['second']);
  expect(lifecycle.stage).toBe('closed');
});

test('however many hang, all is over by the deadline, and each gets a share of the time', async () => {
  const failed: string[] = [];
  const lifecycle = createLifecycle(800, (name) => failed.push(name));
  let written = false;
  lifecycle.onClose('pool', () => never);
  lifecycle.onClose('history', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    written = true;
  });
  lifecycle.onClose('relay', () => never);
  lifecycle.onClose('upkeep', () => never);
  const startedAt = performance.now();
  await lifecycle.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(failed).toEqual(['upkeep', 'relay', 'pool']);
  expect(written).toBe(true);
});
