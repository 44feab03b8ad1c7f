/** How long it takes to be whole again, when what is planned as spare does nothing else. */
import type { Constants } from './constants.js';
import type { Choices, Load } from './load.js';
import type { Needs } from './model.js';

export interface Recovery {
  readonly users: number;
  readonly serverSeconds: number;
  readonly redisSeconds: number;
}

/** A zone is lost, and its users come back to the servers of the others in one moment. */
export function zoneLost(
  load: Load,
  { servers, redis }: Needs,
  constants: Constants,
  choices: Choices,
): Recovery {
  const users = load.onlineUsers / choices.zones;
  const left = (servers.count * (choices.zones - 1)) / choices.zones;
  const subscriptions = users * (load.friends + 1);
  const micros = subscriptions * constants.subscribeMicros + users * load.friends * constants.readMicros;
  return {
    users,
    serverSeconds: ((users / left) * constants.connectMicros) / 1e6 / (1 - servers.core),
    redisSeconds: micros / 1e6 / redis.shards / (1 - choices.redisCore),
  };
}

/** A shard is lost: to its replica every server subscribes anew what it watches there, and reads it again. */
export function shardLost(
  { redis }: Needs,
  constants: Constants,
): { subscriptions: number; redisSeconds: number } {
  const subscriptions = redis.subscriptions / redis.shards;
  return {
    subscriptions,
    redisSeconds: (subscriptions * (constants.subscribeMicros + constants.readMicros)) / 1e6,
  };
}
