/**
 * Reads keys together with whoever else reads at the moment: one MGET for each group of keys,
 * and one write for each connection. A crowd's reads are sent in several turns of the event loop. A read fails
 * if one of its keys can't be read, and harms no other.
 */
import { Cluster } from 'ioredis';
import type { Clock } from '../../time/clock.js';
import { nextTurn } from '../../time/next-turn.js';
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

  async function getTogether(reads: readonly Read[]): Promise<void> {
    sendTogether(redis);
    const places = reads.flatMap((read) => read.keys.map((_, index) => ({ read, index })));
    const groupOfPlace = ({ read, index }: Place): number => groupOf(read.keys[index] ?? '');
    const answered = Promise.all(commandsFor(places, groupOfPlace, KEYS_PER_MGET).map(get));
    try {
      // A command to one Redis has a time limit of its own.
      await (redis instanceof Cluster ? inTime(clock, answered) : answered);
    } catch (error) {
      for (const read of reads) read.reject(error);
    }
  }

  /** Whoever waits for an answer goes on in one turn with all who are answered together: so they are not too many. */
  async function getInTurns(reads: readonly Read[]): Promise<void> {
    let ofTurn: Read[] = [];
    let keys = 0;
    for (const read of reads) {
      if (keys >= KEYS_PER_TURN) {
        void getTogether(ofTurn);
        await nextTurn(clock);
        [ofTurn, keys] = [[], 0];
      }
      ofTurn.push(read);
      keys += read.keys.length;
    }
    void getTogether(ofTurn);
  }

  const addRead = createBatcher<Read>((reads) => void getInTurns(reads));

  return (keys) =>
    new Promise((resolve, reject) => {
      const texts = new Array<string | null>(keys.length).fill(null);
      if (keys.length === 0) resolve(texts);
      else addRead({ keys, texts, missing: keys.length, resolve, reject });
    });
}

/** Resolves to what the keys hold, in their order; null for nothing, and for what is no text. */
export type KeyReader = (keys: readonly string[]) => Promise<(string | null)[]>;

const KEYS_PER_MGET = 5_000;
/** Twenty lists of four hundred friends. A turn begins no further read with so many (docs/decisions/155). */
const KEYS_PER_TURN = 8_000;

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
