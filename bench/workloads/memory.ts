/**
 * Memory of one subscribed connection: what the process grew by with everybody connected and placed, divided by how
 * many they are. Before both readings the server is idle and its garbage is collected; one circle has
 * moved about and left by then, so that code is compiled, caches are filled and the young generation is at its size.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, connect, withSystem } from '../bench.js';
import { memoryOf, type Memory } from '../run/process-usage.js';
import type { SystemProcess } from '../run/system-process.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface MemoryRun {
  readonly population: string;
  readonly system: System['name'];
  readonly clients: number;
  readonly before: Memory;
  readonly after: Memory;
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
      runs.push(
        await withSystem(bench, system, people, (server) => measure(bench, people, system, server), {
          collectable: true,
        }),
      );
    }
  }
  return runs;
}

async function measure(
  bench: Bench,
  people: PeopleInDatabase,
  system: System,
  server: SystemProcess,
): Promise<MemoryRun> {
  await connect(bench, server.target, people, WARM_UP_CLIENTS);
  await bench.load.ask({ kind: 'run', options: WARM_UP });
  await bench.load.ask({ kind: 'disconnect' });
  const before = await idleMemory(server);
  await connect(bench, server.target, people);
  const after = await idleMemory(server);
  const clients = people.population.connected;
  return {
    population: people.population.name,
    system: system.name,
    clients,
    before,
    after,
    kilobytesPerClient: (after.rssBytes - before.rssBytes) / clients / 1_024,
  };
}

async function idleMemory(server: SystemProcess): Promise<Memory> {
  for (let round = 0; round < 2; round++) {
    await sleep(IDLE_MS);
    server.collectGarbage();
  }
  await sleep(IDLE_MS);
  return memoryOf(server.pid);
}
