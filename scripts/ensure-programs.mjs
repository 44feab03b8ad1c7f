// Installs the programs that the tests need: Redis, a load balancer, a browser, OpenSSL, a pooler and a PostgreSQL with
// pg_dump. The benchmark needs only Redis. Where apt-get needs no password it installs what is missing, otherwise it says
// how to. Tests of the pooler and of backups are left out where theirs is missing. `npm run test:cassandra` asks for Java,
// Maven, PostgreSQL and faketime by name.
//
//   node scripts/ensure-programs.mjs [package...]     default: all but those that Cassandra needs
import { spawnSync } from 'node:child_process';

/** Debian's packages, each with the programs of which one is enough. */
const PROGRAMS = [
  ['redis-server', ['redis-server', 'valkey-server']],
  ['haproxy', ['haproxy']],
  ['chromium', ['chromium']],
  ['openssl', ['openssl']],
  ['pgbouncer', ['pgbouncer']],
  ['postgresql', ['pg_dump']],
  ['faketime', ['faketime']],
  ['openjdk-17-jre-headless', ['java']],
  ['maven', ['mvn']],
];

/** Without these some tests are left out. */
const OPTIONAL = ['pgbouncer', 'postgresql'];

const ONLY_WHEN_ASKED = ['faketime', 'openjdk-17-jre-headless', 'maven'];

const asked = process.argv.slice(2);
const needed = PROGRAMS.filter(([name]) =>
  asked.length === 0 ? !ONLY_WHEN_ASKED.includes(name) : asked.includes(name),
);
const missing = needed.filter(([, programs]) => !programs.some(found)).map(([name]) => name);
if (missing.length > 0) {
  const byHand = `sudo apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.error(`Missing on PATH: ${missing.join(', ')}. Install with: ${byHand}`);
    process.exit(missing.every((name) => OPTIONAL.includes(name)) ? 0 : 1);
  }
  console.log(`Not on PATH: ${missing.join(', ')}. Installing with apt-get.`);
  run(['update', '-qq'], byHand);
  run(['install', '-y', '-qq', '--no-install-recommends', ...missing], byHand);
}
if (asked.length === 0) {
  console.log(
    'Left out: the history in Cassandra. `npm run test:cassandra` tests it, with Java 17 and Maven.',
  );
}

function found(program) {
  // Debian installs some servers in /usr/sbin, which is on root's PATH only.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`], { env }).status === 0;
}

function run(args, byHand) {
  // RUNLEVEL keeps the packages from starting services, as the tests start servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  if (spawnSync('apt-get', args, { stdio: 'inherit', env }).status === 0) return;
  console.error(`apt-get ${args[0]} failed. Try again, or run: ${byHand}`);
  process.exit(1);
}
