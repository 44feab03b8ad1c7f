import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { befriend, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type Program, startProgram, startProgramInTerminal } from '../support/program.js';

let cluster: TestCluster;
let database: pg.Client;
let folder: string;
const running = new Set<Program>();

beforeAll(async () => {
  cluster = await startTestCluster(2);
  database = new pg.Client({ connectionString: cluster.database.url });
  await database.connect();
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
});
afterAll(async () => {
  await database.end();
  await cluster.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  running.clear();
  await database.query('TRUNCATE users, location_history CASCADE');
});

function start(...args: string[]): Program {
  const program = startProgram('src/cli/simulate.ts', args);
  running.add(program);
  return program;
}

/** The first number of the row with this label. */
function valueOf(table: string, label: string): number {
  const row = table.split('\n').find((line) => line.trimStart().startsWith(label));
  return Number(
    /\s([\d,.]+)/.exec(row?.slice(row.indexOf(label) + label.length) ?? '')?.[1]?.replaceAll(',', ''),
  );
}

async function countUsers(): Promise<unknown> {
  const { rows } = await database.query<{ count: number }>('SELECT count(*)::int FROM users');
  return rows[0]?.count;
}

describe('simulate', () => {
  it('lets walkers be seen by their friends, prints the table and deletes its accounts', async () => {
    const url = `${cluster.urls[0]}/graphql`;
    const args = [
      '--users',
      '6',
      '--friends',
      '4',
      '--seconds',
      '4',
      '--interval',
      '0.5',
      '--spread',
      '1000',
    ];
    const { status, stdout, stderr } = await start('--url', url, ...args).ended;
    expect(stderr).toMatch(/^Simulating 6 users for 4 s against \S+; Ctrl-C ends it early\.\n$/);
    expect(stdout).toMatch(/^users +6 +6 connected$/m);
    const sent = valueOf(stdout, 'updates sent');
    expect(sent).toBeGreaterThanOrEqual(30);
    expect(sent).toBeLessThanOrEqual(48);
    expect(valueOf(stdout, 'answered')).toBe(sent);
    expect(valueOf(stdout, 'recorded')).toBe(sent);
    // Each has four friends within the radius: an update makes an entry for each of them and four of its own.
    const changes = valueOf(stdout, 'changes delivered');
    expect(changes).toBeGreaterThan(sent * 4);
    // Changes that come together, as on a busy machine, share a frame.
    expect(valueOf(stdout, 'frames received')).toBeGreaterThan(sent);
    expect(valueOf(stdout, 'frames received')).toBeLessThanOrEqual(changes);
    expect(valueOf(stdout, 'errors')).toBe(0);
    const [, p50, p95, p99, max] =
      /update to friend +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)/.exec(stdout) ?? [];
    const latencies = [p50, p95, p99, max].map(Number);
    expect(latencies).toEqual([...latencies].sort((a, b) => a - b));
    expect(Number(p50)).toBeGreaterThan(0);
    expect(Number(p50)).toBeLessThan(1_000);
    expect(Number(max)).toBeLessThan(4_000);
    expect(status).toBe(0);
    expect(await countUsers()).toBe(0);
  });

  it('replays traces with users of a tokens file, tells who left, and leaves them alone', async () => {
    const url = cluster.urls[1] ?? '';
    const [a, b] = [await signUp(url), await signUp(url)];
    await befriend(url, a, b);
    const tokens = join(folder, 'tokens.csv');
    await writeFile(tokens, `user,userId,accessToken\n1,${a.id},${a.token}\n2,${b.id},${b.token}\n`);
    const traces = join(folder, 'traces.csv');
    const fixes = (id: string, kilometres: (minute: number) => number) =>
      Array.from({ length: 60 }, (_, minute) => `${id},${minute * 60},${kilometres(minute) / 111.2},179.99`);
    await writeFile(
      traces,
      [
        'trace_id,unix_seconds,latitude,longitude',
        ...fixes('stays', () => 0),
        ...fixes('goes', (minute) => Math.max(0, minute - 30)),
      ].join('\n'),
    );
    const args = [
      '--tokens',
      tokens,
      '--traces',
      traces,
      '--speed',
      '300',
      '--interval',
      '0.2',
      '--seconds',
      '10',
    ];
    const { status, stdout } = await start('--url', url, ...args).ended;
    expect(valueOf(stdout, 'users')).toBe(2);
    // They set out together for six seconds, which are half an hour, and are farther apart than 5 miles at the end.
    expect(valueOf(stdout, 'of friends who left')).toBe(2);
    expect(status).toBe(0);
    expect(await countUsers()).toBe(2);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends early at %s, with the table and status %i', async (signal, expected) => {
    const simulation = start(
      '--url',
      cluster.urls[0] ?? '',
      '--users',
      '2',
      '--seconds',
      '600',
      '--interval',
      '0.2',
    );
    await expect
      .poll(async () => (await database.query('SELECT FROM location_history')).rowCount, { timeout: 15_000 })
      .toBeGreaterThan(5);
    simulation.child.kill(signal);
    const { status, stdout } = await simulation.ended;
    expect(valueOf(stdout, 'seconds')).toBeLessThan(30);
    expect(valueOf(stdout, 'updates sent')).toBeGreaterThan(0);
    expect(status).toBe(expected);
    expect(await countUsers()).toBe(0);
  });

  it.runIf(process.platform === 'linux')(
    'shows a bar in a terminal, without colours, and takes it off at the end',
    async () => {
      const args = ['--url', cluster.urls[0] ?? '', '--users', '2', '--seconds', '4', '--interval', '1'];
      const program = startProgramInTerminal('src/cli/simulate.ts', args, { NO_COLOR: '1' });
      running.add(program);
      const { status, stdout } = await program.ended;
      expect(stdout).toMatch(/Simulating [\u2588\u2591=-]+ [34]\/4 .* updates/);
      // Select Graphic Rendition, ECMA-48 section 8.3.117, is what colours are made of.
      expect(stdout.replace(/[^]*Simulating /, '')).toContain('\u001b['); // The bar moves the cursor …
      expect(stdout).not.toMatch(/\u001b\[[\d;]*m/); // … and colours nothing.
      expect(status).toBe(0);
    },
  );

  it('ends with status 1 when the server refuses the tokens', async () => {
    const tokens = join(folder, 'tokens.csv');
    await writeFile(tokens, 'user,userId,accessToken\n1,nobody,none\n');
    const { status, stdout } = await start(
      '--url',
      cluster.urls[0] ?? '',
      '--tokens',
      tokens,
      '--seconds',
      '3',
    ).ended;
    expect(stdout).toMatch(/^users +1 +0 connected$/m);
    expect(valueOf(stdout, 'connections ended, 4403')).toBeGreaterThan(0);
    expect(status).toBe(1);
  });

  describe('says in one line', () => {
    it('that nothing answers, with status 1', async () => {
      const { status, stdout, stderr } = await start('--url', 'http://127.0.0.1:1').ended;
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe('No Nearby Friends server answers at http://127.0.0.1:1.\n');
    });

    it('that there is no file, with status 1', async () => {
      const { status, stdout, stderr } = await start('--traces', '/nowhere.csv').ended;
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe('There is no file /nowhere.csv.\n');
    });

    it.each([
      [['--url', 'ftp://localhost'], /--url .* Must be a URL like/],
      [['--users', '0'], /--users .* Must be a whole number from 1 to 20000\./],
      [['--users', '1.5'], /--users .* Must be a whole number/],
      [['--interval', '-1'], /--interval .* Must be a number from 0\.1 to 3600\./],
      [['--city', '91,0'], /--city .* Must be a latitude and a longitude/],
    ])('what is wrong with %s, with status 2', async (args, message) => {
      const { status, stdout, stderr } = await start(...args).ended;
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr.trimEnd()).toMatch(message);
      expect(stderr.trimEnd()).not.toContain('\n');
    });
  });
});
