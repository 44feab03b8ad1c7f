/** Which modules of OpenTelemetry a server loads, by the standard variables. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

/** Prints at the exit what was loaded; the packages of OpenTelemetry are CommonJS. */
const REPORT = `
  import { createRequire } from 'node:module';
  const { cache } = createRequire('file:///');
  process.on('exit', () => console.error(JSON.stringify(Object.keys(cache))));`;

let database: TestDatabase;
let redis: TestRedis;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
});

afterAll(async () => {
  await redis.close();
  await database.drop();
});

/** Packages of OpenTelemetry that a server had loaded when it ended, but for the interfaces, which prom-client has. */
async function loadedBy(settings: Record<string, string>): Promise<Set<string>> {
  const report = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const { PATH, HOME } = process.env;
  const server = spawn(process.execPath, ['--import', 'tsx', '--import', report, 'src/main.ts'], {
    env: {
      ...{ PATH, HOME, PORT: '0', LOG_LEVEL: 'fatal', DRAIN_SECONDS: '0' },
      ...{ DATABASE_URL: database.url, REDIS_URL: redis.url, ...settings },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors = text(server.stderr);
  const ended = once(server, 'exit');
  await Promise.race([once(server.stdout, 'data'), ended]);
  server.kill('SIGTERM');
  await ended;
  const names = (JSON.parse(await errors) as string[]).map(
    (file) => /@opentelemetry\/([^/]+)/.exec(file)?.[1] ?? 'none',
  );
  return new Set(names.filter((name) => !['none', 'api'].includes(name)));
}

test('with no variable set, nothing of the SDK is loaded', async () => {
  expect(await loadedBy({})).toEqual(new Set());
}, 60_000);

test('an endpoint switches it on', async () => {
  const loaded = await loadedBy({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' });
  expect(loaded).toContain('sdk-trace-base');
  expect(loaded).toContain('exporter-trace-otlp-http');
}, 60_000);
