/**
 * Subscribes to channels of a Redis Cluster by sharded pub/sub, on one connection to each master that has
 * some of them. A connection is made when it is first needed and given up when it breaks. A partition is lost
 * with its connection, or when its slot moves.
 */
import slotOf from 'cluster-key-slot';
import { type Cluster, Redis } from 'ioredis';
import type { Log } from '../../log.js';
import type { Clock } from '../../time/clock.js';
import { writeTogether } from '../../time/write-together.js';
import { partitionOf } from './partitions.js';
import { keepPinging, subscriberOptions } from './redis-client.js';
import type { ChannelSubscriber, Link } from './channels.js';

/** @param cluster knows which master has which slots. */
export function createClusterSubscriber(cluster: Cluster, log: Log, clock: Clock): ChannelSubscriber {
  const shards = new Map<string, Promise<Shard>>();
  const homes = new Map<number, Home>();
  let reportLost: (partitions: ReadonlySet<number>) => void = () => undefined;
  const listeners: Parameters<ChannelSubscriber['onMessage']>[0][] = [];
  let closed = false;

  function shardAt(node: string): Promise<Shard> {
    const known = shards.get(node);
    if (known !== undefined) return known;
    const shard = connect(node);
    shards.set(node, shard);
    shard.catch(() => shards.delete(node));
    return shard;
  }

  async function connect(node: string): Promise<Shard> {
    const colon = node.lastIndexOf(':');
    const connection = new Redis({
      ...cluster.options.redisOptions,
      ...subscriberOptions,
      // Subscribing to many channels takes time; a connection that is silent meanwhile is given up all the
      // same.
      commandTimeout: undefined,
      host: node.slice(0, colon),
      port: Number(node.slice(colon + 1)),
      lazyConnect: true,
      // The next attempt looks the master up again, since it may be another one.
      retryStrategy: null,
    });
    const shard: Shard = {
      connection,
      node,
      leaseUntilMs: -Infinity,
      slotMoved: false,
      isChecking: false,
    };
    const stopPinging = keepPinging(connection, clock);
    connection.on('error', (error: Error) => {
      log.debug({ code: 'code' in error ? error.code : error.name }, 'a Redis subscription connection broke');
    });
    connection.on('smessage', (channel: string, message: string) => {
      for (const listener of listeners) listener(channel, message, shard);
    });
    connection.on('moved', () => {
      shard.slotMoved = true;
      if (!shard.isChecking) void findMoved(shard);
    });
    connection.once('end', () => {
      stopPinging();
      shards.delete(node);
      lose([...homes].filter(([, home]) => home.shard === shard).map(([partition]) => partition));
    });
    await connection.connect();
    return shard;
  }

  function lose(partitions: readonly number[]): void {
    for (const partition of partitions) homes.delete(partition);
    if (partitions.length > 0 && !closed) reportLost(new Set(partitions));
  }

  /** A partition that is now on another master is lost on the one before, whether or not that has said so. */
  function settle(partition: number, home: Home): void {
    const before = homes.get(partition);
    if (before?.shard === home.shard) return;
    homes.set(partition, home);
    if (before !== undefined) reportLost(new Set([partition]));
  }

  /**
   * Finds the partitions that a master has given away. It drops their subscriptions without naming the slot,
   * but it knows which slots it has.
   */
  async function findMoved(shard: Shard): Promise<void> {
    shard.isChecking = true;
    while (shard.slotMoved) {
      shard.slotMoved = false;
      // It reports each channel, and a subscription that it has just confirmed is not noted yet.
      await new Promise(setImmediate);
      const here = [...homes].filter(([, home]) => home.shard === shard);
      const moved = await Promise.all(here.map(([, { name }]) => isElsewhere(shard.node, name)));
      lose(here.filter((_, index) => moved[index]).map(([partition]) => partition));
    }
    shard.isChecking = false;
  }

  async function isElsewhere(node: string, name: string): Promise<boolean> {
    const commands = cluster.nodes('all').find(({ options: { host, port } }) => `${host}:${port}` === node);
    try {
      await commands?.exists(name);
      return commands === undefined;
    } catch (error) {
      return error instanceof Error && error.message.startsWith('MOVED');
    }
  }

  /**
   * Reads the slot map again. An error, which means that no node answers, is ignored: the next attempt reads
   * it again.
   */
  const refreshSlots = (): Promise<void> =>
    new Promise((resolve) => {
      cluster.refreshSlotsCache(() => {
        resolve();
      });
    });

  return {
    groupOf: partitionOf,

    async subscribe(channels) {
      const [name = ''] = channels;
      const partition = partitionOf(name);
      try {
        const master = cluster.slots[slotOf(name)]?.[0];
        if (master === undefined) throw new Error('the slot has no master');
        const shard = await shardAt(master);
        writeTogether(shard.connection.stream);
        await shard.connection.ssubscribe(...channels);
        settle(partition, { shard, name });
      } catch (error) {
        await refreshSlots();
        throw error;
      }
    },

    unsubscribe(channels) {
      const connection = homes.get(partitionOf(channels[0] ?? ''))?.shard.connection;
      if (connection === undefined) return;
      writeTogether(connection.stream);
      connection.sunsubscribe(...channels).catch(() => undefined);
    },

    onMessage: (listener) => {
      listeners.push(listener);
    },
    linkOf: (name) => homes.get(partitionOf(name))?.shard ?? null,
    renew: (channel) => {
      homes.get(partitionOf(channel))?.shard.connection.disconnect();
    },
    onLost: (listener) => {
      reportLost = listener;
    },

    close() {
      closed = true;
      for (const shard of shards.values()) {
        void shard.then(
          ({ connection }) => {
            connection.disconnect();
          },
          () => undefined,
        );
      }
    },
  };
}

/** A connection to one master. */
interface Shard extends Link {
  readonly connection: Redis;
  /** The master's address, host:port. */
  readonly node: string;
  /** Whether a slot has moved since the master was last asked. */
  slotMoved: boolean;
  /** Whether the master is being asked which slots it still has. */
  isChecking: boolean;
}

/** Where a partition is subscribed. */
interface Home {
  readonly shard: Shard;
  /** Any name that lies in its slot. */
  readonly name: string;
}
