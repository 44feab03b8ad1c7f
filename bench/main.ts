/** `npm run bench`: starts all that is needed, runs the workloads, prints the report, leaves JSON and charts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../src/cli/command-error.js';
import { createCommand, FAILED, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
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
import { steadyLoads, withoutSystems, workloads } from './workloads.js';
import { checkSystems } from './workloads/check.js';

interface Options {
  readonly workload?: string[];
  readonly system?: SystemName[];
  readonly repetitions?: number;
  readonly windows?: number;
  readonly seconds?: number;
  readonly quick?: true;
  readonly json: string;
  readonly charts?: true;
  readonly profile?: true;
}

const workloadNames = Object.keys(workloads);
const loadNames = Object.keys(steadyLoads);
const systemNames = systems.map(({ name }) => name);

async function main(signal: AbortSignal): Promise<number> {
  const options = parseOptions();
  const settings: Settings = {
    repetitions: options.repetitions ?? (options.quick === true ? 1 : 3),
    windows: options.windows ?? (options.quick === true ? 1 : 6),
    seconds: options.seconds ?? (options.quick === true ? 3 : 10),
    quick: options.quick === true,
    systems: options.system ?? null,
  };
  if (process.platform !== 'linux') {
    throw new CommandError('The benchmark reads CPU time and memory from /proc: it runs on Linux only.');
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
    const bench: Bench = { settings, cores, backing, redisCluster: null, load, progress, signal };
    if (options.profile !== true) return await compare(bench, options);
    const text = await profile(bench, steadyLoads[loadToProfile(options)], options.system?.[0] ?? 'ours-0');
    progress.stop();
    console.log(text);
    return SUCCEEDED;
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  }
}

function parseOptions(): Options {
  const command = createCommand(
    'npm run bench --',
    'Compares this server with others built from the same parts, and with the floor, on a PostgreSQL and a Redis of ' +
      'its own; needs Linux and redis-server or valkey-server on PATH. All of it takes over two hours. A ' +
      'workload that fails is noted in the report and makes the exit status 1. Ctrl-C ends it without a report, with exit ' +
      'status 130.',
  )
    .addOption(
      new Option('--workload <names...>', 'which workloads (default: all but those to profile only)').choices(
        [...new Set([...workloadNames, ...loadNames])],
      ),
    )
    .addOption(new Option('--system <names...>', 'which systems (default: all)').choices(systemNames))
    .option('--repetitions <n>', 'runs of what begins anew (default: 3, or 1 when quick)', wholeNumber)
    .option(
      '--windows <n>',
      'measured windows of each system under a steady load (default: 6, or 1 when quick)',
      wholeNumber,
    )
    .option('--seconds <n>', 'length of such a window (default: 10, or 3 when quick)', wholeNumber)
    .option('--quick', 'a smoke run of some minutes; its numbers mean little')
    .option('--json <file>', 'where the results go', '.data/bench/results.json')
    .option('--charts', 'write docs/images/bench-*.svg')
    .option('--profile', `profile one system (ours-0) under ${loadNames.join(', ')} (dense) instead`)
    .parse();
  const options = command.opts<Options>();
  const known = options.profile === true ? loadNames : workloadNames;
  const unknown = options.workload?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    command.error(`error: '${unknown}' can ${options.profile === true ? 'not' : 'only'} be profiled.`);
  }
  return options;
}

/** parseOptions() has checked the name. */
function loadToProfile({ workload }: Options): keyof typeof steadyLoads {
  return (workload?.[0] ?? 'dense') as keyof typeof steadyLoads;
}

/** @returns the exit status. */
async function compare(bench: Bench, options: Options): Promise<number> {
  const { settings, signal } = bench;
  let status = SUCCEEDED;
  const results: Results = {
    startedAt: new Date().toISOString(),
    machine: describeMachine(bench.cores),
    settings,
    steady: [],
    memory: [],
    reconnect: [],
    history: [],
    topics: [],
    notes: [],
  };
  const chosen = options.workload ?? workloadNames;
  if (chosen.some((name) => !withoutSystems.has(name))) {
    await checkSystems(
      bench,
      systems.filter(({ name }) => settings.systems?.includes(name) ?? true),
    );
  }
  for (const name of chosen) {
    // What was measured before is worth its report.
    await workloads[name]?.(bench, results).catch((error: unknown) => {
      signal.throwIfAborted();
      results.notes.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      status = FAILED;
    });
  }
  bench.progress.stop();
  console.log(report(results));
  const file = resolve(options.json);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(results, null, 2));
  const charts = options.charts === true ? await writeCharts(results) : [];
  console.log(`\nWritten: ${[file, ...charts].join(', ')}`);
  return status;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return value;
}

await runCommand(main);
