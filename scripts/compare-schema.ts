/**
 * `npx tsx scripts/compare-schema.ts [SCHEMA]` compares the schema with that of the last release. It fails on
 * changes that break a client of that release, and prints changes that could surprise one.
 */
import { readFile } from 'node:fs/promises';
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, GraphQLError } from 'graphql';
import { CommandError } from '../src/cli/command-error.js';
import { createCommand, FAILED, runCommand, SUCCEEDED } from '../src/cli/run-command.js';

async function main(): Promise<number> {
  const command = createCommand(
    'npx tsx scripts/compare-schema.ts',
    `Compares a schema with ${RELEASED}, that of the last release. Fails if it breaks a client of it.`,
  )
    .argument('[schema]', 'the file to compare', 'schema.graphql')
    .parse();
  const [file = ''] = command.processedArgs as string[];
  const changes = await diff(await readSchema(RELEASED), await readSchema(file));
  const breaking = changes.filter(isOf(CriticalityLevel.Breaking));
  const dangerous = changes.filter(isOf(CriticalityLevel.Dangerous));
  for (const { message } of dangerous) console.log(`Could surprise a client of the last release: ${message}`);
  for (const { message } of breaking) console.error(`Breaks clients of the last release: ${message}`);
  if (breaking.length > 0) return FAILED;
  console.log(`${file} breaks no client of the last release; changes since then: ${changes.length}.`);
  return SUCCEEDED;
}

const RELEASED = 'release/schema.graphql';

const isOf =
  (level: CriticalityLevel) =>
  ({ criticality }: Change): boolean =>
    criticality.level === level;

async function readSchema(file: string) {
  try {
    return buildSchema(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof GraphQLError || (error instanceof Error && 'code' in error)) {
      throw new CommandError(`${file}: ${error.message}`);
    }
    throw error;
  }
}

await runCommand(main);
