// The tests run against a real Redis, behind a real load balancer, in a real browser; the benchmark needs Redis alone.
// Installs what is missing where that takes no question, else says how to.
//
//   node scripts/ensure-programs.mjs [package...]     all when none is named
import { spawnSync } from 'node:child_process';

/** Debian's packages, and the programs of which one is enough. */
const PROGRAMS = [
  ['redis-server', ['redis-server', 'valkey-server']],
  ['haproxy', ['haproxy']],
  ['chromium', ['chromium']],
];

const asked = process.argv.slice(2);
const needed = PROGRAMS.filter(([name]) => asked.length === 0 || asked.includes(name));
const missing = needed.filter(([, programs]) => !programs.some(found)).map(([name]) => name);
if (missing.length > 0) {
  const byHand = `sudo apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.error(`Needed on PATH: ${missing.join(', ')}, e.g.: ${byHand}`);
    process.exit(1);
  }
  console.log(`Not on PATH: ${missing.join(', ')}. Installing with apt-get.`);
  run(['update', '-qq'], byHand);
  run(['install', '-y', '-qq', '--no-install-recommends', ...missing], byHand);
}

function found(program) {
  // Debian has some servers where only root looks.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`], { env }).status === 0;
}

function run(args, byHand) {
  // Without the services: the tests start servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  if (spawnSync('apt-get', args, { stdio: 'inherit', env }).status === 0) return;
  console.error(`apt-get ${args[0]} failed; try again, or: ${byHand}`);
  process.exit(1);
}
