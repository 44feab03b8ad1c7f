import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seedDatabase } from '../../src/cli/seed/seed-database.js';
import { type Config, readConfig } from '../../src/config.js';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { createLogger } from '../../src/log.js';
import { ask, connect, move, type TestUser } from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startProgram } from '../support/program.js';

const NEVER = new AbortController().signal;

let cluster: TestCluster;
let config: Config;
let database: pg.Client;
let folder: string;
let graph: string;
let out: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  database = new pg.Client({ connectionString: cluster.database.url });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await cluster.close();
});
beforeEach(async () => {
  config = { ...readConfig({}), databaseUrl: cluster.database.url };
  await database.query('TRUNCATE users CASCADE');
  folder = await mkdtemp(join(tmpdir(), 'seed-'));
  graph = join(folder, 'graph.csv');
  out = join(folder, 'tokens.csv');
  return () => rm(folder, { recursive: true });
});

async function seed(pairs: readonly (readonly [unknown, unknown])[]) {
  await writeFile(graph, ['user_a,user_b', ...pairs.map((pair) => pair.join(','))].join('\n') + '\n');
  return seedDatabase({ graph, out }, config, NEVER);
}

async function tokens(): Promise<{ number: string; id: string; token: string }[]> {
  const [header, ...rows] = (await readFile(out, 'utf8')).trimEnd().split('\n');
  expect(header).toBe('user,userId,accessToken');
  return rows.map((row) => {
    const [number = '', id = '', token = ''] = row.split(',');
    return { number, id, token };
  });
}

async function counts(): Promise<unknown> {
  const { rows } = await database.query(
    `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM friendships) AS friendships,
            (SELECT count(*)::int FROM auth_sessions) AS sessions`,
  );
  return rows[0];
}

const FRIENDS = '{ me { id handle } friends { totalCount edges { node { handle } } } }';
interface FriendsAnswer {
  readonly me: { readonly id: string; readonly handle: string };
  readonly friends: { readonly edges: readonly { readonly node: { readonly handle: string } }[] };
}

async function friendsOf(token: string): Promise<{ me: unknown; friends: string[] }> {
  const { me, friends } = await ask<FriendsAnswer>(cluster.urls[0] ?? '', token, FRIENDS);
  return { me, friends: friends.edges.map(({ node }) => node.handle) };
}

