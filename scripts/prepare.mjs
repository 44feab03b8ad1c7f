// Builds the server after an installation. An installation without development packages, as by `npm ci --omit=dev` or
// with NODE_ENV=production, has nothing to build with: it keeps the build that is there, and says how to make one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

if (Object.keys(devDependencies).every((name) => existsSync(`node_modules/${name}`))) {
  run('node', ['scripts/generate-client.mjs']);
  run('npm', ['run', 'build']);
} else {
  console.error('Nothing is built without development packages. For a build: npm ci --include=dev');
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
