import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type * as FreePort from '../../src/embedded/free-port.js';
import { freePort } from '../../src/embedded/free-port.js';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';

/** Somebody else takes the port between our finding it free and the server's using it. */
vi.mock('../../src/embedded/free-port.js', async (importOriginal) => {
  const original = await importOriginal<typeof FreePort>();
  return { freePort: vi.fn(original.freePort) };
});

const log = { info: vi.fn(), error: vi.fn() };
let thief: Server;
let taken: number;
let dataDir: string;

beforeAll(async () => {
  thief = createServer().listen(0, '127.0.0.1');
  await once(thief, 'listening');
  taken = (thief.address() as AddressInfo).port;
  dataDir = await mkdtemp(join(tmpdir(), 'taken-port-'));
  await chmod(dataDir, 0o711);
});
afterAll(async () => {
  thief.close();
  await rm(dataDir, { recursive: true, force: true });
});

it('makes Redis try another port', async () => {
  vi.mocked(freePort).mockResolvedValueOnce(taken);
  const redis = await startEmbeddedRedis({ log });
  expect(redis?.port).not.toBe(taken);
  await redis?.close();
});

it('makes PostgreSQL try another port', async () => {
  vi.mocked(freePort).mockResolvedValueOnce(taken);
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  expect(new URL(postgres.url).port).not.toBe(String(taken));
  await postgres.close();
});
