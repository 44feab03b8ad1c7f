// The tests show GraphiQL working in a real browser. Installs one where that takes no question, else says how to.
import { spawnSync } from 'node:child_process';

if (!found('chromium')) {
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.error('The tests need chromium on PATH, e.g.: sudo apt-get install chromium');
    process.exit(1);
  }
  console.log('No chromium on PATH: installing it with apt-get.');
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    DEBIAN_FRONTEND: 'noninteractive',
  });
}

function found(program) {
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status === 0;
}

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) {
    console.error(`${program} ${args[0]} failed; install chromium yourself and try again.`);
    process.exit(1);
  }
}
