/** Everybody in a run: connects the clients, moves all users at a steady rate, and counts what comes back. */
import { createHistogram, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CoreUse, coreUse, coreUseSince, cpuSeconds } from '../run/process-usage.js';
import { createChanges } from './changes.js';
import { type Client, openClient, type Opened } from './client.js';
import type { Elsewhere, Rhythm } from './elsewhere.js';
import { type ProtocolName, protocols } from './protocols.js';
import { createWalks } from './walks.js';

const CONNECTING_AT_ONCE = 20;
const PLACES_AT_ONCE = 100;
const PLACES_ELSEWHERE_AT_ONCE = 20;
const MAX_UPDATES = 2_000_000;
/** Longer than changes wait to be merged. */
const QUIET_MS = 1_100;
/** How long changes of the window's last updates have to arrive; merged ones wait for a second. */
const AFTER_WINDOW_MS = 1_500;

/** A user who moves. */
export interface Mover {
  readonly id: string;
  /** The place around which the user moves. */
  readonly latitude: number;
  readonly longitude: number;
  /** How many clients are friends and near. */
  readonly nearFriends: number;
}

/** A client; written to a file, since there may be ten thousand. */
export interface LoadUser extends Mover {
  readonly handle: string;
  readonly displayName: string;
  readonly token: string;
  /** Friends who are connected to other servers: their updates reach the server under test over Redis. */
  readonly friendsElsewhere: readonly Mover[];
}

export interface Target {
  readonly url: string;
  readonly protocol: ProtocolName;
  readonly serverPid: number;
  /** The server's REDIS_CLUSTER_NODES; null where it uses a single Redis. */
  readonly redisClusterNodes: string | null;
}

export interface RunOptions {
  /** Of all users together, those elsewhere included, evenly spread: each user moves in turn. */
  readonly updatesPerSecond: number;
  readonly warmupSeconds: number;
  /** The length of the measured window. */
  readonly seconds: number;
  /** Of the servers elsewhere; as before when it is left out, and at first together. */
  readonly rhythm?: Rhythm;
}

export interface RunResult {
  readonly seconds: number;
  /** Updates that were sent in the window, and those of clients that were answered or refused. */
  readonly updates: number;
  readonly answers: number;
  readonly errors: number;
  /** Changes that arrived in the window. */
  readonly changes: number;
  /** How many changes came of the window's updates by the end of a pause after it, and how many had to come. */
  readonly changesOfWindow: number;
  readonly changesExpected: number;
  /** Entries that repeated a known place, since the viewer moved. */
  readonly repeated: number;
  /** Entries that went back in time: must be 0. */
  readonly stale: number;
  readonly messages: number;
  readonly megabytes: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How late updates were sent; a high value means that the load generator could not keep up. */
  readonly sendLagP99Ms: number;
  readonly serverCpuSeconds: number;
  readonly loadCpuSeconds: number;
  readonly cores: readonly CoreUse[];
}

export interface ReconnectResult {
  readonly seconds: number;
  /** Friends in the snapshots of all clients. */
  readonly snapshotEntries: number;
  readonly serverCpuSeconds: number;
}

export interface CrowdOptions {
  readonly target: Target;
  readonly users: readonly LoadUser[];
  readonly roamMeters: number;
  /** Publishes the updates of friends elsewhere; null where there are none. */
  readonly elsewhere: Elsewhere | null;
}

export type Crowd = ReturnType<typeof createCrowd>;

