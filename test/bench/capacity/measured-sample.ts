/** Costs in round numbers, as a run of the benchmark might have measured them. */
import type { Spread } from '../../../bench/run/statistics.js';
import type { Measured, RedisCosts, ServerCosts } from '../../../bench/capacity/measured.js';

const about = (median: number): Spread => ({ median, min: 0.9 * median, max: 1.2 * median });

const server: ServerCosts = {
  clients: 1_000,
  cpuMicros: about(50),
  changes: about(1.3),
  messages: about(0.9),
  sentBytes: about(900),
  connectMicros: about(3_000),
  latencyP99Ms: about(1_100),
};

const redis: RedisCosts = {
  bytesPerChannel: about(300),
  bytesPerFurtherConnection: about(150),
  microsPerSubscribe: about(2),
  microsPerUnsubscribe: about(1),
  bytesPerPush: about(180),
  bytesPerPosition: about(280),
  recordBytes: about(110),
  microsPerUpdateApart: about(20),
  microsPerUpdateTogether: about(10),
  microsPerRead: about(1),
  publish: [0, 1, 10, 40].map((subscriberConnections) => ({
    subscriberConnections,
    microsApart: about(15 + 5 * subscriberConnections),
    microsTogether: about(2 + subscriberConnections),
  })),
};

const history = {
  rowsPerSecond: about(50_000),
  bytesPerRow: { table: 100, index: 80, ids: 150, wal: 500 },
};

export const sample: Measured = {
  source: { measuredAt: '2026-11-25', gitRevision: 'abc1234', machine: 'a machine', versions: 'versions' },
  server: { scattered: server, together: { ...server, cpuMicros: about(30) } },
  memory: { present: about(15_000), absent: about(30_000), scattered: about(400_000) },
  redis: { plain: redis, sharded: redis },
  history: { buffer: history, claimed: history, copy: history },
};
