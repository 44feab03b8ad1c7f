/** Servers in processes of their own over a real PostgreSQL and Redis, each of which can be made to fail. */
import { createNames, type Names } from '../../src/adapters/redis/partitions.js';
import { freePort } from '../../src/embedded/free-port.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startTestRedisCluster, type TestRedisCluster } from '../support/redis-cluster.js';
import { GENEROUS_SETTINGS } from '../support/server-program.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { type FaultyServer, startFaultyServer } from './server.js';

export const FRAME_INTERVAL_MS = 250;

export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { serverCount = 2, onCluster = false, settings = () => ({}) } = options;
  const [postgres, redis, cluster] = await Promise.all([
    startOwnPostgres(),
    onCluster ? null : startTestRedis(),
    onCluster ? startTestRedisCluster({ replicas: 0 }) : null,
  ]);
  // It has another port after a restart.
  const postgresProxy = await startTcpProxy(portOf(postgres.url));
  const servers: Server[] = [];

  async function start(port: number, redisProxy: TcpProxy | null, index: number): Promise<Server> {
    const server = await startFaultyServer({
      ...GENEROUS_SETTINGS,
      PORT: String(port),
      FRAME_INTERVAL_MS: String(FRAME_INTERVAL_MS),
      DATABASE_URL: through(postgresProxy, postgres.url),
      ...(redis !== null && redisProxy !== null && { REDIS_URL: through(redisProxy, redis.url) }),
      ...(cluster !== null && { REDIS_CLUSTER_NODES: cluster.nodes }),
      REDIS_PREFIX,
      ...settings(index),
    });
    return { ...server, isUp: true, port, redisProxy };
  }

  for (let index = 0; index < serverCount; index++) {
    const redisProxy = redis === null ? null : await startTcpProxy(redis.port);
    servers.push(await start(await freePort(), redisProxy, index));
  }
  const serverAt = (index: number): Server => servers[index % serverCount] as Server;

  async function end(index: number, signal: NodeJS.Signals): Promise<void> {
    const server = serverAt(index);
    server.isUp = false;
    server.signal(signal);
    await server.ended;
    await server.close();
  }

  return {
    servers,
    postgres,
    redis,
    cluster,
    names: createNames(REDIS_PREFIX),
    urlFrom(index) {
      const inTurn = servers.map((_, step) => serverAt(index + step));
      return (inTurn.find(({ isUp }) => isUp) ?? serverAt(index)).url;
    },
    kill9: (index) => end(index, 'SIGKILL'),
    drain: (index) => end(index, 'SIGTERM'),
    async restart(index) {
      const { port, redisProxy } = serverAt(index);
      servers[index] = await start(port, redisProxy, index);
    },
    async restartPostgres() {
      await postgres.restart();
      postgresProxy.target = portOf(postgres.url);
    },
    async close() {
      postgres.thaw();
      await Promise.all(servers.map((server) => server.close()));
      for (const { redisProxy } of servers) redisProxy?.close();
      postgresProxy.close();
      await Promise.all([postgres.close(), redis?.close(), cluster?.close()]);
    },
  };
}

export interface DeploymentOptions {
  /** Default: 2. */
  readonly serverCount?: number;
  /** A Redis Cluster of three masters without replicas instead of one Redis. */
  readonly onCluster?: boolean;
  /** Of each server, on top of generous limits. */
  readonly settings?: (index: number) => Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly servers: readonly Server[];
  readonly postgres: OwnPostgres;
  /** Null on a cluster. */
  readonly redis: TestRedis | null;
  readonly cluster: TestRedisCluster | null;
  /** The names in Redis. */
  readonly names: Names;
  /** The server of this number, or the next one that is up. */
  urlFrom(index: number): string;
  kill9(index: number): Promise<void>;
  /** Asks it to end, and waits for that. */
  drain(index: number): Promise<void>;
  /** Starts one that has ended, at the same port. */
  restart(index: number): Promise<void>;
  restartPostgres(): Promise<void>;
  close(): Promise<void>;
}

export interface Server extends FaultyServer {
  /** Whether it is meant to run. */
  isUp: boolean;
  readonly port: number;
  /** Between it and Redis; null on a cluster. */
  readonly redisProxy: TcpProxy | null;
}

const REDIS_PREFIX = 'faults';

const portOf = (url: string): number => Number(new URL(url).port);

function through({ port }: TcpProxy, url: string): string {
  return url.replace(`:${portOf(url)}`, `:${port}`);
}
