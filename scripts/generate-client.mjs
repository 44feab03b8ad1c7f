// Generates Prisma's client. Prisma's CLI would first download a native schema engine, which generating does not use;
// naming some executable, here Node itself, keeps it from that. Prints nothing unless it fails.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, 'generate', '--no-hints'], {
  encoding: 'utf8',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
});
if (status !== 0) console.error(stdout + stderr);
process.exit(status ?? 1);
