/** The workloads by name: who takes part, how fast they move, which systems are compared. */
import type { Bench } from './bench.js';
import { cpuShare, microsPerUpdate, type Results, runsOf } from './results.js';
import { startRedisCluster } from './run/redis-cluster.js';
import { spreadOf } from './run/statistics.js';
import { type System, type SystemName, systemNamed, systems } from './systems.js';
import { runHistory } from './workloads/history.js';
import { runMemory } from './workloads/memory.js';
import { type PeopleInDatabase, putPeopleIntoDatabase } from './workloads/people-in-database.js';
import { circles, type Population, strangers } from './workloads/population.js';
import { realGraph } from './workloads/real-graph.js';
import { runReconnect } from './workloads/reconnect.js';
import { runSteady } from './workloads/steady.js';
import { runTopics } from './workloads/topics.js';

type Workload = (bench: Bench, results: Results) => Promise<void>;

/** What the bars are about. */
const BARS: readonly SystemName[] = ['ours-1000', 'ours-0', 'floor', 'yoga'];

/** A circle of 41: everybody has 40 friends who are there. */
const CIRCLE = 41;
const FRIENDS = 400;
const CADENCE_SECONDS = 30;
const SHARDS = 16;

/**
 * Stock Yoga keeps about two thirds of a core busy with these: the cost of a change is compared, not the collapse
 * under load. Merging saves more the higher the rate is: here a frame of dense holds four changes, one of sparse two.
 */
const DENSE_UPDATES_PER_SECOND = 100;
/** More than Yoga can do, for the others: every user moves each four seconds, and a frame holds ten changes. */
const BUSY_UPDATES_PER_SECOND = 250;
const SPARSE_UPDATES_PER_SECOND = 400;

export interface SteadyLoad {
  people(bench: Bench): Promise<PeopleInDatabase>;
  readonly updatesPerSecond: number;
}

/** What can be profiled. */
export const steadyLoads = {
  dense: { people: dense, updatesPerSecond: DENSE_UPDATES_PER_SECOND },
  'dense-busy': { people: dense, updatesPerSecond: BUSY_UPDATES_PER_SECOND },
  sparse: { people: sparse, updatesPerSecond: SPARSE_UPDATES_PER_SECOND },
  cadence: { people: cadence, updatesPerSecond: Math.round((244 * CIRCLE) / CADENCE_SECONDS) },
} as const satisfies Record<string, SteadyLoad>;

export const workloads: Readonly<Record<string, Workload>> = {
  async dense(bench, results) {
    await steady(bench, results, {
      people: await dense(bench),
      of: bench.settings.quick ? BARS : systems.map(({ name }) => name),
      updatesPerSecond: bench.settings.quick ? 60 : DENSE_UPDATES_PER_SECOND,
    });
    if (bench.settings.quick) return;
    await steady(bench, results, {
      name: 'dense-busy',
      people: await dense(bench),
      of: ['ours-1000', 'ours-0', 'floor'],
      updatesPerSecond: BUSY_UPDATES_PER_SECOND,
    });
  },

  async sparse(bench, results) {
    await steady(bench, results, {
      people: await sparse(bench),
      of: BARS,
      updatesPerSecond: bench.settings.quick ? 200 : SPARSE_UPDATES_PER_SECOND,
    });
  },

  async realgraph(bench, results) {
    if (bench.settings.quick) return;
    const population = await realGraph();
    if (population === null) {
      results.notes.push('realgraph was skipped: ../shared/data/friends.csv and homes.csv are not there');
      return;
    }
    await steady(bench, results, {
      people: await put(bench, population),
      of: BARS,
      updatesPerSecond: SPARSE_UPDATES_PER_SECOND,
      windows: Math.min(3, bench.settings.windows),
    });
  },

  async cadence(bench, results) {
    for (const [name, count] of bench.settings.quick
      ? ([['cadence', 24]] as const)
      : ([
          ['cadence', 244],
          ['cadence-small', 24],
        ] as const)) {
      const people = await put(
        bench,
        circles({ name: name.replace('-', '_'), circles: count, size: CIRCLE }),
      );
      await steady(bench, results, {
        name,
        people,
        of: name === 'cadence' ? ['ours-1000', 'floor'] : ['ours-1000'],
        updatesPerSecond: people.population.connected / CADENCE_SECONDS,
        seconds: bench.settings.quick ? bench.settings.seconds : CADENCE_SECONDS,
        windows: Math.min(3, bench.settings.windows),
      });
    }
  },

  /** The load of one of many servers: friends are elsewhere, so that each change comes by itself, from any of many shards. */
  async scattered(bench, results) {
    const [ours] = chosen(bench, ['ours-1000']);
    if (ours === undefined) return;
    const people = await scattered(bench);
    const { connected, friendsElsewhere } = people.population;
    const { quick, repetitions } = bench.settings;
    const settings = { ...bench.settings, repetitions: Math.min(2, repetitions) };
    const redisCluster = await startRedisCluster(quick ? 3 : SHARDS);
    try {
      const clustered = { ...bench, settings, redisCluster };
      await steady(clustered, results, {
        people,
        of: [ours.name],
        updatesPerSecond: (connected * (1 + friendsElsewhere)) / CADENCE_SECONDS,
        seconds: quick ? bench.settings.seconds : CADENCE_SECONDS,
        windows: settings.repetitions,
      });
      results.memory.push(...(await runMemory(clustered, people, [ours])));
      results.reconnect.push(...(await runReconnect(clustered, people, ours)));
    } finally {
      await redisCluster.close();
    }
  },

  /** At the rate at which stock Yoga keeps half of a core busy: by the dense workload, else by a run of its own. */
  async latency(bench, results) {
    const people = await dense(bench);
    const measured = runsOf(results, 'dense', 'yoga').length > 0 ? 'dense' : 'calibration';
    if (measured === 'calibration') {
      await steady(bench, results, {
        name: measured,
        people,
        of: ['yoga'],
        updatesPerSecond: DENSE_UPDATES_PER_SECOND,
        windows: 1,
      });
    }
    const yoga = runsOf(results, measured, 'yoga');
    if (yoga.length === 0) {
      results.notes.push('latency was skipped: the rate goes by Yoga, which this run leaves out');
      return;
    }
    const updatesPerSecond = Math.round(0.5e6 / spreadOf(yoga.map(microsPerUpdate)).median);
    await steady(bench, results, {
      name: 'latency',
      people,
      of: ['ours-0', 'floor', 'yoga'],
      updatesPerSecond,
    });
    const share = spreadOf(runsOf(results, 'latency', 'yoga').map(cpuShare)).median;
    results.notes.push(
      `latency: at ${updatesPerSecond} updates/s Yoga used ${(share * 100).toFixed(0)} % of its core`,
    );
  },

  async memory(bench, results) {
    const { quick } = bench.settings;
    const of = chosen(
      bench,
      quick
        ? ['ours-1000', 'floor', 'yoga']
        : ['ours-1000', 'floor', 'socketio', 'mercurius', 'graphql-ws', 'yoga'],
    );
    // A process's free memory differs by some megabytes from run to run: with so many clients that is 1 kB each.
    const crowd = { circles: quick ? 6 : 60, size: CIRCLE };
    const present = circles({ name: 'present_friends', ...crowd });
    results.memory.push(...(await runMemory(bench, await put(bench, present), of)));
    const absent = circles({ name: 'absent_friends', ...crowd, absentFriends: FRIENDS - (CIRCLE - 1) });
    const ours = chosen(bench, ['ours-1000']);
    results.memory.push(...(await runMemory(bench, await put(bench, absent), ours)));
  },

  async reconnect(bench, results) {
    const population = circles({
      name: 'reconnect',
      circles: bench.settings.quick ? 1 : 5,
      size: 401,
      nearShare: 0.1,
    });
    const [ours] = chosen(bench, ['ours-1000']);
    if (ours !== undefined)
      results.reconnect.push(...(await runReconnect(bench, await put(bench, population), ours)));
  },

  async history(bench, results) {
    results.history.push(
      ...(await runHistory(bench, await put(bench, circles({ name: 'history', circles: 24, size: CIRCLE })))),
    );
  },

  async topics(bench, results) {
    results.topics.push(...(await runTopics(bench)));
  },
};

