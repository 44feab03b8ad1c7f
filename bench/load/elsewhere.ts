/**
 * Publishes the updates of friends who are connected to other servers, and announces their whereabouts, by the
 * project's own code. There are eight such servers, each with connections and ticks of its own.
 */
import { v7 as newId } from 'uuid';
import { createLocationStore } from '../../src/adapters/redis/location-store.js';
import { createNames } from '../../src/adapters/redis/partitions.js';
import { connectRedisCluster } from '../../src/adapters/redis/redis-client.js';
import { toRecord } from '../../src/domain/location-update.js';
import { toMessage } from '../../src/domain/notification.js';
import { parseWhereabouts } from '../../src/domain/whereabouts.js';
import { createLogger } from '../../src/log.js';
import { createServerTickScheduler, tickMs } from '../../src/services/tick-scheduler.js';
import { systemClock } from '../../src/time/clock.js';
import type { LoadUser } from './crowd.js';
import type { Place } from './walks.js';

/** The server's REDIS_PREFIX. */
export const PREFIX = 'nearby:bench';

/** The server's default. */
const LOCATION_TTL_MS = 600_000;

export type Elsewhere = Awaited<ReturnType<typeof connectElsewhere>>;

/**
 * When servers publish: each update by itself, or all of a tick; the ticks of the servers evenly spread, or at the same
 * moments.
 */
export type Rhythm = 'alone' | 'spread' | 'together';

const SERVERS = 8;
/** The server's default. */
const FRAME_INTERVAL_MS = 1_000;

/** @param nodes as REDIS_CLUSTER_NODES names them. @param users whose friends elsewhere are friends of nobody else. */
export async function connectElsewhere(nodes: string, users: readonly LoadUser[]) {
  const friendOf = new Map(
    users.flatMap(({ id, friendsElsewhere }) => friendsElsewhere.map((one) => [one.id, id])),
  );
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, (_, index) => connectServer(nodes, friendOf, index / SERVERS)),
  );
  const serverOf = new Map([...friendOf.keys()].map((id, index) => [id, servers[index % SERVERS]]));
  let rhythm: Rhythm = 'together';

  return {
    set rhythm(now: Rhythm) {
      rhythm = now;
    },

    /** @param number of the update, see changes.ts. */
    async move(userId: string, place: Place, number: number): Promise<void> {
      await serverOf.get(userId)?.move(userId, place, number, rhythm);
    },

    close(): void {
      for (const server of servers) server.close();
    },
  };
}

/** @param phase of its own ticks, in ticks. */
async function connectServer(nodes: string, friendOf: ReadonlyMap<string, string>, phase: number) {
  const urls = nodes.split(',').map((node) => new URL(node));
  const redis = await connectRedisCluster(urls, createLogger('warn'));
  const names = createNames(PREFIX);
  const positions = createLocationStore(redis, LOCATION_TTL_MS, names, systemClock);
  positions.onUnannounced((userId, update) => {
    const message = toMessage({ kind: 'whereabouts', friendId: userId, record: toRecord(update) });
    void redis
      .spublish(names.inboxChannel(friendOf.get(userId) ?? ''), JSON.stringify(message))
      .then(() => positions.confirm(userId, parseWhereabouts(update.whereabouts)?.madeAtMs ?? 0));
  });
  const shifted = { ...systemClock, now: () => systemClock.now() + phase * tickMs(FRAME_INTERVAL_MS) };
  const ticks = {
    spread: createServerTickScheduler(FRAME_INTERVAL_MS, shifted),
    together: createServerTickScheduler(FRAME_INTERVAL_MS, systemClock),
  };

  return {
    async move(
      userId: string,
      { latitude, longitude }: Place,
      number: number,
      rhythm: Rhythm,
    ): Promise<void> {
      if (rhythm !== 'alone') await ticks[rhythm].next();
      const nowMs = Date.now();
      const times = { recordedAtMs: nowMs, receivedAtMs: nowMs };
      await positions.publish(userId, {
        id: newId(),
        latitude,
        longitude,
        accuracyMeters: number,
        ...times,
      });
    },

    close: () => redis.disconnect(),
  };
}
