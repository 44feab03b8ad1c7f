/** Other ways to bring an update to those who watch, under the same load and on the same servers. */
import { clientBytes, hit, type Needs } from './model.js';
import type { Constants } from './constants.js';
import { type Load, onlineFriends, updatesPerSecond } from './load.js';

export interface Alternative {
  readonly name: string;
  readonly publishesPerSecond: number;
  readonly pushesPerSecond: number;
  /** Null where that depends on the map. */
  readonly subscriptions: number | null;
  readonly redisCores: number;
  /** Of a server, for each client. */
  readonly bytesPerClient: number | null;
}

/** In which updates go between servers that merge them, seconds: a tick of theirs. */
const TICK_SECONDS = 0.125;
/** Of everybody online, in the largest city: within reach of each other. */
export const CITY_SHARE = 0.01;

export function alternatives(load: Load, { servers, redis }: Needs, constants: Constants): Alternative[] {
  const updates = updatesPerSecond(load);
  const online = onlineFriends(load);
  const { count } = servers;
  const cores = (publishes: number, micros: number, pushes: number): number =>
    (publishes * micros + pushes * constants.pushMicros) / 1e6;
  const perUser = cores(updates, constants.updateMicros, redis.pushesPerSecond);
  const presentOnly: Load = { ...load, friends: online };

  // Each update goes to every server where a friend is.
  const messages = updates * hit(count, 1 / count, online);
  const perPair = messages / count ** 2;
  const merged = (count ** 2 * -Math.expm1(-perPair * TICK_SECONDS)) / TICK_SECONDS;
  const toOne = (perSecond: number): number =>
    (updates * constants.updateMicros + perSecond * constants.publishToOneMicros) / 1e6;

  const everywhere = updates * hit(count, 1 / count, load.onlineUsers * CITY_SHARE);
  return [
    {
      name: 'a topic for each user',
      publishesPerSecond: updates,
      pushesPerSecond: redis.pushesPerSecond,
      subscriptions: redis.subscriptions,
      redisCores: perUser,
      bytesPerClient: clientBytes(load, constants),
    },
    {
      name: 'the same, watched only while the friend is online',
      publishesPerSecond: updates,
      pushesPerSecond: redis.pushesPerSecond,
      subscriptions: count * hit(load.onlineUsers, (online + 1) / load.onlineUsers, servers.users),
      redisCores: perUser,
      bytesPerClient: clientBytes(presentOnly, constants),
    },
    {
      name: 'a topic for each server',
      publishesPerSecond: messages,
      pushesPerSecond: messages,
      subscriptions: count,
      redisCores: toOne(messages),
      bytesPerClient: clientBytes(presentOnly, constants),
    },
    {
      name: 'the same, a message for each server and tick',
      publishesPerSecond: merged,
      pushesPerSecond: merged,
      subscriptions: count,
      redisCores: toOne(merged),
      bytesPerClient: clientBytes(presentOnly, constants),
    },
    {
      name: 'a topic for each cell of a map',
      publishesPerSecond: updates,
      pushesPerSecond: everywhere,
      subscriptions: null,
      redisCores: cores(updates, constants.updateMicros, everywhere),
      bytesPerClient: null,
    },
  ];
}
