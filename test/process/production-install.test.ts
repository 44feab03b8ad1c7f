/** An installation without development packages, as with NODE_ENV=production, ends well and says what it lacks. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearby-friends-production-'));
  await cp('package.json', join(folder, 'package.json'));
  await cp('scripts', join(folder, 'scripts'), { recursive: true });
  await mkdir(join(folder, 'node_modules'));
});
afterEach(() => rm(folder, { recursive: true }));

function npm(...args: string[]): Promise<{ status: number; stderr: string }> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH, HOME, NODE_ENV: 'production' } };
    execFile('npm', args, options, (error, _stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stderr });
    });
  });
}

test('npm builds nothing after it, and ends well', async () => {
  expect(await npm('run', '--silent', 'prepare')).toEqual({
    status: 0,
    stderr: 'Nothing is built without development packages. For a build: npm ci --include=dev\n',
  });
});

test('npm start without a build ends with one line', async () => {
  expect(await npm('--silent', 'start')).toEqual({
    status: 1,
    stderr: 'There is no build to start. npm ci --include=dev makes one.\n',
  });
});
