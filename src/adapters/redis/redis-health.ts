/**
 * Tries once a second whether each Redis does what servers need of it: a script that reads, writes and
 * publishes, and the arrival of what it published. Trying also keeps connections from being idle. Connections
 * that lead to a Redis which has become a replica, or which does not work for another reason that a failover
 * cures, are made anew.
 */
import slotOf from 'cluster-key-slot';
import { Cluster, Redis, type Result } from 'ioredis';
import type { Log } from '../../log.js';
import type { Clock } from '../../time/clock.js';
import { every } from '../../time/every.js';
import { within } from '../../time/within.js';
import type { ChannelSubscriber } from './channels.js';
import { type Names, PARTITIONS } from './partitions.js';
import type { RedisCommands } from './redis-client.js';
import { newServerId } from './server-id.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tryEverything(name: string): Result<number, Context>;
  }
}

/** Resolves after the first try. @param subscriber the channels' own; its connection is tried, too. */
export async function watchRedis(
  redis: RedisCommands,
  subscriber: ChannelSubscriber,
  names: Names,
  log: Log,
  clock: Clock,
): Promise<RedisHealth> {
  const serverId = newServerId();
  const trials = Array.from({ length: PARTITIONS }, (_, partition) => names.trial(partition, serverId));
  const arrivals = new Map<string, () => void>();
  const subscribing = new Map<string, Promise<boolean>>();
  /** How many tries of a name in a row were published and not heard. */
  const unheard = new Map<string, number>();
  /** Names whose Redis was not the master at the last try. */
  const elsewhere = new Set<string>();
  const failing = new Set<string>();
  let works = false;
  let closed = false;

  redis.defineCommand('tryEverything', { numberOfKeys: 1, lua: everything(redis) });
  subscriber.onMessage((channel) => arrivals.get(channel)?.());

  /** A name to try at each Redis, by its address. */
  function namesByRedis(): Map<string, string> {
    if (redis instanceof Redis) return new Map([['the one', trials[0] ?? '']]);
    const byMaster = new Map<string, string>();
    for (const name of trials) {
      const master = redis.slots[slotOf(name)]?.[0];
      if (master !== undefined && !byMaster.has(master)) byMaster.set(master, name);
    }
    return byMaster;
  }

  /** Subscribing again does no harm, and shows whether it would be allowed. */
  function subscribe(name: string): Promise<boolean> {
    const pending =
      subscribing.get(name) ??
      subscriber
        .subscribe([name])
        .then(() => true)
        .finally(() => subscribing.delete(name));
    subscribing.set(name, pending);
    return within(clock, ANSWER_TIMEOUT_MS, pending, false);
  }

  /** @throws what Redis answers, or that it does not. */
  async function tryOut(name: string): Promise<void> {
    const heard = new Promise<true>((resolve) => {
      arrivals.set(name, () => {
        resolve(true);
      });
    });
    const subscribed = subscribe(name);
    await subscribed.catch(() => undefined);
    try {
      await redis.tryEverything(name);
    } catch (error) {
      if (ENDS_WITH_A_FAILOVER.test(String(error))) {
        elsewhere.add(name);
        if (redis instanceof Redis && redis.status === 'ready') redis.disconnect(true);
      }
      throw error;
    }
    if (elsewhere.delete(name)) {
      // Its connection may still lead to the Redis before.
      subscriber.renew(name);
      throw new Error('subscriptions move to the new master');
    }
    if (!(await subscribed)) throw new Error('SUBSCRIBE is not answered');
    if (await within(clock, ANSWER_TIMEOUT_MS, heard, false)) {
      unheard.delete(name);
      return;
    }
    const times = (unheard.get(name) ?? 0) + 1;
    unheard.set(name, times % UNHEARD_UNTIL_RENEWED);
    if (times === UNHEARD_UNTIL_RENEWED) {
      // The two connections may lead to two servers, and either may be the one of before.
      subscriber.renew(name);
      if (redis instanceof Redis && redis.status === 'ready') redis.disconnect(true);
    }
    throw new Error('what is published does not arrive');
  }

  async function tryAll(): Promise<void> {
    const results = await Promise.all(
      [...namesByRedis()].map(async ([address, name]) => {
        try {
          await tryOut(name);
          if (failing.delete(address)) log.info('a Redis does what is needed again');
          return true;
        } catch (error) {
          if (!closed && !failing.has(address))
            log.warn({ err: error }, 'a Redis does not do what is needed');
          failing.add(address);
          return false;
        }
      }),
    );
    works = results.includes(true);
  }

  await tryAll();
  const stop = every(clock, INTERVAL_MS, tryAll);
  return {
    works: () => works,
    close() {
      closed = true;
      void stop();
    },
  };
}

export interface RedisHealth {
  /** Whether the last try succeeded; on a cluster, at one master at least. */
  works(): boolean;
  close(): void;
}

const INTERVAL_MS = 1_000;
const ANSWER_TIMEOUT_MS = 1_500;
/** One message may be late because this process is. */
const UNHEARD_UNTIL_RENEWED = 2;

/** Where the name leads may have changed, or changes soon. */
const ENDS_WITH_A_FAILOVER = /READONLY|LOADING|MASTERDOWN/;

/** Leaves nothing behind. */
function everything(redis: RedisCommands): string {
  return `
redis.call('SET', KEYS[1], '', 'PX', 10000)
redis.call('GET', KEYS[1])
redis.call('MGET', KEYS[1])
redis.call('${redis instanceof Cluster ? 'SPUBLISH' : 'PUBLISH'}', KEYS[1], '')
return redis.call('DEL', KEYS[1])`;
}
