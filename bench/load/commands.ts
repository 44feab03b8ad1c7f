/** What the benchmark asks of the load generator, a process of its own, and what it answers. */
import type { CoreUse } from '../run/process-usage.js';

export type ProtocolName = 'nearby' | 'graphql' | 'floor' | 'socketio';

/** Somebody who moves. */
export interface Mover {
  readonly id: string;
  /** Around where the user moves. */
  readonly latitude: number;
  readonly longitude: number;
  /** How many clients are friends and near at any time; null where that changes. */
  readonly nearFriends: number | null;
}

/** A client as the load generator knows it; written to a file, since there may be ten thousand. */
export interface LoadUser extends Mover {
  readonly handle: string;
  readonly displayName: string;
  readonly token: string;
  /** Who are connected to other servers: their moves reach the one under test over Redis. */
  readonly friendsElsewhere: readonly Mover[];
}

export interface Target {
  readonly url: string;
  readonly protocol: ProtocolName;
  readonly serverPid: number;
  /** Of the server's Redis Cluster, as REDIS_CLUSTER_NODES; null where it uses one Redis. */
  readonly redisClusterNodes: string | null;
}

export interface RunOptions {
  /** Updates a second of all users together, also those elsewhere, evenly spread: each user moves in turn. */
  readonly updatesPerSecond: number;
  readonly warmupSeconds: number;
  /** The measured window. */
  readonly seconds: number;
}

export type Command =
  /** Delivers the right changes? Uses the first four users: three friends and a stranger. */
  | { readonly kind: 'check'; readonly target: Target; readonly usersFile: string; readonly settleMs: number }
  /** Connects and subscribes the first `count` users, and reports a place for each when `place` is set. */
  | {
      readonly kind: 'connect';
      readonly target: Target;
      readonly usersFile: string;
      readonly count: number;
      readonly roamMeters: number;
      readonly place: boolean;
    }
  | { readonly kind: 'run'; readonly options: RunOptions }
  /** Everybody leaves, and comes back at once. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'disconnect' };

export interface RunResult {
  readonly seconds: number;
  /** Sent in the window, answered and refused; `answers` are those to clients. */
  readonly updates: number;
  readonly answers: number;
  readonly errors: number;
  /** Changes of a friend's own place that came in the window. */
  readonly changes: number;
  /** Of the updates sent in the window, how many changes came of them, by the end of a pause after it. */
  readonly changesOfWindow: number;
  /** How many had to; null where that is not known. With merging, two moves within a frame are one change. */
  readonly changesExpected: number | null;
  /** Entries that told a known place again, since the viewer moved. */
  readonly retold: number;
  /** Entries that went back in time: must be 0. */
  readonly stale: number;
  readonly messages: number;
  readonly megabytes: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How late updates were sent; much of it means that the load generator could not keep up. */
  readonly sendLagP99Ms: number;
  readonly serverCpuSeconds: number;
  readonly loadCpuSeconds: number;
  readonly cores: readonly CoreUse[];
}

export interface ReconnectResult {
  readonly seconds: number;
  /** Friends in the first message, over all clients. */
  readonly snapshotEntries: number;
  readonly serverCpuSeconds: number;
}

export interface ConnectResult {
  readonly seconds: number;
}

export interface CheckResult {
  /** Empty when all is right. */
  readonly problems: readonly string[];
}

export type Answer<C extends Command> = C extends { kind: 'run' }
  ? RunResult
  : C extends { kind: 'reconnect' }
    ? ReconnectResult
    : C extends { kind: 'check' }
      ? CheckResult
      : C extends { kind: 'connect' }
        ? ConnectResult
        : null;

/** What crosses the channel between the processes. */
export type Reply = { readonly answer: unknown } | { readonly error: string };
