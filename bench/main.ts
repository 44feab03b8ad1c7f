/** `npm run bench`: starts all that is needed, runs the workloads, prints the report and writes the results as JSON. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../src/cli/command-error.js';
import { createProgress } from '../src/cli/progress.js';
import { createCommand, FAILED, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import type { Bench } from './bench.js';
import { report } from './report/report.js';
import type { Results } from './results.js';
import { startBacking } from './run/backing.js';
import { buildPrograms } from './run/build.js';
import { separateCores } from './run/cores.js';
import { describeMachine } from './run/machine.js';
import { type System, systemNamed, systems } from './systems.js';
import { withoutSystems, workloads } from './workloads.js';
import { checkSystems } from './workloads/check.js';

interface Options {
  readonly workload: string[];
  readonly system: System[];
  readonly repetitions?: number;
  readonly windows?: number;
  readonly seconds?: number;
  readonly graph: string;
  readonly people: number | undefined;
  readonly warmUp?: number;
  readonly quick?: true;
  readonly json: string;
  readonly profile?: true;
}

const PROFILES = '.data/bench/profiles';

async function main(signal: AbortSignal): Promise<number> {
  const options = parseOptions();
  const quick = options.quick === true;
  if (process.platform !== 'linux') {
    throw new CommandError('The benchmark reads CPU time and memory from /proc: it runs on Linux only.');
  }
  const cores = separateCores();
  if (!cores.pinned) {
    console.error('taskset or a second core is missing: nothing is pinned, the systems share cores.');
  }
  const count = createProgress('Benchmark', 0);
  let begun = 0;
  const cleanups: (() => Promise<void> | void)[] = [() => count.stop()];
  try {
    // Comes first because it refuses a second benchmark, whose build would change what the first one measures.
    const backing = await startBacking();
    cleanups.push(() => backing.close());
    console.error('Building the server and the programs …');
    await buildPrograms();
    const results = await run(
      {
        settings: {
          repetitions: options.repetitions ?? (quick ? 1 : 3),
          windows: options.windows ?? (quick ? 1 : 6),
          seconds: options.seconds ?? (quick ? 3 : 10),
          quick,
          systems: options.system,
          realGraph: {
            folder: options.graph,
            people: options.people ?? (quick ? 300 : Infinity),
            warmUpSeconds: options.warmUp ?? (quick ? 15 : 480),
            seconds: options.seconds ?? (quick ? 20 : 120),
          },
          nodeArgs: options.profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : [],
        },
        cores,
        backing,
        progress: { expect: (steps) => count.expect(steps), step: (what) => count.update(++begun, what) },
        signal,
      },
      options.workload,
    );
    count.stop();
    console.log(report(results));
    await mkdir(dirname(resolve(options.json)), { recursive: true });
    await writeFile(options.json, JSON.stringify(results, null, 2));
    console.log(`\nWritten: ${options.json}${options.profile ? ` and ${PROFILES}` : ''}`);
    return results.failures.length > 0 ? FAILED : SUCCEEDED;
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  }
}

function parseOptions(): Options {
  const names = Object.keys(workloads);
  return createCommand(
    'npm run bench --',
    'Compares this server with stock GraphQL Yoga and with bare sockets, on a PostgreSQL and a Redis of its own. ' +
      'Needs Linux, and redis-server or valkey-server on PATH. Everything takes about two hours, and realgraph one ' +
      'more. A workload that fails is named in the report and makes the exit status 1. Ctrl-C ends the run without a ' +
      'report, with exit status 130.',
  )
    .addOption(new Option('--workload <names...>', 'which workloads').choices(names).default(names, 'all'))
    .addOption(
      new Option(
        '--system <names...>',
        `which of ${systems.map(({ name }) => name).join(', ')}; ours-1000@DIR and ours-0@DIR are the server built in ` +
          'another checkout, with the same migrations',
      )
        .argParser((name, before: System[]) => [...(before === systems ? [] : before), systemNamed(name)])
        .default(systems, 'all'),
    )
    .option('--repetitions <n>', 'runs of what starts anew (default: 3, or 1 when quick)', wholeNumber)
    .option(
      '--windows <n>',
      'measured windows of each system under a steady load (default: 6, or 1 when quick)',
      wholeNumber,
    )
    .option(
      '--seconds <n>',
      'length of such a window (default: 10, or 3 when quick; of realgraph 120, or 20)',
      wholeNumber,
    )
    .option(
      '--graph <folder>',
      'friends.csv and homes.csv of real people; realgraph is left out without them',
      '../shared/data',
    )
    .option('--people <n>', 'the first so many of them (default: all, or 300 when quick)', wholeNumber)
    .option(
      '--warm-up <seconds>',
      'how long people of realgraph move before the first window (default: 480, or 15 when quick)',
      wholeNumber,
    )
    .option('--quick', 'a test run of some minutes; its numbers mean little')
    .option('--json <file>', 'where the results go', '.data/bench/results.json')
    .option('--profile', `let Node write CPU profiles of this server to ${PROFILES}`)
    .parse()
    .opts<Options>();
}

async function run(bench: Bench, chosen: readonly string[]): Promise<Results> {
  const results: Results = {
    startedAt: new Date().toISOString(),
    machine: describeMachine(bench.cores),
    quick: bench.settings.quick,
    steady: [],
    memory: [],
    reconnect: [],
    history: [],
    topics: [],
    bursts: [],
    realGraph: [],
    failures: [],
  };
  if (chosen.some((name) => !withoutSystems.has(name))) await checkSystems(bench);
  for (const name of chosen) {
    // A failure must not cost the report of what was measured before.
    await workloads[name]?.(bench, results).catch((error: unknown) => {
      bench.signal.throwIfAborted();
      results.failures.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return results;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return value;
}

await runCommand(main);
