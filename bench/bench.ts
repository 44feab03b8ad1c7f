/** What every workload works with: the settings of this run, the cores, Redis and PostgreSQL, the load generator. */
import { type Backing, startRedis } from './run/backing.js';
import type { Cores } from './run/cores.js';
import { type LoadGenerator, startLoadGenerator } from './run/load-generator.js';
import { startSystem, type SystemProcess } from './run/system-process.js';
import { JWT_PRIVATE_KEY } from './run/tokens.js';
import type { System } from './systems.js';
import type { PeopleInDatabase } from './workloads/people-in-database.js';

export interface Settings {
  /** Runs of each workload that starts afresh every time. */
  readonly repetitions: number;
  /** Measured windows of each system under a steady load. */
  readonly windows: number;
  /** The length of such a window. */
  readonly seconds: number;
  /** Uses small populations and short windows: a test of the benchmark, not of speed. */
  readonly quick: boolean;
  readonly systems: readonly System[];
  readonly realGraph: RealGraphSettings;
  /** Options of Node for every system. */
  readonly nodeArgs: readonly string[];
}

export interface RealGraphSettings {
  /** Where friends.csv and homes.csv are. */
  readonly folder: string;
  /** How many of the people take part; Infinity for all. */
  readonly people: number;
  /** How long people move before the first window. */
  readonly warmUpSeconds: number;
  /** The length of a window. */
  readonly seconds: number;
}

export interface Bench {
  readonly settings: Settings;
  readonly cores: Cores;
  readonly backing: Backing;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Shows what happens now and how much is left. */
export interface Progress {
  /** Adds `steps` that are to be done. */
  expect(steps: number): void;
  /** Begins the next step. */
  step(what: string): void;
}

/** A running system with a Redis and a load generator of its own. */
export interface RunningSystem extends SystemProcess {
  readonly system: System;
  readonly load: LoadGenerator;
  /** Connects the first `count` users of the population, all by default, and reports a place for each. */
  connect(count?: number): Promise<void>;
}

/** As withSystems(), for one system on the Redis of `bench`. */
export function withSystem<T>(
  bench: Bench,
  system: System,
  people: PeopleInDatabase,
  work: (running: RunningSystem) => Promise<T>,
  collectable = false,
): Promise<T> {
  return withSystems(bench, people, [system], ([running]) => work(running as RunningSystem), collectable);
}

/**
 * Starts systems on an empty Redis each, and stops them after `work`, whatever happens.
 * @param collectable makes collectGarbage() work.
 * @throws the signal's reason once it is aborted.
 */
export async function withSystems<T>(
  { backing, cores, settings, signal }: Bench,
  { databaseUrlFor, usersFile, population }: PeopleInDatabase,
  systems: readonly System[],
  work: (running: readonly RunningSystem[]) => Promise<T>,
  collectable = false,
): Promise<T> {
  const running: RunningSystem[] = [];
  const cleanups: (() => Promise<void> | void)[] = [];
  try {
    for (const system of systems) {
      signal.throwIfAborted();
      const databaseUrl = await databaseUrlFor(system);
      const redis = systems.length === 1 ? backing.redis : await startRedis();
      if (redis !== backing.redis) cleanups.push(() => redis.close());
      await redis.clear();
      const load = startLoadGenerator();
      cleanups.push(() => load.stop());
      const env = { DATABASE_URL: databaseUrl, JWT_PRIVATE_KEY, ...redis.env };
      const started = await startSystem(system, { cores, collectable, env, nodeArgs: settings.nodeArgs });
      cleanups.push(() => started.stop());
      const { target } = started;
      const { roamMeters, connected } = population;
      running.push({
        ...started,
        system,
        load,
        connect: (count = connected) => load.call('connect', { target, usersFile, count, roamMeters }),
      });
    }
    return await whileUp(signal, running, () => work(running));
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  }
}

/** @throws the error of a system that ended by itself, or the signal's reason, when that comes before the work is done. */
export async function whileUp<T>(
  signal: AbortSignal,
  running: readonly SystemProcess[],
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: over.signal });
  });
  try {
    return await Promise.race([work(), aborted, ...running.map(({ died }) => died)]);
  } finally {
    over.abort();
  }
}
