/**
 * Names in Redis. All of a deployment begin with its prefix. The key and the channel of a user lie in one slot
 * of a Redis Cluster. One command may name keys or channels of one slot only, so users are spread over a fixed
 * number of partitions: subscribing to or reading any number of users takes one command for each partition.
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
  const open = name.indexOf('{');
  const known = open < 0 ? undefined : partitionsByTag.get(name.slice(open + 1, name.indexOf('}', open)));
  return known ?? Math.floor(slotOf(bytesOf(name)) / SLOTS_PER_PARTITION);
}

/** Of bytes the slot is found three times as fast. Those of an id share a buffer, as a list asks for hundreds. */
function bytesOf(name: string): Buffer {
  if (Buffer.byteLength(name) !== idBytes.length) return Buffer.from(name);
  idBytes.write(name);
  return idBytes;
}

const idBytes = Buffer.alloc(36);

/** @param prefix without braces: that of the deployment. */
export function createNames(prefix: string): Names {
  const beginnings = tags.map((tag) => `${prefix}:{${tag}}:`);
  const nameOf = (kind: string, partition: number, id: string): string =>
    `${beginnings[partition] ?? ''}${kind}:${id}`;
  return {
    prefix,
    locationKey: (userId) => nameOf('position', partitionOf(userId), userId),
    devicesKey: (userId) => nameOf('devices', partitionOf(userId), userId),
    userChannel: (userId) => nameOf('user', partitionOf(userId), userId),
    inboxChannel: (userId) => nameOf('inbox', partitionOf(userId), userId),
    limitKey: (hash) => nameOf('limit', partitionOf(hash), hash),
    heartbeat: (partition, serverId) => nameOf('heartbeat', partition, serverId),
    trial: (partition, serverId) => nameOf('trial', partition, serverId),
  };
}

/** The names of one deployment. */
export interface Names {
  readonly prefix: string;
  /** The key of a user's newest location. */
  locationKey(userId: string): string;
  /** The key of what is known of a user's devices. */
  devicesKey(userId: string): string;
  /** The channel of a user's topic. */
  userChannel(userId: string): string;
  /** The channel over which a user's lists hear of the whereabouts of friends. */
  inboxChannel(userId: string): string;
  /** The key of what is counted of somebody or something, by its hash. */
  limitKey(hash: string): string;
  /** The channel over which a server publishes heartbeats to itself. */
  heartbeat(partition: number, serverId: string): string;
  /** A key and a channel in which a server tries what a partition's master can do. */
  trial(partition: number, serverId: string): string;
}

/** What kind of channel it is, such as 'user' or 'inbox', and whose. */
export function partsOf(channel: string): [kind: string, id: string] {
  const start = channel.indexOf('}') + 2;
  const end = channel.indexOf(':', start);
  return [channel.slice(start, end), channel.slice(end + 1)];
}

/** Names with the same number may go into one command. */
export type Grouping = (name: string) => number;

/** On a cluster the names of one partition go together, otherwise all. */
export function grouping(redis: RedisCommands): Grouping {
  return redis instanceof Cluster ? partitionOf : () => 0;
}

/** Splits what has names into as few commands as possible, with at most `max` names in each. */
export function commandsFor<Item>(
  items: Iterable<Item>,
  groupOf: (item: Item) => number,
  max: number,
): Item[][] {
  const commands: Item[][] = [];
  const unfilled = new Map<number, Item[]>();
  for (const item of items) {
    const group = groupOf(item);
    let command = unfilled.get(group);
    if (command === undefined || command.length === max) {
      command = [];
      commands.push(command);
      unfilled.set(group, command);
    }
    command.push(item);
  }
  return commands;
}
