/** `npm run capacity`: makes docs/capacity.md from its template and from what was measured. */
import { readFile, writeFile } from 'node:fs/promises';
import { CommandError } from '../../src/cli/command-error.js';
import { createCommand, runCommand, SUCCEEDED } from '../../src/cli/run-command.js';
import type { Results } from '../results.js';
import { type Measured, measuredIn } from './measured.js';
import { pageOf, withChart } from './page.js';

const MEASURED = 'bench/capacity/measured.json';
const TEMPLATE = 'bench/capacity/capacity.template.md';
const PAGE = 'docs/capacity.md';
const README = 'README.md';

async function main(): Promise<number> {
  const { json } = createCommand(
    'npm run capacity --',
    `Makes ${PAGE} and the chart of ${README} from ${TEMPLATE} and ${MEASURED}: how many servers, Redis shards and databases the reference load ` +
      `needs. With --json it first updates ${MEASURED} from the results of a run: the costs of servers by the workloads scattered ` +
      'and scattered-far, those of Redis by topics, and those of PostgreSQL by history.',
  )
    .option('--json <file>', 'results of npm run bench, such as .data/bench/results.json')
    .parse()
    .opts<{ json?: string }>();
  try {
    let measured = JSON.parse(await readFile(MEASURED, 'utf8')) as Measured;
    if (json !== undefined) {
      measured = measuredIn(JSON.parse(await readFile(json, 'utf8')) as Results, measured);
      await writeFile(MEASURED, `${JSON.stringify(measured, null, 2)}\n`);
    }
    const page = pageOf(await readFile(TEMPLATE, 'utf8'), measured);
    await writeFile(PAGE, page);
    await writeFile(README, withChart(await readFile(README, 'utf8'), page));
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  console.log(`Written: ${PAGE}`);
  return SUCCEEDED;
}

await runCommand(main);
