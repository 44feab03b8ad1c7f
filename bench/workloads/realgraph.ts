/**
 * Measures what several servers on one Redis cost for people of a real graph of friends, in real time: above all counts,
 * of messages, commands and subscriptions, which a busy machine does not change. All systems run side by side, and their
 * people come, move and go alike.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Bench, whileUp } from '../bench.js';
import type { LiveResult, ListsResult } from '../load/people/crowd.js';
import type { Placement } from '../load/people/balancer.js';
import { startRedisServer } from '../run/backing.js';
import { type Fleet, startFleet } from '../run/fleet.js';
import { cpuSeconds } from '../run/process-usage.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

/** One window of one system. */
export interface RealGraphRun extends Measured, AtEnd {
  readonly system: string;
  readonly placement: Placement;
  /** Of all people. */
  readonly onlineShare: number;
  readonly window: number;
}

interface Measured extends LiveResult {
  /** Those of scripts included, and those of heartbeats not. */
  readonly publishes: number;
  /** Of all servers. */
  readonly serverCpuSeconds: number;
}

/** At the end of the last window. */
interface AtEnd extends ListsResult {
  /** Topics and inboxes; one that several servers have joined counts for each. */
  readonly subscriptions: number;
  /** What they take on an empty Redis. */
  readonly subscriptionBytes: number;
}

export interface RealGraphOptions {
  readonly people: PeopleInDatabase;
  readonly systems: readonly System[];
  /** Where the graph is. */
  readonly folder: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly windows: number;
  readonly cadenceSeconds: number;
}

const SERVERS = 4;
const ONLINE_SHARES = [0.1, 1];
const PLACEMENTS: readonly Placement[] = ['random', 'near'];
/** How long servers go on working on what they have answered. */
const FINISHING_MS = 3_000;
const CHANNELS_PER_COMMAND = 1_000;

/** Puts the runs of each stage into `results`, so that those before a failure are not lost. */
export async function runRealGraph(
  bench: Bench,
  options: RealGraphOptions,
  results: RealGraphRun[],
): Promise<void> {
  bench.progress.expect(ONLINE_SHARES.length * PLACEMENTS.length * (options.windows + 1));
  for (const onlineShare of ONLINE_SHARES) {
    for (const placement of PLACEMENTS) {
      const servers = placement === 'near' ? 'by place' : 'at random';
      const what = `realgraph: ${onlineShare * 100} % online, servers ${servers}`;
      results.push(...(await runTogether(bench, options, { onlineShare, placement, what })));
    }
  }
}

interface Stage {
  readonly onlineShare: number;
  readonly placement: Placement;
  readonly what: string;
}

/** Runs all systems side by side. */
async function runTogether(bench: Bench, options: RealGraphOptions, stage: Stage): Promise<RealGraphRun[]> {
  const { people, folder } = options;
  const fleets: Fleet[] = [];
  try {
    bench.progress.step(`${stage.what}, warm-up`);
    for (const system of options.systems) {
      if (stage.placement === 'near' && system.protocol !== 'nearby') continue;
      bench.signal.throwIfAborted();
      fleets.push(await startFleet(bench, people, { system, size: SERVERS, folder }));
    }
    const servers = fleets.flatMap((fleet) => fleet.servers);
    return await whileUp(bench.signal, servers, () => live(bench, options, stage, fleets));
  } finally {
    for (const fleet of fleets) await fleet.stop();
  }
}

async function live(
  { progress }: Bench,
  { warmUpSeconds, seconds, windows, cadenceSeconds }: RealGraphOptions,
  { what, placement, onlineShare }: Stage,
  fleets: readonly Fleet[],
): Promise<RealGraphRun[]> {
  const taking: Fleet[] = [];
  for (const fleet of fleets) {
    const nears = placement === 'near' ? await nearsFrom(fleet) : null;
    if (placement === 'near' && nears === null) continue;
    taking.push(fleet);
    const targets = fleet.servers.map(({ target }) => target);
    await fleet.load.call('arrive', { targets, placement, onlineShare, cadenceSeconds, nears });
  }
  await Promise.all(taking.map(({ load }) => load.call('live', warmUpSeconds)));
  const measured: Measured[][] = [];
  for (let window = 1; window <= windows; window++) {
    progress.step(`${what}, window ${window} of ${windows}`);
    measured.push(await Promise.all(taking.map((fleet) => measure(fleet, seconds))));
  }
  const ends = await Promise.all(taking.map(endOf));
  return taking.flatMap(({ system }, index) =>
    measured.map((ofWindow, window) => ({
      system: system.name,
      placement,
      onlineShare,
      window: window + 1,
      ...(ofWindow[index] as Measured),
      ...(ends[index] as AtEnd),
    })),
  );
}

/** Lets everybody visit once, as if long ago. @returns null for a system without neighbourhoods. */
async function nearsFrom({ servers, load, redis }: Fleet): Promise<string[] | null> {
  const nears = await load.call('nears', servers[0]?.target.url ?? '');
  await sleep(FINISHING_MS);
  await redis.client.flushall();
  return nears;
}

async function measure({ servers, redis, load }: Fleet, seconds: number): Promise<Measured> {
  const used = async () => ({
    cpu: servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    publishes: publishesIn(await redis.client.info('commandstats')),
  });
  const before = await used();
  const lived = await load.call('live', seconds);
  const after = await used();
  return {
    ...lived,
    serverCpuSeconds: after.cpu - before.cpu,
    publishes: after.publishes - before.publishes - lived.otherMessages,
  };
}

/** The calls of PUBLISH and SPUBLISH, those in scripts included. */
const publishesIn = (info: string): number =>
  [...info.matchAll(/^cmdstat_s?publish:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);

/** Compares all lists, and ends the run. */
async function endOf({ load }: Fleet): Promise<AtEnd> {
  const channels = await load.call('channels');
  const lists = await load.call('settle');
  await load.call('leave');
  return {
    ...lists,
    subscriptions: channels.reduce((sum, ofServer) => sum + ofServer.length, 0),
    subscriptionBytes: await bytesOf(channels),
  };
}

/** What subscriptions of servers to channels take. */
async function bytesOf(channels: readonly (readonly string[])[]): Promise<number> {
  const redis = await startRedisServer();
  const servers = channels.map(() => new Redis(redis.url));
  const usedMemory = async (): Promise<number> => {
    for (const server of servers) await server.ping();
    return Number(/^used_memory:(\d+)/m.exec(await redis.client.info('memory'))?.[1]);
  };
  try {
    const before = await usedMemory();
    for (const [index, ofServer] of channels.entries()) {
      for (let at = 0; at < ofServer.length; at += CHANNELS_PER_COMMAND) {
        await servers[index]?.subscribe(...ofServer.slice(at, at + CHANNELS_PER_COMMAND));
      }
    }
    return (await usedMemory()) - before;
  } finally {
    for (const server of servers) server.disconnect();
    await redis.close();
  }
}
