/**
 * Publishes the updates of friends who are connected to other servers, and announces their whereabouts, by the
 * project's own code.
 */
import { v7 as newId } from 'uuid';
import { createLocationStore } from '../../src/adapters/redis/location-store.js';
import { createNames } from '../../src/adapters/redis/partitions.js';
import { connectRedisCluster } from '../../src/adapters/redis/redis-client.js';
import { toRecord } from '../../src/domain/location-update.js';
import { toMessage } from '../../src/domain/notification.js';
import { parseWhereabouts } from '../../src/domain/whereabouts.js';
import { createLogger } from '../../src/log.js';
import { systemClock } from '../../src/time/clock.js';
import type { LoadUser } from './crowd.js';
import type { Place } from './walks.js';

/** The server's REDIS_PREFIX. */
export const PREFIX = 'nearby:bench';

/** The server's default. */
const LOCATION_TTL_MS = 600_000;

export type Elsewhere = Awaited<ReturnType<typeof connectElsewhere>>;

/** @param nodes as REDIS_CLUSTER_NODES names them. @param users whose friends elsewhere are friends of nobody else. */
export async function connectElsewhere(nodes: string, users: readonly LoadUser[]) {
  const urls = nodes.split(',').map((node) => new URL(node));
  const redis = await connectRedisCluster(urls, createLogger('warn'));
  const names = createNames(PREFIX);
  const positions = createLocationStore(redis, LOCATION_TTL_MS, names, systemClock);
  const friendOf = new Map(
    users.flatMap(({ id, friendsElsewhere }) => friendsElsewhere.map((one) => [one.id, id])),
  );
  positions.onUnannounced((userId, update) => {
    const message = toMessage({ kind: 'whereabouts', friendId: userId, record: toRecord(update) });
    void redis
      .spublish(names.inboxChannel(friendOf.get(userId) ?? ''), JSON.stringify(message))
      .then(() => positions.confirm(userId, parseWhereabouts(update.whereabouts)?.madeAtMs ?? 0));
  });

  return {
    /** @param number of the update, see changes.ts. */
    async move(userId: string, { latitude, longitude }: Place, number: number): Promise<void> {
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
