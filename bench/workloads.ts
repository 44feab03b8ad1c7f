/** The workloads by name: who takes part, how fast they move, which systems are compared. */
import type { Bench } from './bench.js';
import { hasGraph, readGraph } from './load/people/graph.js';
import { microsPerUpdate, type Results, runsOf } from './results.js';
import { startRedisCluster } from './run/redis-cluster.js';
import { median } from './run/statistics.js';
import type { System, SystemKind } from './systems.js';
import { runBursts } from './workloads/bursts.js';
import { runHistory } from './workloads/history.js';
import { runMemory } from './workloads/memory.js';
import { type PeopleInDatabase, putPeopleIntoDatabase } from './workloads/people-in-database.js';
import { circles, type Population, realPeople, strangers } from './workloads/population.js';
import { runRealGraph } from './workloads/realgraph.js';
import { runReconnect } from './workloads/reconnect.js';
import { runSteady } from './workloads/steady.js';
import { runTopics } from './workloads/topics.js';

type Workload = (bench: Bench, results: Results) => Promise<void>;

/** A circle of 41: everybody has 40 friends who are online. */
const CIRCLE = 41;
const FRIENDS = 400;
const CADENCE_SECONDS = 30;
const SHARDS = 16;
/** Of 40 friends who are online, as in the graph of realgraph: 7.4. */
const NEAR_OF_REAL_PEOPLE = 8;
const BURSTS_SECONDS = 20;

interface SteadyLoad {
  readonly circles: number;
  /** 1 by default: everybody in a circle is near. */
  readonly nearShare?: number;
  readonly updatesPerSecond: number;
  readonly of: readonly SystemKind[];
  /** Windows as long as everybody takes to move once, three of them at most. */
  readonly cadence?: boolean;
}

/** Each is a workload of its own. At 100 updates a second in dense, stock Yoga keeps about two thirds of a core busy. */
const steadyLoads: Readonly<Record<string, SteadyLoad>> = {
  dense: {
    circles: 24,
    updatesPerSecond: 100,
    of: ['ours-1000', 'ours-1000-approximate', 'ours-0', 'floor', 'yoga'],
  },
  'dense-busy': { circles: 24, updatesPerSecond: 250, of: ['ours-1000', 'ours-0', 'floor'] },
  sparse: {
    circles: 24,
    nearShare: 0.1,
    updatesPerSecond: 400,
    of: ['ours-1000', 'ours-1000-approximate', 'ours-0', 'floor', 'yoga'],
  },
  cadence: {
    circles: 244,
    updatesPerSecond: (244 * CIRCLE) / CADENCE_SECONDS,
    of: ['ours-1000', 'floor'],
    cadence: true,
  },
  'cadence-small': {
    circles: 24,
    updatesPerSecond: (24 * CIRCLE) / CADENCE_SECONDS,
    of: ['ours-1000'],
    cadence: true,
  },
};

export const workloads: Readonly<Record<string, Workload>> = {
  ...Object.fromEntries(
    Object.entries(steadyLoads).map(([name, load]) => [
      name,
      (bench: Bench, results: Results) => steady(bench, results, name, load),
    ]),
  ),

  /** Measures latency at the rate at which stock Yoga keeps half of a core busy. */
  async latency(bench, results) {
    const load: SteadyLoad = { circles: 24, updatesPerSecond: 100, of: ['ours-0', 'floor', 'yoga'] };
    await steady(bench, results, 'calibration', { ...load, of: ['yoga'] }, 1);
    const yoga = runsOf(results, 'calibration', 'yoga');
    if (yoga.length === 0) throw new Error('the rate depends on yoga, which --system leaves out');
    const updatesPerSecond = Math.round(0.5e6 / median(yoga.map(microsPerUpdate)));
    await steady(bench, results, 'latency', { ...load, updatesPerSecond });
  },

  /** Measures idle connections; a process's memory differs by megabytes from run to run, so there are many. */
  async memory(bench, results) {
    const crowd = { circles: bench.settings.quick ? 6 : 60, size: CIRCLE };
    const present = await put(bench, circles({ name: 'present_friends', ...crowd }));
    results.memory.push(...(await runMemory(bench, present, chosen(bench, ['ours-1000', 'floor', 'yoga']))));
    const absentFriends = FRIENDS - (CIRCLE - 1);
    const absent = await put(bench, circles({ name: 'absent_friends', ...crowd, absentFriends }));
    results.memory.push(...(await runMemory(bench, absent, chosen(bench, ['ours-1000']))));
  },

  async reconnect(bench, results) {
    const count = bench.settings.quick ? 1 : 5;
    const people = await put(
      bench,
      circles({ name: 'reconnect', circles: count, size: FRIENDS + 1, nearShare: 0.1 }),
    );
    results.reconnect.push(...(await runReconnect(bench, people, chosen(bench, ['ours-1000']))));
  },

  async history(bench, results) {
    const people = await put(bench, circles({ name: 'history', circles: 24, size: CIRCLE }));
    results.history.push(...(await runHistory(bench, people)));
  },

  scattered: (bench, results) => scattered(bench, results, 'scattered', CIRCLE - 1),

  /** As many of the friends are near as of real people. */
  'scattered-far': (bench, results) => scattered(bench, results, 'scattered-far', NEAR_OF_REAL_PEOPLE),

  async bursts(bench, results) {
    const { quick, seconds, windows } = bench.settings;
    const people = await putScattered(bench, 'scattered', CIRCLE - 1);
    for (const system of chosen(bench, ['ours-1000'])) {
      const redis = await startRedisCluster(quick ? 3 : SHARDS);
      const clustered: Bench = { ...bench, backing: { ...bench.backing, redis } };
      const load = { people, redis, system, updatesPerSecond: scatteredRate(people), windows };
      try {
        results.bursts.push(
          ...(await runBursts(clustered, { ...load, seconds: quick ? seconds : BURSTS_SECONDS })),
        );
      } finally {
        await redis.close();
      }
    }
  },

  async topics(bench, results) {
    results.topics.push(...(await runTopics(bench)));
  },

  /** The friendships and homes of real people, which are no part of this project. */
  async realgraph(bench, results) {
    const { quick, windows, realGraph } = bench.settings;
    if (!hasGraph(realGraph.folder)) {
      console.error(`realgraph is left out: there is no graph in ${realGraph.folder} (--graph).`);
      return;
    }
    const graph = await readGraph(realGraph.folder, realGraph.people);
    const people = await put(bench, realPeople(graph));
    const systems = chosen(bench, ['ours-1000', 'floor']);
    const options = { ...realGraph, people, systems, windows: Math.min(3, windows) };
    const cadenceSeconds = quick ? 3 : CADENCE_SECONDS;
    await runRealGraph(bench, { ...options, cadenceSeconds }, results.realGraph);
  },
};

