/** The image is not built here: what its last stage would hold is put together from this checkout, and run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { validate } from 'dockerfile-utils';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { readImage, unknownSettings } from '../support/image.js';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';

/** Of the user `node`, whom the image runs as. */
const NODE_ID = 1000;
/** Packages find each other where their links are, not where those lead to, and what is not linked is not there. */
const NODE_OPTIONS = '--preserve-symlinks --preserve-symlinks-main';

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Partial<Record<Mark, boolean>>>>>;
}

type Mark = 'dev' | 'devOptional' | 'optional' | 'link';

/** The folders that `npm ci --omit=dev --omit=optional` fills. */
async function productionPackages(): Promise<readonly string[]> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional, link }]) => {
      return (
        /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && ![dev, devOptional, optional, link].includes(true)
      );
    })
    .map(([path]) => path);
}

/** A folder with what the last stage copies, of what `npm ci` and `npm run build` made here; packages are links. */
async function assembleImage(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'nearby-friends-image-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  for (const { from, sources, target } of readImage().copies) {
    if (from === 'packages') {
      for (const path of await productionPackages()) {
        await mkdir(join(root, dirname(path)), { recursive: true });
        await symlink(resolve(path), join(root, path));
      }
      continue;
    }
    for (const source of sources) {
      const path = from === null ? source : relative('/app', source);
      const copy = join(root, target.endsWith('/') ? join(target, basename(path)) : target);
      await rm(copy, { recursive: true, force: true }); // Nothing is to be written through a link.
      await cp(path, copy, { recursive: true });
    }
  }
  return root;
}

it('the linter of Dockerfiles finds nothing', async () => {
  const dockerfile = await readFile('deploy/Dockerfile', 'utf8');
  expect(validate(dockerfile)).toEqual([]);
  expect(validate(dockerfile.replace('USER node', 'USR node'))).toHaveLength(1);
});

it('every stage has the same Node, one that the server runs on', async () => {
  const { engines } = JSON.parse(await readFile('package.json', 'utf8')) as { engines: { node: string } };
  const [, leastMajor = NaN, leastMinor = NaN] = /^>=(\d+)\.(\d+)$/.exec(engines.node)?.map(Number) ?? [];
  const [base = '', ...others] = new Set(readImage().bases);
  expect(others).toEqual([]);
  const [, major = NaN, minor = NaN] = /^node:(\d+)\.(\d+)-/.exec(base)?.map(Number) ?? [];
  expect(major > leastMajor || (major === leastMajor && minor >= leastMinor), base).toBe(true);
});

it('what the last stage copies is a server that starts, is healthy and drains', async () => {
  const { command, environment, healthcheck } = readImage();
  expect(unknownSettings(Object.keys(environment))).toEqual(['NODE_ENV']);
  const [root, database, redis, port] = await Promise.all([
    assembleImage(),
    createTestDatabase(),
    startTestRedis(),
    freePort(),
  ]);
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const { PATH } = process.env;
  const run = ([program = '', ...args]: readonly string[], settings: Record<string, string> = {}) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { PATH, NODE_OPTIONS, ...environment, PORT: String(port), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Who is not root can't become somebody else, and is not allowed everything anyway.
      ...(process.getuid?.() === 0 ? { uid: NODE_ID, gid: NODE_ID } : {}),
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const errors = text(child.stderr);
    const ended = once(child, 'exit').then(async ([status]) => ({
      status: status as number | null,
      errors: await errors,
    }));
    return { child, ended };
  };

  const { status, errors } = await run(command).ended;
  expect(errors).toMatch(/^There is no embedded PostgreSQL for [^\n]+ Set DATABASE_URL\.\n$/);
  expect(status).toBe(1);

  const server = run(command, { DATABASE_URL: database.url, REDIS_URL: redis.url, DRAIN_SECONDS: '0' });
  const failed = server.ended.then(({ errors }) => Promise.reject(new Error(errors)));
  await Promise.race([once(server.child.stdout, 'data'), failed]);
  expect(await run(healthcheck).ended).toEqual({ status: 0, errors: '' });
  for (const path of ['/', '/graphql', '/health/ready']) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/html' } });
    expect(response.status, path).toBe(200);
  }
  server.child.kill('SIGTERM');
  expect(await server.ended).toEqual({ status: 0, errors: '' });
  expect(await run(healthcheck).ended).toMatchObject({ status: 1 });
}, 60_000);
