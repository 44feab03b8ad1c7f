/** What every workload works with: the cores, Redis and PostgreSQL, the load generator, the settings of this run. */
import type { ConnectResult, Target } from './load/commands.js';
import { type Backing, startRedis } from './run/backing.js';
import type { Cores } from './run/cores.js';
import { type LoadGenerator, startLoadGenerator } from './run/load-generator.js';
import type { Progress } from './run/progress.js';
import type { RedisCluster } from './run/redis-cluster.js';
import { type StartOptions, startSystem, type SystemProcess } from './run/system-process.js';
import type { System } from './systems.js';
import { JWT_PRIVATE_KEY, type PeopleInDatabase } from './workloads/people-in-database.js';

export interface Settings {
  /** Runs of what begins anew each time. */
  readonly repetitions: number;
  /** Measured windows of each system under a steady load. */
  readonly windows: number;
  /** The length of such a window. */
  readonly seconds: number;
  /** Small populations and short windows: whether everything works, not how fast it is. */
  readonly quick: boolean;
  /** Null measures all. */
  readonly systems: readonly string[] | null;
}

export interface Bench {
  readonly settings: Settings;
  readonly cores: Cores;
  readonly backing: Backing;
  /** What our server uses instead of the one Redis of `backing`; null for that one. */
  readonly redisCluster: RedisCluster | null;
  readonly load: LoadGenerator;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Starts a system on the population's database and an empty Redis, and stops it after `work`, whatever happens.
 * @throws the signal's reason once it is aborted.
 */
export async function withSystem<T>(
  bench: Bench,
  system: System,
  people: PeopleInDatabase,
  work: (running: SystemProcess) => Promise<T>,
  options: Pick<StartOptions, 'nodeArgs' | 'collectable'> = {},
): Promise<T> {
  const running = await start(bench, system, people, options);
  try {
    return await whileUp(bench.signal, [running], () => work(running));
  } finally {
    // After Ctrl-C the load generator may be in the middle of something, or gone: the clients go with it.
    if (!bench.signal.aborted) await bench.load.ask({ kind: 'disconnect' });
    await running.stop();
  }
}

/** A system that runs beside others, with a Redis and a load generator of its own. */
export interface RunningSystem extends SystemProcess {
  readonly system: System;
  readonly bench: Bench;
}

/** The same for several at once, on one database. */
export async function withSystems<T>(
  bench: Bench,
  systems: readonly System[],
  people: PeopleInDatabase,
  work: (running: readonly RunningSystem[]) => Promise<T>,
): Promise<T> {
  const running: RunningSystem[] = [];
  const cleanups: (() => Promise<void> | void)[] = [];
  try {
    for (const system of systems) {
      const redis = await startRedis();
      cleanups.push(() => redis.close());
      const load = startLoadGenerator();
      cleanups.push(() => load.stop());
      const own: Bench = { ...bench, backing: { ...bench.backing, ...redis }, load };
      const started = await start(own, system, people, {});
      cleanups.push(() => started.stop());
      running.push({ ...started, system, bench: own });
    }
    return await whileUp(bench.signal, running, () => work(running));
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  }
}

async function start(
  { signal, backing, redisCluster, cores }: Bench,
  system: System,
  people: PeopleInDatabase,
  options: Pick<StartOptions, 'nodeArgs' | 'collectable'>,
): Promise<SystemProcess> {
  signal.throwIfAborted();
  await backing.clearRedis();
  await redisCluster?.clear();
  return startSystem(system, {
    ...options,
    cores,
    env: {
      DATABASE_URL: people.databaseUrl,
      REDIS_URL: backing.redisUrl,
      ...(redisCluster !== null && { REDIS_CLUSTER_NODES: redisCluster.nodes }),
      JWT_PRIVATE_KEY,
    },
  });
}

/** @throws what ended one of the systems by itself, or the signal's reason, when that comes before the work is done. */
async function whileUp<T>(
  signal: AbortSignal,
  running: readonly SystemProcess[],
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([work(), ...running.map(({ died }) => died), abortion(signal, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Rejects with the signal's reason when it is aborted before `over` is. */
function abortion(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: over });
  });
}

/** Connects the first `count` users of a population, everybody when left out, and reports a place for each. */
export function connect(
  bench: Bench,
  target: Target,
  people: PeopleInDatabase,
  count = people.population.connected,
): Promise<ConnectResult> {
  const { usersFile, population } = people;
  const { roamMeters } = population;
  return bench.load.ask({ kind: 'connect', target, usersFile, count, roamMeters, place: true });
}
