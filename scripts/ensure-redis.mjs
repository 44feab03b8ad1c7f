// The tests run against a real Redis. Installs one where that takes no question, else says how to.
import { spawnSync } from 'node:child_process';

if (!found('redis-server') && !found('valkey-server')) {
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.error(
      'The tests need redis-server or valkey-server on PATH, e.g.: sudo apt-get install redis-server',
    );
    process.exit(1);
  }
  console.log('No redis-server on PATH: installing it with apt-get.');
  run('apt-get', ['update', '-qq']);
  // Without its service: the tests start servers of their own.
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
    DEBIAN_FRONTEND: 'noninteractive',
    RUNLEVEL: '1',
  });
}

function found(program) {
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status === 0;
}

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) {
    console.error(
      `${program} ${args[0]} failed; install redis-server or valkey-server yourself and try again.`,
    );
    process.exit(1);
  }
}
