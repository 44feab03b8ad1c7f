/** What is made to fail, and what has to hold then. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openRawSocket } from '../support/raw-socket.js';
import { NEARBY_FRIENDS } from '../support/nearby-list.js';
import { runSql } from '../support/postgres.js';
import type { TestRedis } from '../support/redis.js';
import type { TestRedisNode } from '../support/redis-cluster.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import type { Deployment, Server } from './deployment.js';
import type { Bar, Fault, Scene } from './fault.js';
import { LATE_MS, type User } from './traffic.js';

/** Answers come and lists are live, as if nothing were. */
const UNDISTURBED: Bar = { healMs: 3_000, answerMs: 3_000, fanOutMs: LATE_MS };
/** Lists stand still, and come back soon. */
const ANSWERED: Bar = { healMs: 5_000, answerMs: 3_000 };
const CLOCK = { NODE_OPTIONS: `--import=${resolve('test/support/clock-to-set.mjs')}` };
const DAY_MS = 86_400_000;

export const FAULTS: readonly Fault[] = [
  {
    name: 'killed-servers',
    serverCount: 3,
    bar: { healMs: 6_000, mayLoseHeld: true },
    async inflict({ deployment }) {
      for (const index of deployment.servers.keys()) {
        await deployment.kill9(index);
        await sleep(2_000);
        await deployment.restart(index);
      }
    },
  },
  {
    name: 'drained-servers',
    serverCount: 3,
    settings: () => ({ DRAIN_SECONDS: '3' }),
    // What was under way on a socket that closes is sent again over the next one.
    bar: { healMs: 5_000 },
    async inflict({ deployment }) {
      for (const index of deployment.servers.keys()) {
        await deployment.drain(index);
        await deployment.restart(index);
      }
    },
  },
  {
    name: 'frozen-server',
    serverCount: 3,
    bar: { healMs: 5_000 },
    async inflict({ deployment }) {
      serverOf(deployment, 0).signal('SIGSTOP');
      await sleep(10_000);
      serverOf(deployment, 0).signal('SIGCONT');
    },
  },
  {
    name: 'stopped-postgres',
    bar: { healMs: 5_000, answerMs: 3_000, fanOutMs: LATE_MS },
    async inflict({ deployment }) {
      await deployment.postgres.stop();
      await sleep(10_000);
      await deployment.restartPostgres();
    },
  },
  {
    name: 'deaf-postgres',
    bar: { healMs: 5_000, answerMs: 3_000, fanOutMs: LATE_MS },
    async inflict({ deployment }) {
      await deployment.postgres.freeze();
      await sleep(20_000);
      deployment.postgres.thaw();
    },
  },
  {
    name: 'locked-yesterday',
    bar: { ...UNDISTURBED, allRecorded: true },
    async inflict({ deployment, traffic }) {
      const yesterday = new Date(Date.now() - DAY_MS).toISOString();
      const holder = new pg.Client({ connectionString: deployment.postgres.url });
      await holder.connect();
      const partition = `location_history_${yesterday.slice(0, 10).replaceAll('-', '')}`;
      await holder.query(`BEGIN; LOCK TABLE ${partition} IN ACCESS EXCLUSIVE MODE`);
      await repeat(20, 500, (nth) => traffic.reportLate(userOf(traffic, nth), yesterday));
      await holder.query('COMMIT');
      await holder.end();
    },
  },
  {
    name: 'cut-postgres',
    bar: UNDISTURBED,
    async inflict({ deployment }) {
      const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nearby-friends'`;
      await repeat(20, 500, () => runSql(deployment.postgres.url, cut));
    },
  },
  {
    name: 'killed-redis',
    bar: ANSWERED,
    async inflict({ deployment }) {
      const redis = redisOf(deployment);
      await redis.kill9();
      await sleep(5_000);
      await redis.restart();
    },
  },
  {
    name: 'half-open-redis',
    bar: ANSWERED,
    async inflict(scene) {
      for (let round = 0; round < ROUNDS; round++) await changeWhileHalfOpen(scene);
    },
  },
  {
    name: 'deaf-redis',
    bar: ANSWERED,
    async inflict(scene) {
      const redis = redisOf(scene.deployment);
      for (let round = 0; round < ROUNDS; round++) {
        await changeInSilence(
          scene,
          () => redis.signal('SIGSTOP'),
          () => redis.signal('SIGCONT'),
        );
      }
    },
  },
  {
    name: 'cut-subscribers',
    bar: ANSWERED,
    async inflict({ deployment }) {
      const admin = new Redis(redisOf(deployment).url);
      await repeat(30, 400, () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
      admin.disconnect();
    },
  },
  {
    name: 'foreign-values',
    bar: UNDISTURBED,
    async inflict({ deployment, traffic }) {
      const { names } = deployment;
      const stranger = new Redis(redisOf(deployment).url);
      await repeat(200, 50, async (nth) => {
        const { id } = userOf(traffic, nth * 7).member;
        const text = FOREIGN[nth % FOREIGN.length] as string;
        await stranger.set(names.locationKey(id), text);
        await stranger.publish(names.userChannel(id), text);
        // Who comes anew reads what is kept.
        if (nth % 10 === 0) userOf(traffic, nth).client.cut();
      });
      stranger.disconnect();
    },
  },
  {
    name: 'clock-back',
    settings: (index) => (index === 0 ? { ...CLOCK, SHIFT_MS: '-20000' } : {}),
    bar: UNDISTURBED,
    async inflict({ deployment }) {
      serverOf(deployment, 0).signal('SIGUSR2');
      await sleep(15_000);
    },
  },
  {
    name: 'slow-clock',
    // Half of all updates go to any of both servers, so all users move between them.
    settings: (index) => (index === 0 ? { ...CLOCK, START_SHIFT_MS: '-30000' } : {}),
    bar: UNDISTURBED,
    inflict: () => sleep(15_000),
  },
  {
    name: 'slow-readers',
    bar: UNDISTURBED,
    async inflict({ deployment, traffic }) {
      const { url, port } = serverOf(deployment, 0);
      const deadEnd = await startTcpProxy(port);
      const throughDeadEnd = url.replace(String(port), String(deadEnd.port));
      const sockets = await Promise.all(
        traffic.users.slice(0, 60).map(async ({ member }, nth) => {
          const raw = await openRawSocket(nth % 2 === 0 ? url : throughDeadEnd);
          await raw.init(member.token);
          raw.send({ id: '1', type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
          return raw.socket;
        }),
      );
      deadEnd.swallows = 'all';
      for (const socket of sockets) socket.pause();
      await sleep(15_000);
      for (const socket of sockets) socket.terminate();
      deadEnd.close();
    },
  },
  {
    name: 'no-descriptors',
    bar: UNDISTURBED,
    async inflict({ deployment, traffic }) {
      const { pid, url } = serverOf(deployment, 0);
      const limit = (soft: number) =>
        promisify(execFile)('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
      await limit(20);
      const refused = traffic.users.slice(0, 60).map(() => openRawSocket(url).catch(() => null));
      await sleep(10_000);
      await limit(10_000);
      for (const raw of await Promise.all(refused)) raw?.socket.terminate();
    },
  },
  {
    name: 'deaf-master',
    onCluster: true,
    bar: ANSWERED,
    async inflict({ deployment }) {
      const master = masterOf(deployment);
      master.signal('SIGSTOP');
      await sleep(12_000);
      master.signal('SIGCONT');
    },
  },
  {
    name: 'killed-master',
    onCluster: true,
    bar: ANSWERED,
    async inflict({ deployment }) {
      const master = masterOf(deployment);
      await master.kill9();
      await sleep(5_000);
      await master.restart();
    },
  },
];

const FOREIGN = [
  '',
  'null',
  '7',
  'not-a-record',
  '{"version":2}',
  '[[[[]]]]',
  '{"kind":"request"}',
  '[1,"x"]',
];
const ROUNDS = 3;
const SILENT_MS = 4_000;
/** So short before the changes that servers have not noticed yet. */
const JUST_BEFORE_MS = 300;

/** The server of half of the viewers loses Redis without a word; the other one takes the changes. */
export async function changeWhileHalfOpen(scene: Scene): Promise<void> {
  const proxy = required(serverOf(scene.deployment, 1).redisProxy);
  await changeInSilence(
    scene,
    () => void (proxy.swallows = 'all'),
    () => proxy.heal(),
  );
}

/** Friends part, block and pause, and somebody signs out, just after something has fallen silent. */
async function changeInSilence(
  { deployment, traffic }: Scene,
  begin: () => void,
  end: () => void,
): Promise<void> {
  const { url } = serverOf(deployment, 0);
  begin();
  await sleep(JUST_BEFORE_MS);
  const over = sleep(SILENT_MS);
  const changes = (['unfriend', 'block', 'pause'] as const).flatMap((name) =>
    Array.from({ length: 3 }, () => traffic.hideSomebody(name, url)),
  );
  const signedOut = traffic.signOutSomebody(url);
  await over;
  end();
  await signedOut;
  for (const hidden of await Promise.all(changes)) await hidden.show();
}

/** Begins some work again and again, and waits for all of it. */
async function repeat(
  times: number,
  everyMs: number,
  work: (nth: number) => Promise<unknown>,
): Promise<void> {
  const all: Promise<unknown>[] = [];
  for (let nth = 0; nth < times; nth++) {
    all.push(work(nth));
    await sleep(everyMs);
  }
  await Promise.all(all);
}

/** Null where a fault is inflicted on another deployment than it is made for. */
function required<T>(value: T | null | undefined): T {
  if (value == null) throw new Error('the deployment has none');
  return value;
}

export const redisOf = ({ redis }: Deployment): TestRedis => required(redis);
const masterOf = ({ cluster }: Deployment): TestRedisNode => required(cluster?.members[0]);
const serverOf = ({ servers }: Deployment, index: number): Server => servers[index] as Server;
const userOf = ({ users }: Scene['traffic'], nth: number): User => users[nth % users.length] as User;
