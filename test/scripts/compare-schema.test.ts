import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../support/program.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compare-schema-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Compares the schema with `line` replaced. */
async function compare(line: string, replacement: string) {
  const schema = await readFile('schema.graphql', 'utf8');
  expect(schema.split(line)).toHaveLength(2);
  const file = join(folder, 'schema.graphql');
  await writeFile(file, schema.replace(line, replacement));
  return startProgram('scripts/compare-schema.ts', [file]).ended;
}

test('the schema breaks no client of the last release', async () => {
  const { status, stderr } = await startProgram('scripts/compare-schema.ts').ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a field that is gone fails, by its name', async () => {
  const { status, stderr } = await compare('  distanceMeters: Float!\n', '  metersAway: Float!\n');
  expect(stderr).toMatch(/^Breaks clients of the last release: .*'distanceMeters'.*'NearbyFriend'/);
  expect(status).toBe(1);
});

test('an argument that has to be given now fails', async () => {
  const { status, stderr } = await compare(
    'user("Upper and lower case are the same." handle: String!)',
    'user(handle: String!, of: ID!)',
  );
  expect(stderr).toMatch(/'of: ID!'.*'Query\.user'/);
  expect(status).toBe(1);
});

test('a field more that may be null passes', async () => {
  const { status, stdout, stderr } = await compare(
    'type User implements Node {\n',
    'type User implements Node {\n  motto: String\n',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('breaks no client');
});

test('a value more of an enum passes, with a word', async () => {
  const { status, stdout } = await compare('enum DepartureReason {', 'enum DepartureReason {\n  ASLEEP');
  expect(stdout).toMatch(/^Could surprise a client of the last release: .*'ASLEEP'/m);
  expect(status).toBe(0);
});

test('a schema that is none fails in one line', async () => {
  const { status, stderr } = await compare('enum DepartureReason {', 'enum DepartureReason (');
  expect(stderr).toMatch(/schema\.graphql: Syntax Error: [^\n]+\n$/);
  expect(status).toBe(1);
});
