import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/embedded/postgres.js';
import { StartupError } from '../../src/startup-error.js';
import { kill9, outcomeOf, processesOf, spawnServer, untilGone } from './processes.js';

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
/** An ordinary user cannot run a Node or read a checkout that lies below /root, where version managers put them. */
const NOBODY_RUNS_THIS =
  IS_ROOT &&
  spawnSync(process.execPath, ['--eval', 'fs.readFileSync(process.argv[1])', import.meta.filename], NOBODY)
    .status === 0;

let dataDir: string;
const cleanups: (() => Promise<unknown>)[] = [];
const log = { info: vi.fn(), error: vi.fn() };

/** A folder as a first run leaves it, so that the tests which are not about the first run need not wait for one. */
let used: string;
beforeAll(async () => {
  used = await makeFolder();
  await (await startEmbeddedPostgres({ dataDir: used, log })).close();
});
afterAll(() => rm(used, { recursive: true, force: true }));

beforeEach(async () => {
  dataDir = await makeFolder();
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  vi.clearAllMocks();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'embedded-')));
  await chmod(folder, 0o711);
  return folder;
}

async function useUsedFolder(): Promise<void> {
  await promisify(execFile)('cp', ['-a', join(used, 'postgres'), dataDir]);
}

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  cleanups.push(() => postgres.close());
  return postgres;
}

function spawnPostgres(user = {}) {
  const child = spawnServer(['postgres', dataDir], user);
  cleanups.push(() => kill9(child).then(() => untilGone(dataDir)));
  return child;
}

async function query(url: string | undefined, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startEmbeddedPostgres', () => {
  it('keeps what was written from one run to the next, and leaves nothing running', async () => {
    const first = await start();
    await query(first.url, `CREATE TABLE kept AS SELECT 'é' AS text`);
    await Promise.all([first.close(), first.close()]);
    expect(await processesOf(dataDir)).toEqual([]);
    const second = await start();
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ text: 'é' }]);
    expect(await query(second.url, `SELECT current_database(), current_setting('fsync') AS fsync`)).toEqual([
      { current_database: 'nearby_friends', fsync: 'on' },
    ]);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('lets in only those who know the password, which only its owner can read', async () => {
    await useUsedFolder();
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o077).toBe(0);
  });

  it('keeps what users sent out of its log', async () => {
    await useUsedFolder();
    const { url } = await start();
    const secret = randomUUID();
    await query(url, 'CREATE TABLE once (id text PRIMARY KEY)');
    const insert = `INSERT INTO once VALUES ('${secret}'), ('${secret}')`;
    await expect(query(url, insert)).rejects.toThrow('duplicate key');
    const text = await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8');
    expect(text).toContain('duplicate key');
    expect(text).not.toContain(secret);
  });

  it('says when PostgreSQL ends by itself', async () => {
    await useUsedFolder();
    await start();
    const [postmaster] = await processesOf('bin/postgres -D ' + dataDir);
    const pid = Number(
      (await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0],
    );
    expect(postmaster).toBeDefined();
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(log.error).toHaveBeenCalledOnce(), { timeout: 10_000 });
    await untilGone(dataDir);
  });

  it('refuses a folder that another living server uses, which goes on', async () => {
    await useUsedFolder();
    const child = spawnPostgres();
    const { url } = await outcomeOf(child);
    const refused = startEmbeddedPostgres({ dataDir, log });
    await expect(refused).rejects.toThrow(StartupError);
    await expect(refused).rejects.toThrow(
      `Another Nearby Friends server (pid ${child.pid}) uses ${dataDir}; ` +
        'set DATABASE_URL and REDIS_URL to run several servers.',
    );
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await findEmbeddedPostgres(dataDir)).toBe(url);
  });

  it('lets one of several that start at once have the folder', async () => {
    const starts = await Promise.allSettled([1, 2, 3].map(() => start()));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is found by others only while it runs', async () => {
    await useUsedFolder();
    expect(await findEmbeddedPostgres(dataDir)).toBeNull();
    const postgres = await start();
    expect(await findEmbeddedPostgres(dataDir)).toBe(postgres.url);
    await postgres.close();
    expect(await findEmbeddedPostgres(dataDir)).toBeNull();
  });
});

