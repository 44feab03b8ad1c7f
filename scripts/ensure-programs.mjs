// The tests run against a real Redis, behind a real load balancer, in a real browser. Installs what is missing where that
// takes no question, else says how to.
import { spawnSync } from 'node:child_process';

/** Debian's packages, and the programs of which one is enough. */
const NEEDED = [
  ['redis-server', ['redis-server', 'valkey-server']],
  ['haproxy', ['haproxy']],
  ['chromium', ['chromium']],
];

const missing = NEEDED.filter(([, programs]) => !programs.some(found)).map(([name]) => name);
if (missing.length > 0) {
  const byHand = `sudo apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.error(`The tests need ${missing.join(', ')} on PATH, e.g.: ${byHand}`);
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
