import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { expect, test } from 'vitest';
import { createKeyReader } from '../../../src/adapters/redis/key-reader.js';
import { createNames, partitionOf } from '../../../src/adapters/redis/partitions.js';
import { systemClock } from '../../../src/time/clock.js';

const { locationKey } = createNames('nearby:test');

/** A cluster that answers each key with itself, but none of a partition that is down. */
function clusterWithout(down: number) {
  const commands: string[][] = [];
  const redis = Object.assign(Object.create(Cluster.prototype) as Cluster, {
    nodes: () => [],
    async mget(keys: string[]) {
      commands.push(keys);
      if (partitionOf(keys[0] ?? '') === down) throw new Error('down');
      return keys.map((key) => `value of ${key}`);
    },
  });
  return { commands, read: createKeyReader(redis, systemClock, (text) => ({ text })) };
}

const valueOf = (key: string) => ({ text: `value of ${key}` });

test('reads of one moment share a command for each partition, have their answers in order, and fail alone', async () => {
  const keys = Array.from({ length: 600 }, () => locationKey(randomUUID()));
  const down = partitionOf(keys[0] ?? '');
  const { commands, read } = clusterWithout(down);
  const lists = [keys.filter((key) => partitionOf(key) !== down), keys.slice(300), [...keys].reverse(), []];

  const answers = await Promise.allSettled(lists.map(read));

  lists.forEach((list, index) => {
    const hasDown = list.some((key) => partitionOf(key) === down);
    const expected = hasDown ? { status: 'rejected' } : { value: list.map(valueOf) };
    expect(answers[index]).toMatchObject(expected);
  });
  expect(commands).toHaveLength(new Set(keys.map(partitionOf)).size);
  for (const command of commands) expect(new Set(command.map(partitionOf)).size).toBe(1);
});

test("a crowd's reads are sent in several turns, so that other work goes on in between", async () => {
  const { commands, read } = clusterWithout(NaN);
  const crowd = Array.from({ length: 60 }, () =>
    Array.from({ length: 400 }, () => locationKey(randomUUID())),
  );
  /** How many keys have been sent after each turn. */
  const sent = [0];
  let isOver = false;
  const turnsOver = new Promise<void>((resolve) => {
    const watchTurn = (): void => {
      sent.push(commands.flat().length);
      if (isOver) resolve();
      else setImmediate(watchTurn);
    };
    setImmediate(watchTurn);
  });

  const answers = await Promise.all(crowd.map(read));
  isOver = true;
  await turnsOver;

  expect(answers.map((texts) => texts.length)).toEqual(crowd.map((keys) => keys.length));
  const ofATurn = sent.slice(1).map((total, turn) => total - (sent[turn] ?? 0));
  expect(Math.max(...ofATurn)).toBeLessThanOrEqual(8_400);
});

test('a key that a crowd reads is asked for and parsed once, however many turns the crowd takes', async () => {
  const { commands, read } = clusterWithout(NaN);
  const keys = Array.from({ length: 401 }, () => locationKey(randomUUID()));
  const crowd = keys.map((own) => keys.filter((key) => key !== own));

  const answers = await Promise.all(crowd.map(read));

  answers.forEach((values, index) => {
    expect(values).toEqual(crowd[index]?.map(valueOf));
  });
  expect(commands.flat().toSorted()).toEqual(keys.toSorted());
  expect(new Set(answers.flat()).size).toBe(keys.length);
});
