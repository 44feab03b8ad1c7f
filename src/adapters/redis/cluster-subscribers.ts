/**
 * Channels on a Redis Cluster, by sharded publish and subscribe: one connection to each master that has some, made when
 * the first is wanted and given up when it breaks. A partition is lost with its connection, or when its slot moves.
 */
import slotOf from 'cluster-key-slot';
import { type Cluster, Redis } from 'ioredis';
import type { Log } from '../../log.js';
import { partitionOf } from './partitions.js';
import { keepAsking, subscriberOptions } from './redis-client.js';
import type { Subscribers } from './redis-topics.js';

/** A connection, and what is known of its master. */
interface Shard {
  readonly connection: Redis;
  /** host:port */
  readonly node: string;
  /** Whether a slot has moved since the master was last asked for its slots. */
  slotMoved: boolean;
  asking: boolean;
}

/** Where a partition is subscribed. */
interface Home {
  readonly shard: Shard;
  /** Any name that lies in its slot. */
  readonly name: string;
}

/** @param cluster knows which master has which slots. */
export function createClusterSubscribers(cluster: Cluster, log: Log): Subscribers {
  const shards = new Map<string, Promise<Shard>>();
  const homes = new Map<number, Home>();
  let tellLost: (partitions: ReadonlySet<number>) => void = () => undefined;
  let onMessage: (channel: string, message: string) => void = () => undefined;
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
      // Many channels take their time; a connection that is silent meanwhile is given up all the same.
      commandTimeout: undefined,
      host: node.slice(0, colon),
      port: Number(node.slice(colon + 1)),
      lazyConnect: true,
      // What comes next, the same master or another one, is found out anew.
      retryStrategy: null,
    });
    const shard: Shard = { connection, node, slotMoved: false, asking: false };
    const stopAsking = keepAsking(connection);
    connection.on('error', (error: Error) => {
      log.debug({ code: 'code' in error ? error.code : error.name }, 'a Redis subscription connection broke');
    });
    connection.on('smessage', (channel: string, message: string) => {
      onMessage(channel, message);
    });
    connection.on('moved', () => {
      shard.slotMoved = true;
      if (!shard.asking) void askForMoved(shard);
    });
    connection.once('end', () => {
      stopAsking();
      shards.delete(node);
      lose([...homes].filter(([, home]) => home.shard === shard).map(([partition]) => partition));
    });
    await connection.connect();
    return shard;
  }

  function lose(partitions: readonly number[]): void {
    for (const partition of partitions) homes.delete(partition);
    if (partitions.length > 0 && !closed) tellLost(new Set(partitions));
  }

  /** A partition that turns up at another master than before is lost at that one, whether or not it has said so. */
  function moveIn(partition: number, home: Home): void {
    const before = homes.get(partition);
    if (before?.shard === home.shard) return;
    homes.set(partition, home);
    if (before !== undefined) tellLost(new Set([partition]));
  }

  /**
   * Finds the partitions that a master has given away. It drops their subscriptions without saying of which slot, but
   * knows best which slots are its own.
   */
  async function askForMoved(shard: Shard): Promise<void> {
    shard.asking = true;
    while (shard.slotMoved) {
      shard.slotMoved = false;
      // It tells of each channel; and what it has just confirmed is not noted yet.
      await new Promise(setImmediate);
      const here = [...homes].filter(([, home]) => home.shard === shard);
      const moved = await Promise.all(here.map(([, { name }]) => isElsewhere(shard.node, name)));
      lose(here.filter((_, index) => moved[index]).map(([partition]) => partition));
    }
    shard.asking = false;
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

  /** What the cluster says of its slots now; the callback's error is that of every node, and the next try asks again. */
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
        sendTogether(shard.connection);
        await shard.connection.ssubscribe(...channels);
        moveIn(partition, { shard, name });
      } catch (error) {
        await refreshSlots();
        throw error;
      }
    },

    unsubscribe(channels) {
      const connection = homes.get(partitionOf(channels[0] ?? ''))?.shard.connection;
      if (connection === undefined) return;
      sendTogether(connection);
      connection.sunsubscribe(...channels).catch(() => undefined);
    },

    onMessage: (listener) => {
      onMessage = listener;
    },
    onLost: (listener) => {
      tellLost = listener;
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

/** What is sent from now on in this turn goes out in one write: of a crowd's subscribing, writes were a tenth of the cost. */
function sendTogether({ stream }: Redis): void {
  stream.cork();
  process.nextTick(() => {
    stream.uncork();
  });
}