/** Workloads that measure PostgreSQL or Redis alone. */
export const withoutSystems: ReadonlySet<string> = new Set(['history', 'topics']);

interface SteadyOptions {
  /** The population's when left out. */
  readonly name?: string;
  readonly people: PeopleInDatabase;
  readonly of: readonly SystemName[];
  readonly updatesPerSecond: number;
  readonly seconds?: number;
  readonly windows?: number;
}

async function steady(bench: Bench, results: Results, options: SteadyOptions): Promise<void> {
  const { seconds, windows } = bench.settings;
  const runs = await runSteady(bench, {
    name: options.people.population.name,
    seconds,
    windows,
    ...options,
    systems: chosen(bench, options.of),
  });
  results.steady.push(...runs);
}

/** Of the systems that a workload compares, those that this run is asked for. */
function chosen({ settings }: Bench, names: readonly SystemName[]): System[] {
  return names.filter((name) => settings.systems?.includes(name) ?? true).map(systemNamed);
}

const known = new WeakMap<Bench, Map<string, Promise<PeopleInDatabase>>>();

/** Each population is put into a database once. */
function put(bench: Bench, population: Population): Promise<PeopleInDatabase> {
  const people = known.get(bench) ?? new Map<string, Promise<PeopleInDatabase>>();
  known.set(bench, people);
  const before = people.get(population.name);
  if (before !== undefined) return before;
  const made = putPeopleIntoDatabase(bench.backing.postgresUrl, population);
  people.set(population.name, made);
  return made;
}

/** 24 circles of 41, everybody near. */
function dense(bench: Bench): Promise<PeopleInDatabase> {
  return put(bench, circles({ name: 'dense', circles: bench.settings.quick ? 6 : 24, size: CIRCLE }));
}

/** 244 circles of 41, everybody near. */
function cadence(bench: Bench): Promise<PeopleInDatabase> {
  return put(bench, circles({ name: 'cadence', circles: bench.settings.quick ? 24 : 244, size: CIRCLE }));
}

/** The same with a tenth near. */
function sparse(bench: Bench): Promise<PeopleInDatabase> {
  const count = bench.settings.quick ? 6 : 24;
  return put(bench, circles({ name: 'sparse', circles: count, size: CIRCLE, nearShare: 0.1 }));
}

/** 2,000 clients with 400 friends each whom nobody else here has: 40 who are connected elsewhere, the others away. */
function scattered(bench: Bench): Promise<PeopleInDatabase> {
  const friendsElsewhere = CIRCLE - 1;
  return put(
    bench,
    strangers({
      name: 'scattered',
      clients: bench.settings.quick ? 100 : 2_000,
      friendsElsewhere,
      absentFriends: FRIENDS - friendsElsewhere,
    }),
  );
}
