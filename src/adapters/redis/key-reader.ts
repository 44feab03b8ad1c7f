/**
 * Reads keys together with whoever else reads at the moment: each key once for all of them, one MGET for each group of
 * keys, and one write for each connection. A crowd's reads are sent in several turns of the event loop. A read fails
 * if one of its keys can't be read, and harms no other.
 */
import { Cluster } from 'ioredis';
import type { Clock } from '../../time/clock.js';
import { nextTurn } from '../../time/next-turn.js';
import { createBatcher } from './batcher.js';
import { commandsFor, grouping } from './partitions.js';
import { inTime, type RedisCommands, sendTogether } from './redis-client.js';

/** @param parse what a key holds; all who read it at the moment share the value. */
export function createKeyReader<Value>(
  redis: RedisCommands,
  clock: Clock,
  parse: (text: string) => Value | null,
): KeyReader<Value> {
  const groupOf = grouping(redis);

  async function get(keys: string[], values: Map<string, Value>): Promise<void> {
    const texts = await redis.mget(keys);
    keys.forEach((key, index) => {
      const text = texts[index] ?? null;
      const value = text === null ? null : parse(text);
      if (value !== null) values.set(key, value);
    });
  }

  /** Asks for the keys that nobody has asked for yet. */
  function ask(reads: readonly Read<Value>[], { commands, values }: Batch<Value>): void {
    const unasked = new Set<string>();
    for (const { keys } of reads) for (const key of keys) if (!commands.has(key)) unasked.add(key);
    sendTogether(redis);
    for (const keys of commandsFor(unasked, groupOf, KEYS_PER_MGET)) {
      const command = get(keys, values);
      for (const key of keys) commands.set(key, command);
    }
  }

  async function answer({ keys, resolve, reject }: Read<Value>, { commands, values }: Batch<Value>) {
    try {
      const asked = new Set<Promise<void>>();
      for (const key of keys) {
        const command = commands.get(key);
        if (command !== undefined) asked.add(command);
      }
      await Promise.all(asked);
      resolve(keys.map((key) => values.get(key) ?? null));
    } catch (error) {
      reject(error);
    }
  }

  async function readTogether(reads: readonly Read<Value>[], batch: Batch<Value>): Promise<void> {
    ask(reads, batch);
    const answered = Promise.all(reads.map((read) => answer(read, batch)));
    try {
      // A command to one Redis has a time limit of its own.
      await (redis instanceof Cluster ? inTime(clock, answered) : answered);
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }

  /** Whoever waits for an answer goes on in one turn with all who are answered together: so they are not too many. */
  async function readInTurns(reads: readonly Read<Value>[]): Promise<void> {
    const batch: Batch<Value> = { commands: new Map(), values: new Map() };
    let ofTurn: Read<Value>[] = [];
    let keys = 0;
    for (const read of reads) {
      if (keys >= KEYS_PER_TURN) {
        void readTogether(ofTurn, batch);
        await nextTurn(clock);
        [ofTurn, keys] = [[], 0];
      }
      ofTurn.push(read);
      keys += read.keys.length;
    }
    void readTogether(ofTurn, batch);
  }

  const addRead = createBatcher<Read<Value>>((reads) => void readInTurns(reads));

  return (keys) =>
    new Promise((resolve, reject) => {
      if (keys.length === 0) resolve([]);
      else addRead({ keys, resolve, reject });
    });
}

/** Resolves to what the keys hold, in their order; null for nothing, for what is no text, and for what `parse` says so. */
export type KeyReader<Value> = (keys: readonly string[]) => Promise<(Value | null)[]>;

const KEYS_PER_MGET = 5_000;
/** Twenty lists of four hundred friends. A turn begins no further read with so many (docs/decisions/155). */
const KEYS_PER_TURN = 8_000;

/** What one caller reads. */
interface Read<Value> {
  readonly keys: readonly string[];
  resolve(values: (Value | null)[]): void;
  reject(error: unknown): void;
}

/** Reads that began before any of their keys was asked for. */
interface Batch<Value> {
  /** By the key: the command that asks for it, with others. */
  readonly commands: Map<string, Promise<void>>;
  readonly values: Map<string, Value>;
}
