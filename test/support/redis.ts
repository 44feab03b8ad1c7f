import {
  type EmbeddedRedis,
  type EmbeddedRedisOptions,
  startEmbeddedRedis,
} from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';

/**
 * A real Redis of the caller's own; it ends with the test's process at the latest.
 * @param options of the embedded Redis; a password and settings are kept when it is restarted.
 */
export async function startTestRedis(options: Options = {}): Promise<TestRedis> {
  let redis = await start(options);
  let running = true;
  const kill9 = async (): Promise<void> => {
    if (running) process.kill(redis.pid, 'SIGKILL');
    running = false;
    await redis.close();
  };
  return {
    url: redis.url,
    port: redis.port,
    get pid() {
      return redis.pid;
    },
    close: () => redis.close(),
    kill9,
    restart: async () => {
      await kill9();
      redis = await start({ ...options, port: redis.port, password: new URL(redis.url).password });
      running = true;
    },
    signal: (name) => void process.kill(redis.pid, name),
  };
}

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
  /** Returns when the process is gone. */
  kill9(): Promise<void>;
  /** kill9 unless that was done, then a new, empty Redis under the same URL. */
  restart(): Promise<void>;
  /** Such as SIGSTOP and SIGCONT, for a Redis that hangs. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

type Options = Partial<Pick<EmbeddedRedisOptions, 'port' | 'password' | 'settings'>>;

async function start(options: Options): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ log: createLogger('silent'), ...options });
  if (redis === null)
    throw new Error('The tests need redis-server or valkey-server on PATH: npm test installs it.');
  return redis;
}
