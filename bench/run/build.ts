/** Compiles what is measured and what measures to plain JavaScript, so that no compiler runs inside either. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ENTRIES = {
  load: 'bench/load/main.ts',
  yoga: 'bench/systems/yoga.ts',
  floor: 'bench/systems/floor.ts',
  'history-rate': 'bench/systems/history-rate.ts',
  'gc-on-signal': 'bench/systems/gc-on-signal.ts',
};

const OUT_DIR = resolve('bench/dist');

export const pathOf = (program: keyof typeof ENTRIES): string => resolve(OUT_DIR, `${program}.js`);

/** @throws Error with the compiler's output. */
export async function buildPrograms(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build']).catch((error: { stdout?: string }) => {
    throw new Error(`The server does not build:\n${error.stdout ?? ''}`, { cause: error });
  });
  await build({
    entryPoints: ENTRIES,
    outdir: OUT_DIR,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
}
