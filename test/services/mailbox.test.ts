import { describe, expect, test } from 'vitest';
import { createMailbox } from '../../src/services/mailbox.js';
import { settle } from '../support/fake-clock.js';

function open(limit: number) {
  const source: number[] = [];
  const counts = { room: 0, end: 0 };
  const mailbox = createMailbox<number>({
    limit,
    onReady: () => counts.room++,
    onEnd: () => counts.end++,
  });
  /** Sends what there is, as far as there is room. */
  const offer = (): void => {
    for (; mailbox.ready && source[0] !== undefined; source.shift()) mailbox.send(source[0]);
  };
  return { source, counts, mailbox, offer };
}

const done = { done: true, value: undefined };

describe('a mailbox', () => {
  test('hands what there is to whoever waits, in the order of waiting', async () => {
    const { source, mailbox, offer } = open(1);
    const [first, second] = [mailbox.next(), mailbox.next()];
    source.push(1, 2);
    offer();
    expect([await first, await second]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(mailbox.ready).toBe(true);
  });

  test('takes no more than its limit, and asks again when there is room', async () => {
    const { source, counts, mailbox, offer } = open(2);
    source.push(1, 2, 3, 4);
    offer();
    expect(mailbox.ready).toBe(false);
    expect(source).toEqual([3, 4]);
    offer();
    expect(source).toEqual([3, 4]);
    expect(await mailbox.next()).toEqual({ done: false, value: 1 });
    expect(counts.room).toBe(1);
    offer();
    expect(source).toEqual([4]);
    expect(await mailbox.next()).toEqual({ done: false, value: 2 });
    expect(await mailbox.next()).toEqual({ done: false, value: 3 });
  });

  test('without room of its own takes an item at the moment when somebody asks for it', async () => {
    const { source, counts, mailbox, offer } = open(0);
    source.push(1, 2);
    offer();
    expect([mailbox.ready, source]).toEqual([false, [1, 2]]);
    const asked = mailbox.next();
    expect([mailbox.ready, counts.room]).toEqual([true, 1]);
    offer();
    expect(await asked).toEqual({ done: false, value: 1 });
    expect([mailbox.ready, source]).toEqual([false, [2]]);
  });

  test('drops what it holds when told to, and goes on', async () => {
    const { source, mailbox, offer } = open(2);
    expect(mailbox.discard()).toBe(false);
    source.push(1, 2, 3);
    offer();
    expect(mailbox.discard()).toBe(true);
    offer();
    expect(await mailbox.next()).toEqual({ done: false, value: 3 });
  });

  test('waits while there is nothing', async () => {
    const { source, mailbox, offer } = open(1);
    let got: unknown;
    void mailbox.next().then((result) => (got = result));
    offer();
    await settle();
    expect(got).toBeUndefined();
    source.push(0);
    offer();
    await settle();
    expect(got).toEqual({ done: false, value: 0 });
  });

  test('ended by the producer gives out what it holds, then no more', async () => {
    const { source, counts, mailbox, offer } = open(2);
    source.push(1, 2, 3);
    offer();
    mailbox.end();
    mailbox.end();
    expect(counts).toEqual({ room: 0, end: 1 });
    expect([await mailbox.next(), await mailbox.next(), await mailbox.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      done,
    ]);
    offer();
    expect(counts.room).toBe(0);
    expect(source).toEqual([3]);
  });

  test('ended while somebody waits ends them all', async () => {
    const { mailbox } = open(1);
    const waiting = [mailbox.next(), mailbox.next()];
    mailbox.end();
    expect(await Promise.all(waiting)).toEqual([done, done]);
  });

  test.each(['waiting', 'holding'])('left by the consumer while %s is over at once, once', async (state) => {
    const { source, counts, mailbox, offer } = open(1);
    const waiting = state === 'waiting' ? mailbox.next() : null;
    if (waiting === null) {
      source.push(1);
      offer();
    }
    expect(await mailbox.return?.()).toEqual(done);
    await mailbox.return?.();
    expect(counts.end).toBe(1);
    if (waiting !== null) expect(await waiting).toEqual(done);
    expect(await mailbox.next()).toEqual(done);
  });

  test('thrown into is over, and rejects with what was thrown', async () => {
    const { counts, mailbox } = open(1);
    await expect(mailbox.throw?.(new Error('thrown'))).rejects.toThrow('thrown');
    await expect(mailbox.throw?.('text')).rejects.toThrow('text');
    expect(counts.end).toBe(1);
    expect(await mailbox.next()).toEqual(done);
  });

  test('can be iterated and left in the middle', async () => {
    const { source, counts, mailbox, offer } = open(1);
    source.push(1, 2, 3);
    offer();
    const seen: number[] = [];
    for await (const item of mailbox) {
      seen.push(item);
      if (item === 2) break;
      offer();
    }
    expect(seen).toEqual([1, 2]);
    expect(counts.end).toBe(1);
  });
});
