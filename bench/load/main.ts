/** The load generator: a process that takes calls from the benchmark one after the other and answers each. */
import { readFileSync } from 'node:fs';
import { check } from './check.js';
import { createCrowd, type Crowd, type LoadUser, type RunOptions, type Target } from './crowd.js';
import { connectElsewhere, type Elsewhere } from './elsewhere.js';
import { createPeople, peopleCalls } from './people/calls.js';

export type LoadApi = typeof api;

/** What crosses the channel between the processes. */
export type Reply = { readonly answer: unknown } | { readonly error: string };

interface ConnectOptions {
  readonly target: Target;
  /** A JSON list of LoadUser. */
  readonly usersFile: string;
  readonly count: number;
  readonly roamMeters: number;
}

interface GraphOptions {
  readonly redisUrl: string;
  readonly servers: number;
  readonly usersFile: string;
  readonly folder: string;
}

let crowd: Crowd | null = null;
let elsewhere: Elsewhere | null = null;

const api = {
  /** Compares every delivered change with what it must be, see check.ts. @returns what is wrong. */
  check: (target: Target, usersFile: string, settleMs: number) =>
    check(target, readUsers(usersFile, 4), settleMs),

  /** Connects and subscribes the first `count` users, and reports a place for each. */
  async connect({ target, usersFile, count, roamMeters }: ConnectOptions): Promise<void> {
    const { redisClusterNodes } = target;
    const users = readUsers(usersFile, count);
    elsewhere = redisClusterNodes === null ? null : await connectElsewhere(redisClusterNodes, users);
    crowd = createCrowd({ target, users, roamMeters, elsewhere });
    await crowd.open();
    await crowd.place();
  },

  run: (options: RunOptions) => current().run(options),

  /** Closes every connection. */
  drop: () => current().drop(),

  /** Connects everybody again at the same moment. */
  reconnect: () => current().reconnect(),

  async disconnect(): Promise<void> {
    await crowd?.drop();
    crowd = null;
    elsewhere?.close();
    elsewhere = null;
  },

  /** Makes people of a graph who are clients of several servers, see people/crowd.ts. */
  createPeople: ({ usersFile, ...options }: GraphOptions) =>
    createPeople({ ...options, users: readUsers(usersFile, Infinity) }),

  ...peopleCalls,
};

function current(): Crowd {
  if (crowd === null) throw new Error('Nobody is connected');
  return crowd;
}

function readUsers(file: string, count: number): LoadUser[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as LoadUser[]).slice(0, count);
}

async function answer(name: keyof LoadApi, args: readonly unknown[]): Promise<Reply> {
  try {
    const call = api[name] as (...args: readonly unknown[]) => unknown;
    return { answer: (await call(...args)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', ({ name, args }: { name: keyof LoadApi; args: readonly unknown[] }) => {
  void answer(name, args).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
