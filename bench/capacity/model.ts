/**
 * How many servers, Redis shards and bytes a load needs. Users sit on any server, and their friends on any other, as a
 * load balancer puts them. What a server does is taken to grow with the changes that its clients are told, though frames
 * merge the more of them the more there are: an upper bound.
 */
import type { Constants } from './constants.js';
import { type Choices, type Load, onlineFriends, REFERENCE, updatesPerSecond } from './load.js';

export interface Needs {
  readonly updatesPerSecond: number;
  /** What friends are told. */
  readonly changesPerSecond: number;
  readonly servers: ServerNeeds;
  readonly redis: RedisNeeds;
}

export interface ServerNeeds {
  readonly count: number;
  readonly users: number;
  /** How many a server could have if the other did not count. */
  readonly usersByCpu: number;
  readonly usersByMemory: number;
  /** Used by each, of a core and in bytes, while all zones are there. */
  readonly core: number;
  readonly bytes: number;
  readonly sentBytesPerSecond: number;
  readonly heardBytesPerSecond: number;
  /** Messages of Redis to each. */
  readonly heardPerSecond: number;
}

export interface RedisNeeds {
  readonly shards: number;
  readonly shardsByCpu: number;
  readonly shardsByMemory: number;
  readonly pushesPerUpdate: number;
  readonly pushesPerSecond: number;
  /** Users whom somebody watches. */
  readonly topics: number;
  /** A topic and a server that watches it. */
  readonly subscriptions: number;
  /** Cores, all shards together. */
  readonly cores: { readonly updates: number; readonly pushes: number; readonly comings: number };
  readonly bytes: { readonly topics: number; readonly subscriptions: number; readonly positions: number };
}

/**
 * How many of `total` are hit at least once, on average, when a random `share` of them is drawn so many times.
 * @param share from 0 to 1.
 */
export function hit(total: number, share: number, times: number): number {
  return -total * Math.expm1(times * Math.log1p(-share));
}

export function needsOf(load: Load, constants: Constants, choices: Choices): Needs {
  const servers = serverNeeds(load, constants, choices);
  return {
    updatesPerSecond: updatesPerSecond(load),
    changesPerSecond: updatesPerSecond(load) * onlineFriends(load),
    servers,
    redis: redisNeeds(load, servers, constants, choices),
  };
}

/** For each client and second, microseconds: changes, and that sockets end with their tokens and come back. */
export function clientMicros(load: Load, constants: Constants, { socketSeconds }: Choices): number {
  const changes = (of: Load): number => onlineFriends(of) / of.secondsBetweenUpdates;
  return (
    (constants.clientMicros * changes(load)) / changes(REFERENCE) +
    ((constants.connectMicros / socketSeconds) * load.friends) / REFERENCE.friends
  );
}

/** Of a client and the topics of all of its friends, whom nobody else here has. */
export function clientBytes({ friends }: Load, { memory }: Pick<Constants, 'memory'>): number {
  return memory.client + memory.topic + friends * (memory.topic + memory.friend);
}

/** How many users a server has room for: of its core what is planned, and memory for those of a lost zone, too. */
export function roomFor(
  micros: number,
  bytes: number,
  { serverCore, serverBytes, zones }: Choices,
): { usersByCpu: number; usersByMemory: number } {
  return {
    usersByCpu: (serverCore * 1e6) / micros,
    usersByMemory: (serverBytes / bytes) * ((zones - 1) / zones),
  };
}

function serverNeeds(load: Load, constants: Constants, choices: Choices): ServerNeeds {
  const micros = clientMicros(load, constants, choices);
  const bytes = clientBytes(load, constants);
  const { usersByCpu, usersByMemory } = roomFor(micros, bytes, choices);
  const users = Math.min(usersByCpu, usersByMemory);
  const changes = onlineFriends(load) / load.secondsBetweenUpdates;
  // Own updates come back, too.
  const heardPerSecond = users * (changes + 1 / load.secondsBetweenUpdates);
  return {
    count: Math.ceil(load.onlineUsers / users),
    users,
    usersByCpu,
    usersByMemory,
    core: (users * micros) / 1e6,
    bytes: users * bytes,
    sentBytesPerSecond:
      (users * constants.sentBytesPerClient * changes * REFERENCE.secondsBetweenUpdates) /
      onlineFriends(REFERENCE),
    heardBytesPerSecond: heardPerSecond * constants.push,
    heardPerSecond,
  };
}

function redisNeeds(
  load: Load,
  { count, users }: Pick<ServerNeeds, 'count' | 'users'>,
  constants: Constants,
  choices: Choices,
): RedisNeeds {
  const updates = updatesPerSecond(load);
  const pushesPerUpdate = serversTold(load, count);
  const watched = load.friends + 1;
  const topics = hit(load.users, watched / load.users, load.onlineUsers);
  const subscriptions = count * hit(load.users, watched / load.users, users);
  const comings = load.onlineUsers / choices.socketSeconds;
  const cores = {
    updates: (updates * constants.updateMicros) / 1e6,
    pushes: (updates * pushesPerUpdate * constants.pushMicros) / 1e6,
    comings:
      (comings *
        (watched * (constants.subscribeMicros + constants.unsubscribeMicros) +
          load.friends * constants.readMicros)) /
      1e6,
  };
  const bytes = {
    topics: topics * constants.channel,
    subscriptions: Math.max(0, subscriptions - topics) * constants.subscription,
    positions: load.onlineUsers * constants.position,
  };
  const shardsByCpu = Math.ceil(sum(cores) / choices.redisCore);
  const shardsByMemory = Math.ceil(sum(bytes) / choices.redisBytes);
  return {
    shards: Math.max(shardsByCpu, shardsByMemory),
    shardsByCpu,
    shardsByMemory,
    pushesPerUpdate,
    pushesPerSecond: updates * pushesPerUpdate,
    topics,
    subscriptions,
    cores,
    bytes,
  };
}

/** Servers that watch a user who is online: those of the friends who are, and the user's own. */
export function serversTold(load: Load, servers: number): number {
  return hit(servers, 1 / servers, onlineFriends(load) + 1);
}

export function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}