export function createCrowd({ target, users, roamMeters, elsewhere }: CrowdOptions) {
  const protocol = protocols[target.protocol];
  const movers: readonly Mover[] = [...users, ...users.flatMap(({ friendsElsewhere }) => friendsElsewhere)];
  const walks = createWalks(movers, roamMeters);
  const changes = createChanges(users.length, MAX_UPDATES);
  let clients: Client[] = [];
  let answers = 0;
  let errors = 0;
  let changesExpected = 0;
  let onAnswer = (): void => undefined;

  function listen(client: Client, index: number): void {
    client.onText = (text) => {
      if (changes.receive(index, text)) return;
      if (protocol.isAnswer(text)) {
        answers += 1;
        onAnswer();
      } else if (protocol.isError(text)) errors += 1;
    };
  }

  function move(index: number): void {
    const place = walks.next(index);
    const number = changes.send(index);
    const mover = movers[index];
    changesExpected += mover?.nearFriends ?? 0;
    if (index < users.length) clients[index]?.send(protocol.update(place.latitude, place.longitude, number));
    else elsewhere?.move(mover?.id ?? '', place, number).catch(() => errors++);
  }

  async function open(atOnce: number): Promise<Opened[]> {
    const opened = new Array<Opened>(users.length);
    let next = 0;
    const connectSome = async (): Promise<void> => {
      for (let index = next++; index < users.length; index = next++) {
        const user = users[index];
        if (user === undefined) return;
        const one = await openClient(target.url, user, protocol);
        listen(one.client, index);
        opened[index] = one;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, connectSome));
    clients = opened.map(({ client }) => client);
    return opened;
  }

  /** Reports a first place for everybody, each as soon as an earlier one is answered. */
  async function place(): Promise<void> {
    const expected = answers + users.length;
    let next = 0;
    await new Promise<void>((resolve, reject) => {
      onAnswer = () => {
        if (next < users.length) move(next++);
        else if (answers === expected) resolve();
        if (errors > 0) reject(new Error('a first place was refused'));
      };
      while (next < Math.min(PLACES_AT_ONCE, users.length)) move(next++);
    });
    onAnswer = () => undefined;
    for (let index = users.length; index < movers.length; index++) {
      move(index);
      // At a higher rate Redis would take the server for a slow reader and disconnect it.
      if (index % PLACES_ELSEWHERE_AT_ONCE === 0) await sleep(1);
    }
    await quiet();
  }

  /** Waits until nothing arrives any more. */
  async function quiet(): Promise<void> {
    for (let before = -1; before !== changes.counts.messages;) {
      before = changes.counts.messages;
      await sleep(QUIET_MS);
    }
  }

  /** Sends updates at the rate until the time is up: all users move in turn, evenly spread. */
  async function offer(
    updatesPerSecond: number,
    seconds: number,
    onLag: (ms: number) => void,
  ): Promise<void> {
    const beganMs = performance.now();
    const total = Math.round(updatesPerSecond * seconds);
    for (let offered = 0; offered < total;) {
      const elapsedMs = performance.now() - beganMs;
      const due = Math.min(total, Math.floor((elapsedMs * updatesPerSecond) / 1_000) + 1);
      for (; offered < due; offered++) {
        onLag(elapsedMs - (offered * 1_000) / updatesPerSecond);
        // A step that has no common divisor with the number of users visits circles in turn, too.
        move((changes.sent * STRIDE) % movers.length);
      }
      await sleep(1);
    }
  }

  return {
    open: () => open(CONNECTING_AT_ONCE),
    place,

    async run({ updatesPerSecond, warmupSeconds, seconds, rhythm }: RunOptions): Promise<RunResult> {
      if (elsewhere !== null && rhythm !== undefined) elsewhere.rhythm = rhythm;
      const lag = createHistogram();
      await offer(updatesPerSecond, warmupSeconds, () => undefined);
      changes.openWindow();
      answers = errors = changesExpected = 0;
      const before = {
        atMs: performance.now(),
        server: cpuSeconds(target.serverPid),
        load: cpuSeconds(process.pid),
        cores: coreUse(),
      };
      await offer(updatesPerSecond, seconds, (ms) => lag.record(Math.max(1, Math.round(ms * 1_000))));
      const { changes: arrived, repeated, messages, bytes } = changes.counts;
      const measured = {
        seconds: (performance.now() - before.atMs) / 1_000,
        updates: changes.closeWindow(),
        changesExpected,
        answers,
        changes: arrived,
        repeated,
        messages,
        megabytes: bytes / 1e6,
        serverCpuSeconds: cpuSeconds(target.serverPid) - before.server,
        loadCpuSeconds: cpuSeconds(process.pid) - before.load,
        cores: coreUseSince(before.cores),
        sendLagP99Ms: lag.percentile(99) / 1_000,
      };
      await sleep(AFTER_WINDOW_MS);
      const { changesOfWindow, stale } = changes.counts;
      return { ...measured, errors, changesOfWindow, stale, latencyMs: changes.latencyMs() };
    },

    async drop(): Promise<void> {
      await Promise.all(clients.map((client) => client.close()));
      clients = [];
    },

    /** Connects everybody at the same moment, and waits until the last one has its list. */
    async reconnect(): Promise<ReconnectResult> {
      const beganMs = performance.now();
      const before = cpuSeconds(target.serverPid);
      const opened = await open(users.length);
      return {
        seconds: (performance.now() - beganMs) / 1_000,
        snapshotEntries: opened.reduce(
          (sum, { snapshot }) => sum + snapshot.split('"friend":').length - 1,
          0,
        ),
        serverCpuSeconds: cpuSeconds(target.serverPid) - before,
      };
    },
  };
}

/** A prime of which no number of movers here is a multiple. */
const STRIDE = 7_919;
