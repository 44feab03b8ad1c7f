/** `npm run capacity`: makes docs/capacity.md of its template and of what was measured. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CommandError } from '../../src/cli/command-error.js';
import { createCommand, runCommand, SUCCEEDED } from '../../src/cli/run-command.js';
import type { Results } from '../results.js';
import { documentOf } from './document.js';
import { type Measured, measuredIn } from './measured.js';

const MEASURED = 'bench/capacity/measured.json';
const TEMPLATE = 'bench/capacity/capacity.template.md';
const DOCUMENT = 'docs/capacity.md';

async function main(): Promise<number> {
  const { json } = createCommand(
    'npm run capacity --',
    `Makes ${DOCUMENT} of ${TEMPLATE} and ${MEASURED}: how many servers, Redis shards and bytes the reference load ` +
      'needs. With --json it first takes what was measured from the results of `npm run bench`, which must have run ' +
      'cadence, scattered, memory, reconnect, history and topics.',
  )
    .option('--json <file>', 'results of npm run bench, such as .data/bench/results.json')
    .parse()
    .opts<{ json?: string }>();
  const written = [DOCUMENT];
  if (json !== undefined) {
    const measured = takeFrom((await readJson(json)) as Results);
    await writeFile(resolve(MEASURED), `${JSON.stringify(measured, null, 2)}\n`);
    written.unshift(MEASURED);
  }
  const measured = (await readJson(MEASURED)) as Measured;
  await writeFile(resolve(DOCUMENT), documentOf(await readFile(resolve(TEMPLATE), 'utf8'), measured));
  console.log(`Written: ${written.join(', ')}`);
  return SUCCEEDED;
}

function takeFrom(results: Results): Measured {
  try {
    return measuredIn(results);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(file), 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} cannot be read`, { cause: error });
  }
}

await runCommand(main);
