/**
 * People of a graph as clients of several servers on one Redis: they come, move in real time, see their lists and go.
 * Everybody who is online reports once in each cadence, evenly spread. The same seed makes the same people do the same.
 */
import { createHistogram, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, openClient } from '../client.js';
import type { LoadUser, Target } from '../crowd.js';
import { protocols } from '../protocols.js';
import { mulberry32 } from '../random.js';
import type { Place } from '../walks.js';
import { type Balancer, createBalancer, type Placement } from './balancer.js';
import { createLists, isNear, type Sighting } from './lists.js';
import { createMovement } from './movement.js';
import { type RedisProxy, startRedisProxy } from './redis-proxy.js';
import { createSessions } from './sessions.js';
import { type Counts, createTally } from './tally.js';

export type PeopleCrowd = Awaited<ReturnType<typeof createPeopleCrowd>>;

export interface PeopleCrowdOptions {
  readonly redisUrl: string;
  readonly servers: number;
  readonly users: readonly LoadUser[];
  /** The friends of each user, by their numbers in `users`. */
  readonly friends: readonly (readonly number[])[];
}

export interface ArriveOptions {
  /** The servers, in the order of the proxies. */
  readonly targets: readonly Target[];
  readonly placement: Placement;
  /** Of all users, at any time; 1 for everybody always. */
  readonly onlineShare: number;
  readonly cadenceSeconds: number;
  /** The number of each user's neighbourhood, as the servers gave it; null where they give none. */
  readonly nears: readonly string[] | null;
}

/** What happened in a stretch of time. */
export interface LiveResult extends Counts {
  readonly seconds: number;
  readonly updates: number;
  readonly errors: number;
  /** Clients whose connections broke; they come back. */
  readonly broken: number;
  /** Users online, at any time. */
  readonly online: number;
  /** Who came online. */
  readonly comings: number;
  readonly sendLagP99Ms: number;
  /** The share of users on the fullest server. */
  readonly fullestServer: number;
}

export interface ListsResult {
  readonly lists: number;
  readonly wrongLists: number;
  /** Those that are still wrong when everybody has reported once more: a fault may need that. */
  readonly unhealedLists: number;
  /** Connections to Redis that broke after the last window. */
  readonly brokenConnections: number;
}

