/**
 * Names in Redis. The key and the channel of a user lie in one slot of a Redis Cluster. One command may name
 * keys or channels of one slot only, so users are spread over a fixed number of partitions: subscribing to or
 * reading any number of users takes one command for each partition.
 */
import slotOf from 'cluster-key-slot';
import { Cluster } from 'ioredis';
import type { RedisCommands } from './redis-client.js';

/**
 * A partition has 64 neighbouring slots, so shards with equally many slots have equally many partitions, give
 * or take one.
 */
export const PARTITIONS = 256;

const SLOTS_PER_PARTITION = 16_384 / PARTITIONS;

const PREFIX = 'nearby:{';

/** The hash tag of each partition: the smallest whole number that lies in one of its first sixteen slots. */
const tags = findTags();
const partitionsByTag = new Map(tags.map((tag, partition) => [tag, partition]));

function findTags(): string[] {
  const found = new Map<number, string>();
  for (let number = 0; found.size < PARTITIONS; number++) {
    const tag = String(number);
    const partition = Math.floor(slotOf(tag) / SLOTS_PER_PARTITION);
    const isAmongFirst = slotOf(tag) % SLOTS_PER_PARTITION < 16;
    if (isAmongFirst && !found.has(partition)) found.set(partition, tag);
  }
  return Array.from({ length: PARTITIONS }, (_, partition) => found.get(partition) ?? '');
}

/** The partition, 0 to 255, of a user id, or of a key or channel by its hash tag. */
export function partitionOf(name: string): number {
  const known = name.startsWith(PREFIX)
    ? partitionsByTag.get(name.slice(PREFIX.length, name.indexOf('}')))
    : undefined;
  return known ?? Math.floor(slotOf(name) / SLOTS_PER_PARTITION);
}

const nameOf = (kind: string, userId: string): string =>
  `${PREFIX}${tags[partitionOf(userId)] ?? ''}}:${kind}:${userId}`;

/** The key of a user's newest location. */
export const locationKey = (userId: string): string => nameOf('position', userId);

/** The key of what is known of a user's devices. */
export const devicesKey = (userId: string): string => nameOf('devices', userId);

/** The channel of a user's topic. */
export const userChannel = (userId: string): string => nameOf('user', userId);

/** The user whose topic goes over a channel. */
export const userOf = (channel: string): string => channel.slice(channel.lastIndexOf(':') + 1);

/** Names with the same number may go into one command. */
export type Grouping = (name: string) => number;

/** On a cluster the names of one partition go together, otherwise all. */
export function grouping(redis: RedisCommands): Grouping {
  return redis instanceof Cluster ? partitionOf : () => 0;
}

/** Splits names into as few commands as possible, with at most `max` names in each. */
export function commandsFor(names: Iterable<string>, groupOf: Grouping, max: number): string[][] {
  const commands: string[][] = [];
  const unfilled = new Map<number, string[]>();
  for (const name of names) {
    const group = groupOf(name);
    let command = unfilled.get(group);
    if (command === undefined || command.length === max) {
      command = [];
      commands.push(command);
      unfilled.set(group, command);
    }
    command.push(name);
  }
  return commands;
}