describe('seed', () => {
  it('makes users and friendships, and tokens that a server accepts', async () => {
    expect(
      await seed([
        [7, 12],
        [7, 1234],
        [12, 7],
      ]),
    ).toEqual({ users: 3, friendships: 2 });
    const rows = await tokens();
    expect(rows.map(({ number }) => number)).toEqual(['7', '12', '1234']);
    const [seven, twelve] = rows;
    expect(await friendsOf(seven?.token ?? '')).toEqual({
      me: { id: seven?.id, handle: 'u007' },
      friends: ['u012', 'u1234'],
    });
    expect((await friendsOf(twelve?.token ?? '')).friends).toEqual(['u007']);
    expect((await stat(out)).mode & 0o077).toBe(0);
  });

  it('makes tokens good for a day, with sessions that no sweep ends before', async () => {
    const before = Date.now();
    await seed([[1, 2]]);
    const [, payload = ''] = (await tokens())[0]?.token.split('.') ?? [];
    const { exp, sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      exp: number;
      sid: string;
    };
    expect(exp * 1000).toBeGreaterThanOrEqual(before + 86_399_000);
    const { rows } = await database.query<{ created_at: Date }>(
      'SELECT created_at FROM auth_sessions WHERE id = $1',
      [sid],
    );
    expect((rows[0]?.created_at.getTime() ?? 0) + 86_400_000).toBeGreaterThanOrEqual(exp * 1000);
  });

  it('adds what is missing when it runs again', async () => {
    await seed([[1, 2]]);
    const [first] = await tokens();
    expect(
      await seed([
        [1, 2],
        [2, 3],
        [1, 3],
      ]),
    ).toEqual({ users: 1, friendships: 2 });
    expect(await seed([[3, 1]])).toEqual({ users: 0, friendships: 0 });
    const again = await tokens();
    expect(again.map(({ number }) => number)).toEqual(['1', '3']);
    expect(again[0]?.id).toBe(first?.id);
    expect(again[0]?.token).not.toBe(first?.token);
    expect((await friendsOf(first?.token ?? '')).friends).toEqual(['u002', 'u003']);
  });

  it('brings a new friendship to a subscription that is open', async () => {
    const url = cluster.urls[0] ?? '';
    await seed([
      [1, 2],
      [3, 4],
    ]);
    const users: TestUser[] = (await tokens()).map(({ number, id, token }) => ({
      id,
      handle: number,
      token,
      refreshToken: '',
    }));
    const [one, , three] = users;
    if (one === undefined || three === undefined) throw new Error('not seeded');
    for (const user of [one, three]) await move(url, user, { latitude: 1, longitude: 1 });
    const client = connect(url, one.token);
    const list = followNearby(client);
    await list.until(({ frames }) => frames.length > 0);
    expect(list.entries.size).toBe(0);
    await seed([[1, 3]]);
    await list.until(({ entries }) => entries.has(three.id));
    await client.dispose();
  });

  it('leaves apart who blocked whom, and grants a request that waits', async () => {
    const url = cluster.urls[0] ?? '';
    await seed([
      [1, 2],
      [3, 4],
    ]);
    const [one, two, three, four] = await tokens();
    const mutation = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
    await ask(url, one?.token ?? '', mutation, { userId: three?.id });
    await ask(url, two?.token ?? '', 'mutation ($userId: ID!) { blockUser(userId: $userId) }', {
      userId: four?.id,
    });
    expect(
      await seed([
        [1, 3],
        [2, 4],
      ]),
    ).toEqual({ users: 0, friendships: 1 });
    const requests = '{ friendRequests(direction: OUTGOING) { edges { node { id } } } }';
    expect(await ask(url, one?.token ?? '', requests)).toEqual({ friendRequests: { edges: [] } });
    expect((await friendsOf(two?.token ?? '')).friends).toEqual(['u001']);
  });

  it('makes 5,000 users with 45,000 friendships within seconds', async () => {
    const pairs = Array.from({ length: 45_000 }, (_, index) => {
      const user = index % 5_000;
      return [user, (user + 1 + 7 * Math.floor(index / 5_000)) % 5_000] as const;
    });
    const startedAtMs = performance.now();
    expect(await seed(pairs)).toEqual({ users: 5_000, friendships: 45_000 });
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    expect(await counts()).toEqual({ users: 5_000, friendships: 90_000, sessions: 5_000 });
  });

  describe('refuses, with nothing made,', () => {
    const refusals: [string, string, RegExp][] = [
      ['another header', 'a,b\n1,2\n', /graph\.csv must begin with the header user_a,user_b\.$/],
      ['an empty file', '', /must begin with the header/],
      ['a number that is none', 'user_a,user_b\n1,2\n\n3,x\n', /graph\.csv, line 4: not two whole numbers/],
      ['a negative number', 'user_a,user_b\n-1,2\n', /line 2: not two whole numbers/],
      ['a missing value', 'user_a,user_b\n1,2\n3\n', /line 3: 1 values instead of 2/],
      ['one value too many', 'user_a,user_b\n1,2,3\n', /line 2: 3 values instead of 2/],
      ['somebody as his own friend', 'user_a,user_b\n1,2\n7,7\n', /line 3: user 7 is paired with itself\.$/],
      ['a quote that is not closed', 'user_a,user_b\n1,"2\n', /graph\.csv: .*quote/i],
      [
        'more friends than anybody may have',
        'user_a,user_b\n' + Array.from({ length: 5_001 }, (_, index) => `0,${index + 1}`).join('\n'),
        /^u000 would have more than 5000 friends\.$/,
      ],
    ];
    it.each(refusals)('%s', async (_name, text, message) => {
      await writeFile(graph, text);
      const refused = await seedDatabase({ graph, out }, config, NEVER).then(
        () => '',
        (error: Error) => `${error.name}: ${error.message}`,
      );
      expect(refused).toMatch(/^CommandError: [^\n]*$/);
      expect(refused.slice('CommandError: '.length)).toMatch(message);
      expect(await readdir(folder)).toEqual(['graph.csv']);
      expect(await counts()).toEqual({ users: 0, friendships: 0, sessions: 0 });
    });

    it('a place where the tokens cannot be written', async () => {
      out = join(folder, 'missing', 'tokens.csv');
      await expect(seed([[1, 2]])).rejects.toThrow(/tokens\.csv cannot be written \(ENOENT\)/);
      out = folder;
      await expect(seed([[1, 2]])).rejects.toThrow(/is not a file that can be replaced/);
      expect(await counts()).toEqual({ users: 0, friendships: 0, sessions: 0 });
    });
  });

  it('leaves the tokens of the last run alone when it fails', async () => {
    await seed([[1, 2]]);
    const before = await readFile(out, 'utf8');
    await expect(seed([[1, 1]])).rejects.toThrow('line 2');
    expect(await readFile(out, 'utf8')).toBe(before);
  });

  it('uses the embedded database, while a server runs on it and while none does', async () => {
    const dataDir = join(folder, 'data');
    await chmod(folder, 0o711); // As root, PostgreSQL runs as another user.
    config = { ...config, databaseUrl: null, dataDir };
    const server = await startEmbeddedPostgres({ dataDir, log: createLogger('silent') });
    try {
      expect(await seed([[1, 2]])).toEqual({ users: 2, friendships: 1 });
    } finally {
      await server.close();
    }
    expect(await seed([[2, 3]])).toEqual({ users: 1, friendships: 1 });
  });

  describe('on the command line', () => {
    const start = () =>
      startProgram('src/cli/seed.ts', ['--graph', graph, '--out', out], {
        DATABASE_URL: cluster.database.url,
      });

    it('tells what it did', async () => {
      await writeFile(graph, 'user_a,user_b\n1,2\n');
      const { status, stdout, stderr } = await start().ended;
      expect(stdout).toMatch(/^Added in \S+ s: users 2, friendships 1\. Tokens: .*tokens\.csv\n$/);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });

    it('tells in one line why it could not', async () => {
      expect(await start().ended).toEqual({ status: 1, stdout: '', stderr: `There is no file ${graph}.\n` });
    });

    it('makes nothing when Ctrl-C ends it', async () => {
      const rows = Array.from({ length: 5_000 }, (_, user) => `${user},${user + 1}`);
      await writeFile(graph, ['user_a,user_b', ...rows].join('\n'));
      const { child, ended } = start();
      await expect.poll(() => readdir(folder), { timeout: 15_000 }).toHaveLength(2);
      child.kill('SIGINT');
      expect(await ended).toEqual({ status: 130, stdout: '', stderr: '' });
      expect(await readdir(folder)).toEqual(['graph.csv']);
      expect(await counts()).toEqual({ users: 0, friendships: 0, sessions: 0 });
    });
  });
});
