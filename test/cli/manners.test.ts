/** What every program of the command line has in common. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { startProgram } from '../support/program.js';

const PROGRAMS = [
  [
    'src/main.ts',
    'npm start --',
    ['--help', '--version', 'FRAME_INTERVAL_MS', '(default: 1000)', 'DRAIN_SECONDS'],
  ],
  ['src/cli/seed.ts', 'npm run seed --', ['--graph <file.csv>', '--out <tokens.csv>', 'DATABASE_URL', '130']],
  ['src/cli/simulate.ts', 'npm run simulate --', ['--spread <metres>', '(default: 8000)', '130']],
  ['src/cli/demo.ts', 'npm run demo', ['.data/demo', 'PORT', '130']],
  ['bench/main.ts', 'npm run bench --', ['--repetitions <n>', '(default: 3, or 1 when quick)', '130']],
  ['bench/capacity/main.ts', 'npm run capacity --', ['--json <file>', 'docs/capacity.md']],
  ['scripts/compare-schema.ts', 'npx tsx scripts/compare-schema.ts', ['[options] [schema]']],
  ['scripts/screenshot-graphiql.ts', 'npx tsx scripts/screenshot-graphiql.ts', ['[options] [url]']],
  ['scripts/pictures.ts', 'npm run pictures', ['[options]']],
  ['scripts/sdk-size.ts', 'npm run size -w sdk', ['gzipped']],
] as const;

/** Nothing listens there: a program that turned to one of them would fail. */
const NOWHERE = { DATABASE_URL: 'postgres://a@127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' };

const ESCAPE = '\u001b';

describe.each(PROGRAMS)('%s', (file, name, words) => {
  it('explains itself without a database or Redis, with status 0', async () => {
    const { status, stdout, stderr } = await startProgram(file, ['--help'], NOWHERE).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: ${name} `));
    for (const word of [...words, 'Exit status: 0 ']) expect(stdout).toContain(word);
    expect(stdout).not.toContain(ESCAPE);
  });

  it('says in one line that it does not know an option, with status 2', async () => {
    const args = [...(file === 'src/cli/seed.ts' ? ['--graph', 'x.csv', '--out', 'y.csv'] : []), '--hepl'];
    const { status, stdout, stderr } = await startProgram(file, args, NOWHERE).ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe("error: unknown option '--hepl' (Did you mean --help?)\n");
  });
});

describe('what is wrong is said in one line, with status 2:', () => {
  test.each([
    ['src/main.ts', [], { PORT: 'abc' }, /^PORT must be a whole number from 0 to 65535\n$/],
    ['src/main.ts', ['4000'], {}, /^error: too many arguments\. [^\n]+\n$/],
    [
      'src/cli/seed.ts',
      ['--graph', 'x.csv'],
      {},
      /^error: required option '--out <tokens\.csv>' not [^\n]+\n$/,
    ],
    [
      'src/cli/seed.ts',
      ['--graph', 'x.csv', '--out', 'y.csv'],
      { DATABASE_URL: 'x' },
      /^DATABASE_URL must be [^\n]+\n$/,
    ],
    ['bench/main.ts', ['--repetitions', '0'], {}, /--repetitions [^\n]+ must be a whole number above 0\n$/],
    ['bench/main.ts', ['--system', 'none'], {}, /--system [^\n]+ Allowed choices are [^\n]+\n$/],
    [
      'bench/main.ts',
      ['--system', 'ours-0@/none'],
      {},
      /--system [^\n]+ There is no \/none\/dist\/main\.js[^\n]+\n$/,
    ],
  ])('%s %j %j', async (file, args, settings, line) => {
    const { status, stdout, stderr } = await startProgram(file, args, { ...NOWHERE, ...settings }).ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(line);
  });
});

test('the server tells its version', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await startProgram('src/main.ts', ['--version'], NOWHERE).ended).toEqual({
    status: 0,
    stdout: `${version}\n`,
    stderr: '',
  });
});
