/** `npm run bench`: starts all that is needed, runs the workloads, prints the report, leaves JSON and charts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Bench, Settings } from './bench.js';
import { profile } from './profile.js';
import { writeCharts } from './report/chart.js';
import { report } from './report/report.js';
import type { Results } from './results.js';
import { startBacking } from './run/backing.js';
import { buildPrograms } from './run/build.js';
import { separateCores } from './run/cores.js';
import { startLoadGenerator } from './run/load-generator.js';
import { describeMachine } from './run/machine.js';
import { createProgress } from './run/progress.js';
import { type SystemName, systems } from './systems.js';
import { steadyLoads, workloads } from './workloads.js';
import { checkSystems } from './workloads/check.js';

interface Options {
  readonly workload?: string[];
  readonly system?: SystemName[];
  readonly repetitions?: number;
  readonly seconds?: number;
  readonly quick: boolean;
  readonly json: string;
  readonly charts: boolean;
  readonly profile: boolean;
}

const workloadNames = Object.keys(workloads);
const systemNames = systems.map(({ name }) => name);

const options = new Command('npm run bench --')
  .description('Compares this server with others built from the same parts, and with the floor.')
  .addOption(
    new Option('--workload <names...>', 'which workloads').choices([
      ...new Set([...workloadNames, ...Object.keys(steadyLoads)]),
    ]),
  )
  .addOption(new Option('--system <names...>', 'which systems').choices(systemNames))
  .option('--repetitions <n>', 'runs of each system, 3 when left out, 1 when quick', wholeNumber)
  .option('--seconds <n>', 'measured window of a run, 10 when left out, 3 when quick', wholeNumber)
  .option('--quick', 'a smoke run of about two minutes; its numbers mean little', false)
  .option('--json <file>', 'where the results go', '.data/bench/results.json')
  .option('--charts', 'write docs/images/bench-*.svg', false)
  .option('--profile', 'profile one system (ours-0) under dense or sparse instead', false)
  .parse()
  .opts<Options>();

const settings: Settings = {
  repetitions: options.repetitions ?? (options.quick ? 1 : 3),
  seconds: options.seconds ?? (options.quick ? 3 : 10),
  quick: options.quick,
  systems: options.system ?? null,
};

if (process.platform !== 'linux') {
  console.error('The benchmark reads CPU time and memory from /proc: it runs on Linux only.');
  process.exit(1);
}
const cores = separateCores();
if (!cores.pinned) {
  console.error('taskset or a second core is missing: nothing is pinned, the systems share cores.');
}
const progress = createProgress();
const cleanups: (() => Promise<void> | void)[] = [() => progress.stop()];
try {
  // First, since it refuses a second benchmark, whose build would change what the first one measures.
  const backing = await startBacking();
  cleanups.push(() => backing.close());
  console.error('Building the server and the programs …');
  await buildPrograms();
  const load = startLoadGenerator();
  cleanups.push(() => load.stop());
  const bench: Bench = { settings, cores, backing, load, progress };
  if (options.profile) {
    const [name = 'dense'] = options.workload ?? [];
    if (!(name in steadyLoads)) throw new Error(`To profile are: ${Object.keys(steadyLoads).join(', ')}.`);
    const load = steadyLoads[name as keyof typeof steadyLoads];
    const [system = 'ours-0'] = options.system ?? [];
    const text = await profile(bench, load, system);
    progress.stop();
    console.log(text);
  } else await compare(bench);
} catch (error) {
  progress.stop();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
}

async function compare(bench: Bench): Promise<void> {
  const results: Results = {
    startedAt: new Date().toISOString(),
    machine: describeMachine(cores),
    settings,
    steady: [],
    memory: [],
    reconnect: [],
    history: [],
    notes: [],
  };
  await checkSystems(
    bench,
    systems.filter(({ name }) => settings.systems?.includes(name) ?? true),
  );
  for (const name of options.workload ?? workloadNames) {
    // What was measured before is worth its report.
    await workloads[name]?.(bench, results).catch((error: unknown) => {
      results.notes.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    });
  }
  progress.stop();
  console.log(report(results));
  const file = resolve(options.json);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(results, null, 2));
  const charts = options.charts ? await writeCharts(results) : [];
  console.log(`\nWritten: ${[file, ...charts].join(', ')}`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return value;
}
