/** All three servers of a cluster are replaced under load, and nobody who uses it notices more than a lost socket. */
import { inspect } from 'node:util';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { openAppSocket } from '../support/app-socket.js';
import { createCrowd, faultOf, type Member, moveSomewhere, type Report } from '../support/crowd.js';
import { startHaproxy } from '../support/haproxy.js';
import { followNearby, type NearbyList } from '../support/nearby-list.js';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { startServer } from '../support/server-program.js';

const SERVERS = [0, 1, 2];
const CLIENTS = 300;
const UPDATES_PER_SECOND = 100;
/** What is more than a second's is not piled up on a machine that has other things to do. */
const MOST_UNANSWERED = 100;
const DRAIN_SECONDS = 3;
const RIGHT_WITHIN_MS = 30_000;
const SERVICE_RESTART = 1012;

/** Lets one after the other move until it is stopped, at an even rate for as long as answers come. */
function startTraffic(url: string, crowd: readonly Member[]): { stop(): Promise<Traffic> } {
  const reports: Promise<Report>[] = [];
  let unanswered = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * UPDATES_PER_SECOND;
    while (reports.length < due && unanswered < MOST_UNANSWERED) {
      const report = moveSomewhere(url, crowd[reports.length % crowd.length] as Member);
      const answered = (): number => unanswered--;
      report.then(answered, answered);
      unanswered++;
      reports.push(report);
    }
  }, 10);
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1_000;
      return { seconds, outcomes: await Promise.allSettled(reports) };
    },
  };
}

interface Traffic {
  readonly seconds: number;
  readonly outcomes: readonly PromiseSettledResult<Report>[];
}

/** How often each id is in the history. */
async function recordedTimes(databaseUrl: string): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; times: number }>(
    'SELECT id, count(*)::int AS times FROM location_history GROUP BY id',
  );
  await client.end();
  return new Map(rows.map(({ id, times }) => [id, times]));
}

test('a rolling restart loses no update, fails no request, and leaves every list right', async ({
  annotate,
}) => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedisCluster()]);
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const ports = await Promise.all(SERVERS.map(freePort));
  const start = (server: number) =>
    startServer({
      PORT: String(ports[server]),
      DATABASE_URL: database.url,
      REDIS_CLUSTER_NODES: redis.nodes,
      DRAIN_SECONDS: String(DRAIN_SECONDS),
    });
  const servers = SERVERS.map(start);
  const haproxy = await startHaproxy(ports);
  onTestFinished(() => haproxy.close());
  const crowd = await createCrowd(database.url, CLIENTS);
  await Promise.all(servers.map(({ url }) => url));
  await haproxy.untilReady(SERVERS);

  const codes: number[] = [];
  const lists = crowd.map(({ token }): NearbyList => {
    const client = openAppSocket(haproxy.url, token);
    client.on('closed', (event) => codes.push((event as CloseEvent).code));
    return followNearby(client);
  });
  await Promise.all(lists.map((list) => list.until(({ frames }) => frames.length > 0)));
  expect(codes).toEqual([]);

  const traffic = startTraffic(haproxy.url, crowd);
  for (const server of SERVERS) {
    servers[server]?.child.kill('SIGTERM');
    expect(await servers[server]?.ended).toMatchObject({ status: 0 });
    servers[server] = start(server);
    await servers[server].url;
    await haproxy.untilReady(SERVERS);
  }
  const restartedAt = performance.now();
  const { seconds, outcomes } = await traffic.stop();

  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [inspect(outcome.reason)] : [],
  );
  expect([...new Set(failures)]).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(0.5 * UPDATES_PER_SECOND * seconds);
  const reports = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const times = await recordedTimes(database.url);
  expect(reports.filter(({ id, recorded }) => recorded && times.get(id) !== 1)).toEqual([]);
  expect(Math.max(...times.values())).toBe(1);

  await vi.waitFor(
    () => {
      const faults = lists.map((list, index) => faultOf(crowd[index] as Member, list.entries.values()));
      expect(faults.filter((fault) => fault !== null)).toEqual([]);
    },
    { timeout: RIGHT_WITHIN_MS, interval: 20 },
  );
  const rightAfter = Math.round(performance.now() - restartedAt);
  // Whoever was on the first server was moved again with the second or the third.
  expect(new Set(codes)).toEqual(new Set([SERVICE_RESTART]));
  expect(codes.length).toBeGreaterThanOrEqual(CLIENTS);
  expect(lists.filter(({ frames }) => frames.filter(({ snapshot }) => snapshot).length < 2)).toEqual([]);
  await annotate(
    `three restarts in ${seconds.toFixed(1)} s, ${reports.length} updates, ${codes.length} sockets moved, ` +
      `all lists right ${rightAfter} ms after the last`,
  );
}, 180_000);
