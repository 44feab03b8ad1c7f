/**
 * Measures the memory of one subscribed connection: the growth of the process with everybody connected and placed,
 * divided by the number of clients. Before both readings the server is idle and its garbage is collected. One circle has
 * moved about and left by then, so that code is compiled, caches are full and the young generation has its size.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type RunningSystem, withSystem } from '../bench.js';
import { rssBytes } from '../run/process-usage.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface MemoryRun {
  readonly population: string;
  readonly system: string;
  readonly clients: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly kilobytesPerClient: number;
}

const WARM_UP_CLIENTS = 41;
const WARM_UP = { updatesPerSecond: 100, warmupSeconds: 3, seconds: 1 };
const MAX_REPETITIONS = 2;
const IDLE_MS = 2_000;

export async function runMemory(
  bench: Bench,
  people: PeopleInDatabase,
  systems: readonly System[],
): Promise<MemoryRun[]> {
  const runs: MemoryRun[] = [];
  const repetitions = Math.min(MAX_REPETITIONS, bench.settings.repetitions);
  bench.progress.expect(repetitions * systems.length);
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const system of systems) {
      bench.progress.step(`memory, ${people.population.name}: ${system.label}`);
      runs.push(await withSystem(bench, system, people, (server) => measure(people, server), true));
    }
  }
  return runs;
}

async function measure({ population }: PeopleInDatabase, server: RunningSystem): Promise<MemoryRun> {
  await server.connect(WARM_UP_CLIENTS);
  await server.load.call('run', WARM_UP);
  await server.load.call('disconnect');
  const bytesBefore = await idleMemory(server);
  await server.connect();
  const bytesAfter = await idleMemory(server);
  const clients = population.connected;
  return {
    population: population.name,
    system: server.system.name,
    clients,
    bytesBefore,
    bytesAfter,
    kilobytesPerClient: (bytesAfter - bytesBefore) / clients / 1_024,
  };
}

async function idleMemory(server: RunningSystem): Promise<number> {
  for (let round = 0; round < 2; round++) {
    await sleep(IDLE_MS);
    server.collectGarbage();
  }
  await sleep(IDLE_MS);
  return rssBytes(server.pid);
}