export async function createPeopleCrowd({ redisUrl, servers, users, friends }: PeopleCrowdOptions) {
  const movement = createMovement(users, SEED);
  const lists = createLists(users.length);
  const numbers = new Map(users.map(({ id }, number) => [id, number]));
  const clients = users.map((): Client | null => null);
  const serverOf = users.map(() => -1);
  const places = users.map((): Place | null => null);
  const reportedAtMs = users.map(() => 0);
  /** The order in which users have their turns. */
  const order = shuffled(users.length, mulberry32(SEED));
  const coming = new Set<Promise<void>>();
  const tally = createTally(servers, {
    numberOf: (userId) => numbers.get(userId) ?? -1,
    serverOf: (user) => serverOf[user] ?? -1,
    isNeeded,
  });
  const proxies: RedisProxy[] = [];
  for (let server = 0; server < servers; server++) {
    proxies.push(await startRedisProxy(redisUrl, tally.observer(server)));
  }
  let plan: Plan | null = null;
  let livedSeconds = 0;
  let turns = 0;
  /** Whether everybody stays, and reports that all the same. */
  let isStill = false;
  const own = { updates: 0, errors: 0, comings: 0, broken: 0, received: 0 };

  function isNeeded(user: number, server: number): boolean {
    const place = places[user];
    if (place == null) return false;
    return (friends[user] ?? []).some((friend) => {
      const other = places[friend];
      return serverOf[friend] === server && other != null && isNear(place, other);
    });
  }

  async function come(user: number, { targets, balancer, nears }: Plan): Promise<void> {
    const server = balancer.open(nears?.[user] ?? null);
    const target = targets[server] as Target;
    const protocol = protocols[target.protocol];
    serverOf[user] = server;
    own.comings += 1;
    movement.appear(user);
    lists.begin(user);
    const { client, snapshot } = await openClient(target.url, users[user] as LoadUser, protocol);
    lists.receive(user, protocol.parse(snapshot));
    client.onText = (text) => {
      own.received += 1;
      if (protocol.isAnswer(text)) return;
      if (protocol.isError(text)) own.errors += 1;
      else lists.receive(user, protocol.parse(text));
    };
    clients[user] = client;
  }

  function report(user: number, { targets, cadenceSeconds }: Plan): void {
    const place = (isStill ? places[user] : null) ?? movement.move(user, cadenceSeconds);
    places[user] = place;
    reportedAtMs[user] = performance.now();
    const { protocol } = targets[serverOf[user] ?? 0] as Target;
    clients[user]?.send(protocols[protocol].update(place.latitude, place.longitude, ++own.updates));
  }

  function leave(user: number, { balancer }: Plan): void {
    balancer.close(serverOf[user] ?? 0);
    serverOf[user] = -1;
    void clients[user]?.close();
    clients[user] = null;
  }

  function takeTurn(user: number, seconds: number, plan: Plan): void {
    if (clients[user]?.isOpen() === false) {
      own.broken += 1;
      leave(user, plan);
    }
    const isThere = clients[user] !== null;
    // One who is coming has to come first.
    if (!isThere && serverOf[user] !== -1) return;
    if (plan.sessions.isOnline(user, seconds)) {
      if (isThere) report(user, plan);
      else track(come(user, plan).then(() => report(user, plan)));
    } else if (isThere) leave(user, plan);
  }

  function track(arrival: Promise<void>): void {
    const done = arrival.catch(() => void (own.errors += 1)).finally(() => coming.delete(done));
    coming.add(done);
  }

  const countsNow = () => ({ ...tally.counts, ...own, atMs: performance.now() });

  const sightingOf = (user: number): Sighting | null => {
    const place = places[user];
    return place == null ? null : { place, ageMs: performance.now() - (reportedAtMs[user] ?? 0) };
  };

  const isListRight = (user: number): boolean =>
    lists.isRight(
      user,
      sightingOf(user),
      (friends[user] ?? []).map((friend) => ({
        id: users[friend]?.id ?? '',
        sighting: sightingOf(friend),
      })),
    );

  /** Goes on from where it stopped, for so many seconds. */
  async function live(seconds: number): Promise<LiveResult> {
    if (plan === null) throw new Error('Nobody has arrived');
    const { cadenceSeconds } = plan;
    const secondsOfTurn = cadenceSeconds / users.length;
    const lag = createHistogram();
    const before = countsNow();
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - before.atMs) / 1_000) {
      const now = livedSeconds + elapsed;
      for (let due = turns * secondsOfTurn; due <= now; due = ++turns * secondsOfTurn) {
        lag.record(Math.max(1, Math.round((now - due) * 1e6)));
        takeTurn(order[turns % users.length] ?? 0, due, plan);
      }
      await sleep(TURN_MS);
    }
    livedSeconds += seconds;
    const after = countsNow();
    const grown = Object.fromEntries(
      Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]]),
    ) as typeof after;
    const lived = grown.atMs / 1_000;
    const onServers = Array.from(
      { length: servers },
      (_, server) => serverOf.filter((on) => on === server).length,
    );
    return {
      ...grown,
      seconds: lived,
      online: (grown.updates * cadenceSeconds) / lived,
      sendLagP99Ms: lag.percentile(99) / 1_000,
      fullestServer: Math.max(...onServers) / serverOf.filter((on) => on !== -1).length,
    };
  }

  /** How many lists are wrong once nothing arrives any more. They are given time, as a starved server needs it. */
  async function countWrongLists(): Promise<number> {
    await Promise.all(coming);
    const endMs = performance.now() + SETTLE_MS;
    for (let before = -1; ;) {
      await sleep(QUIET_MS);
      const isQuiet = own.received === before;
      before = own.received;
      const wrong = order.filter((user) => clients[user] !== null && !isListRight(user)).length;
      if ((isQuiet && wrong === 0) || performance.now() > endMs) return wrong;
    }
  }

  return {
    /** What each server is given as REDIS_URL. */
    redisUrls: proxies.map(({ url }) => url),

    /** Connects everybody who is online at the beginning. */
    async arrive({ targets, placement, onlineShare, cadenceSeconds, nears }: ArriveOptions): Promise<void> {
      const meanSeconds = SESSION_CADENCES * cadenceSeconds;
      plan = {
        targets,
        cadenceSeconds,
        nears,
        balancer: createBalancer(servers, placement, mulberry32(SEED)),
        sessions: createSessions(users.length, onlineShare, meanSeconds, mulberry32(SEED)),
      };
      const { sessions } = plan;
      const waiting = order.filter((user) => sessions.isOnline(user, 0));
      const comeInTurn = async (plan: Plan): Promise<void> => {
        for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) await come(user, plan);
      };
      await Promise.all(Array.from({ length: COMING_AT_ONCE }, () => comeInTurn(plan as Plan)));
    },

    live,

    /** Compares every list with the places of all friends; where one is wrong, again when all have reported once more. */
    async settle(): Promise<ListsResult> {
      const before = tally.counts.connections;
      const wrongLists = await countWrongLists();
      isStill = true;
      if (wrongLists > 0 && plan !== null) await live(plan.cadenceSeconds);
      return {
        lists: clients.filter((client) => client !== null).length,
        wrongLists,
        unhealedLists: wrongLists === 0 ? 0 : await countWrongLists(),
        brokenConnections: tally.counts.connections - before,
      };
    },

    /** The topics and inboxes that each server has joined. */
    channels: () => tally.joined.map((channels) => [...channels]),

    async leave(): Promise<void> {
      await Promise.all(clients.flatMap((client) => client?.close() ?? []));
      for (const proxy of proxies) proxy.close();
    },
  };
}

interface Plan extends Pick<ArriveOptions, 'targets' | 'cadenceSeconds' | 'nears'> {
  readonly balancer: Balancer;
  readonly sessions: ReturnType<typeof createSessions>;
}

const SEED = 7;
/** How long somebody stays online on average: half an hour at a cadence of 30 s. */
const SESSION_CADENCES = 60;
const COMING_AT_ONCE = 20;
const TURN_MS = 2;
/** Longer than changes wait to be merged, and than a server takes to notice that a friend is away. */
const QUIET_MS = 2_500;
const SETTLE_MS = 30_000;

/** The numbers up to `count` in an order of chance (Fisher and Yates). */
function shuffled(count: number, random: () => number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other] as number, numbers[last] as number];
  }
  return numbers;
}