/** Workloads that measure PostgreSQL or Redis alone. */
export const withoutSystems: ReadonlySet<string> = new Set(['history', 'topics']);

async function steady(
  bench: Bench,
  results: Results,
  name: string,
  { circles: count, nearShare = 1, updatesPerSecond, of, cadence = false }: SteadyLoad,
  windows = bench.settings.windows,
): Promise<void> {
  const systems = chosen(bench, of);
  if (systems.length === 0) return;
  const { quick, seconds } = bench.settings;
  const scale = quick ? 0.25 : 1;
  const size = CIRCLE;
  const population = circles({
    name: `circles_${count}_${nearShare * 100}`,
    circles: Math.ceil(count * scale),
    size,
    nearShare,
  });
  results.steady.push(
    ...(await runSteady(bench, {
      name,
      people: await put(bench, population),
      systems,
      updatesPerSecond: updatesPerSecond * scale,
      seconds: cadence && !quick ? CADENCE_SECONDS : seconds,
      windows: cadence ? Math.min(3, windows) : windows,
    })),
  );
}

/** The systems of this run that a workload compares. */
const chosen = ({ settings }: Bench, kinds: readonly SystemKind[]): System[] =>
  settings.systems.filter(({ kind }) => kinds.includes(kind));

/** The load of one of many servers: every friend is elsewhere, and each change comes alone from any of many shards. */
async function scattered(bench: Bench, results: Results, name: string, near: number): Promise<void> {
  const { quick, seconds, repetitions } = bench.settings;
  const people = await putScattered(bench, name, near);
  const settings = { ...bench.settings, repetitions: Math.min(2, repetitions) };
  for (const system of chosen(bench, ['ours-1000'])) {
    const redis = await startRedisCluster(quick ? 3 : SHARDS);
    try {
      const clustered: Bench = { ...bench, settings, backing: { ...bench.backing, redis } };
      results.steady.push(
        ...(await runSteady(clustered, {
          name,
          people,
          systems: [system],
          updatesPerSecond: scatteredRate(people),
          seconds: quick ? seconds : CADENCE_SECONDS,
          windows: settings.repetitions,
        })),
      );
      results.memory.push(...(await runMemory(clustered, people, [system])));
      results.reconnect.push(...(await runReconnect(clustered, people, [system])));
    } finally {
      await redis.close();
    }
  }
}

/** Makes clients who have no friend in common. */
function putScattered(bench: Bench, name: string, nearElsewhere: number): Promise<PeopleInDatabase> {
  const friendsElsewhere = CIRCLE - 1;
  return put(
    bench,
    strangers({
      name,
      clients: bench.settings.quick ? 100 : 2_000,
      friendsElsewhere,
      nearElsewhere,
      absentFriends: FRIENDS - friendsElsewhere,
    }),
  );
}

/** Everybody moves once every 30 s, the friends elsewhere, too. */
const scatteredRate = ({ population: { connected, friendsElsewhere } }: PeopleInDatabase): number =>
  (connected * (1 + friendsElsewhere)) / CADENCE_SECONDS;

const known = new Map<string, Promise<PeopleInDatabase>>();

/** Puts each population into a database once. */
function put(bench: Bench, population: Population): Promise<PeopleInDatabase> {
  const people = known.get(population.name) ?? putPeopleIntoDatabase(bench, population);
  known.set(population.name, people);
  return people;
}
