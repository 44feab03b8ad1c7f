import { describe, expect, test } from 'vitest';
import { createBoundedQueue } from '../../src/services/bounded-queue.js';
import { settle } from '../support/fake-clock.js';

function open(limit: number) {
  const source: number[] = [];
  const counts = { room: 0, end: 0 };
  const queue = createBoundedQueue<number>({
    limit,
    onReady: () => counts.room++,
    onEnd: () => counts.end++,
  });
  /** Sends what there is, as far as there is room. */
  const offer = (): void => {
    for (; queue.ready && source[0] !== undefined; source.shift()) queue.send(source[0]);
  };
  return { source, counts, queue, offer };
}

const done = { done: true, value: undefined };

describe('a queue', () => {
  test('hands what there is to whoever waits, in the order of waiting', async () => {
    const { source, queue, offer } = open(1);
    const [first, second] = [queue.next(), queue.next()];
    source.push(1, 2);
    offer();
    expect([await first, await second]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(queue.ready).toBe(true);
  });

  test('takes no more than its limit, and asks again when there is room', async () => {
    const { source, counts, queue, offer } = open(2);
    source.push(1, 2, 3, 4);
    offer();
    expect(queue.ready).toBe(false);
    expect(source).toEqual([3, 4]);
    offer();
    expect(source).toEqual([3, 4]);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    expect(counts.room).toBe(1);
    offer();
    expect(source).toEqual([4]);
    expect(await queue.next()).toEqual({ done: false, value: 2 });
    expect(await queue.next()).toEqual({ done: false, value: 3 });
  });

  test('without room of its own takes an item at the moment when somebody asks for it', async () => {
    const { source, counts, queue, offer } = open(0);
    source.push(1, 2);
    offer();
    expect([queue.ready, source]).toEqual([false, [1, 2]]);
    const asked = queue.next();
    expect([queue.ready, counts.room]).toEqual([true, 1]);
    offer();
    expect(await asked).toEqual({ done: false, value: 1 });
    expect([queue.ready, source]).toEqual([false, [2]]);
  });

  test('drops what it holds when told to, and goes on', async () => {
    const { source, queue, offer } = open(2);
    expect(queue.discard()).toBe(false);
    source.push(1, 2, 3);
    offer();
    expect(queue.discard()).toBe(true);
    offer();
    expect(await queue.next()).toEqual({ done: false, value: 3 });
  });

  test('waits while there is nothing', async () => {
    const { source, queue, offer } = open(1);
    let got: unknown;
    void queue.next().then((result) => (got = result));
    offer();
    await settle();
    expect(got).toBeUndefined();
    source.push(0);
    offer();
    await settle();
    expect(got).toEqual({ done: false, value: 0 });
  });

  test('ended by the producer gives out what it holds, then no more', async () => {
    const { source, counts, queue, offer } = open(2);
    source.push(1, 2, 3);
    offer();
    queue.end();
    queue.end();
    expect(counts).toEqual({ room: 0, end: 1 });
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      done,
    ]);
    offer();
    expect(counts.room).toBe(0);
    expect(source).toEqual([3]);
  });

  test('ended while somebody waits ends them all', async () => {
    const { queue } = open(1);
    const waiting = [queue.next(), queue.next()];
    queue.end();
    expect(await Promise.all(waiting)).toEqual([done, done]);
  });

  test.each(['waiting', 'holding'])('left by the consumer while %s is over at once, once', async (state) => {
    const { source, counts, queue, offer } = open(1);
    const waiting = state === 'waiting' ? queue.next() : null;
    if (waiting === null) {
      source.push(1);
      offer();
    }
    expect(await queue.return?.()).toEqual(done);
    await queue.return?.();
    expect(counts.end).toBe(1);
    if (waiting !== null) expect(await waiting).toEqual(done);
    expect(await queue.next()).toEqual(done);
  });

  test('thrown into is over, and rejects with what was thrown', async () => {
    const { counts, queue } = open(1);
    await expect(queue.throw?.(new Error('thrown'))).rejects.toThrow('thrown');
    await expect(queue.throw?.('text')).rejects.toThrow('text');
    expect(counts.end).toBe(1);
    expect(await queue.next()).toEqual(done);
  });

  test('can be iterated and left in the middle', async () => {
    const { source, counts, queue, offer } = open(1);
    source.push(1, 2, 3);
    offer();
    const seen: number[] = [];
    for await (const item of queue) {
      seen.push(item);
      if (item === 2) break;
      offer();
    }
    expect(seen).toEqual([1, 2]);
    expect(counts.end).toBe(1);
  });
});
