// Generates Prisma's client. Prisma's CLI first downloads a native schema engine, which it does not need
// here, unless some executable is named, such as Node itself. Prints nothing unless it fails.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, 'generate', '--no-hints'], {
  encoding: 'utf8',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
});
if (status !== 0) console.error(stdout + stderr);
process.exit(status ?? 1);