describe('after kill -9', () => {
  it.each(['process', 'group'] as const)(
    'of the %s, ends by itself and starts again at once',
    async (whom) => {
      await useUsedFolder();
      const child = spawnPostgres();
      const { url } = await outcomeOf(child);
      await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
      await kill9(child, whom);
      const again = await start();
      expect(await query(again.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
      await again.close();
      await untilGone(dataDir);
    },
  );

  it('leaves nothing running though nobody starts again', async () => {
    await useUsedFolder();
    const child = spawnPostgres();
    await outcomeOf(child);
    expect((await processesOf(dataDir)).length).toBeGreaterThan(3);
    await kill9(child, 'group');
    await untilGone(dataDir);
  });

  it('in the middle of the first start, starts anew', async () => {
    const child = spawnPostgres();
    await vi.waitFor(
      async () => expect((await readdir(join(dataDir, 'postgres'))).join()).toContain('cluster.'),
      {
        timeout: 10_000,
        interval: 5,
      },
    );
    await kill9(child);
    const postgres = await start();
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('of the watcher too, ends the PostgreSQL that was left behind', async () => {
    await useUsedFolder();
    const child = spawnPostgres();
    await outcomeOf(child);
    const watchers = (await processesOf(dataDir)).filter(({ command }) => command.startsWith('/bin/sh'));
    expect(watchers.length).toBeGreaterThan(0);
    // The younger one first: it is told when the older one dies, and would still end PostgreSQL.
    for (const { pid } of watchers.toSorted((a, b) => b.pid - a.pid)) process.kill(pid, 'SIGKILL');
    await kill9(child);
    expect((await processesOf(dataDir)).length).toBeGreaterThan(0);
    const again = await start();
    expect(log.info).toHaveBeenCalledWith(expect.stringContaining('of an earlier run'));
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is not misled by another process that has got a dead one’s number', async () => {
    await useUsedFolder();
    const folder = join(dataDir, 'postgres');
    await writeFile(
      join(folder, 'server.json'),
      JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }),
    );
    await writeFile(join(folder, 'cluster/postmaster.pid'), `${process.pid}\n${folder}/cluster\n0\n1\n\n\n`);
    const again = await start();
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe.runIf(IS_ROOT)('as root', () => {
  it('goes to /var/tmp from a folder that PostgreSQL’s user cannot reach', async () => {
    await chmod(dataDir, 0o700);
    const first = await start();
    const link = join(dataDir, 'postgres');
    const target = await realpath(link);
    cleanups.push(() => rm(dirname(target), { recursive: true, force: true }));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(target).toMatch(/^\/var\/tmp\/nearby-friends-[0-9a-f]{12}\/postgres$/);
    expect(log.info).toHaveBeenCalledWith(expect.stringContaining(`keeps its data in ${target}`));
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.close();

    const second = await start();
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    await second.close();

    await rm(link);
    const anew = await start();
    await expect(query(anew.url, 'SELECT * FROM kept')).rejects.toThrow('does not exist');
    await anew.close();
  });

  it('does not use a folder in /var/tmp that someone else made', async () => {
    await chmod(dataDir, 0o700);
    const first = await start();
    const target = dirname(await realpath(join(dataDir, 'postgres')));
    cleanups.push(() => rm(target, { recursive: true, force: true }));
    await first.close();
    await rm(join(dataDir, 'postgres'));
    await chown(target, NOBODY.uid, NOBODY.gid);
    await expect(start()).rejects.toThrow(`${target} belongs to someone else`);
  });
});

describe.runIf(NOBODY_RUNS_THIS)('as root beside an ordinary user', () => {
  it('runs on the data of the ordinary user who ran it before, who can run it again', async () => {
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const before = spawnPostgres(NOBODY);
    const { url, failed } = await outcomeOf(before);
    expect(failed).toBeUndefined();
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await kill9(before, 'group');

    const asRoot = await start();
    expect(await query(asRoot.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    await asRoot.close();

    const after = await outcomeOf(spawnPostgres(NOBODY));
    expect(await query(after.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  it('tells an ordinary user who meets root’s data', async () => {
    await useUsedFolder();
    const { failed } = await outcomeOf(spawnPostgres(NOBODY));
    expect(failed).toMatch(/^DATA_DIR: .* \(E[A-Z]+\)/);
  });
});
