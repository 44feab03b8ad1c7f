/**
 * Reads keys together with whoever else reads at the moment: one MGET for each group of keys,
 * and one write for each connection. A read fails if one of its keys can't be read, and harms no other.
 */
import { Cluster } from 'ioredis';
import type { Clock } from '../../time/clock.js';
import { createBatcher } from './batcher.js';
import { commandsFor, grouping } from './partitions.js';
import { inTime, type RedisCommands, sendTogether } from './redis-client.js';

export function createKeyReader(redis: RedisCommands, clock: Clock): KeyReader {
  const groupOf = grouping(redis);

  async function get(places: readonly Place[]): Promise<void> {
    try {
      const texts = await redis.mget(places.map(({ read, index }) => read.keys[index] ?? ''));
      places.forEach(({ read, index }, at) => {
        read.texts[index] = texts[at] ?? null;
        read.missing -= 1;
        if (read.missing === 0) read.resolve(read.texts);
      });
    } catch (error) {
      for (const { read } of places) read.reject(error);
    }
  }

  const addRead = createBatcher<Read>((reads) => {
    sendTogether(redis);
    const places = reads.flatMap((read) => read.keys.map((_, index) => ({ read, index })));
    const groupOfPlace = ({ read, index }: Place): number => groupOf(read.keys[index] ?? '');
    for (const some of commandsFor(places, groupOfPlace, KEYS_PER_MGET)) void get(some);
  });

  return (keys) => {
    const answer = new Promise<(string | null)[]>((resolve, reject) => {
      const texts = new Array<string | null>(keys.length).fill(null);
      if (keys.length === 0) resolve(texts);
      else addRead({ keys, texts, missing: keys.length, resolve, reject });
    });
    // A command to one Redis has a time limit of its own.
    return redis instanceof Cluster ? inTime(clock, answer) : answer;
  };
}

/** Resolves to what the keys hold, in their order; null for nothing, and for what is no text. */
export type KeyReader = (keys: readonly string[]) => Promise<(string | null)[]>;

const KEYS_PER_MGET = 5_000;

/** What one caller reads. */
interface Read {
  readonly keys: readonly string[];
  readonly texts: (string | null)[];
  /** How many of the keys have no answer yet. */
  missing: number;
  resolve(texts: (string | null)[]): void;
  reject(error: unknown): void;
}

/** One key of a read. */
interface Place {
  readonly read: Read;
  readonly index: number;
}
