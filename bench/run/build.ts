/** Makes plain JavaScript of what is measured and of what measures: no compiler runs inside either. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ENTRIES = {
  load: 'bench/load/main.ts',
  yoga: 'bench/systems/yoga.ts',
  'graphql-ws': 'bench/systems/graphql-ws.ts',
  mercurius: 'bench/systems/mercurius.ts',
  socketio: 'bench/systems/socketio.ts',
  floor: 'bench/systems/floor.ts',
  'history-rate': 'bench/systems/history-rate.ts',
  'gc-on-signal': 'bench/systems/gc-on-signal.ts',
};

export type Program = keyof typeof ENTRIES;

/** Below the project, so that packages are found. */
const OUT_DIR = resolve('.data/bench/programs');

export const pathOf = (program: Program): string => resolve(OUT_DIR, `${program}.js`);

/** The project's own server, as `npm start` runs it. */
export const SERVER = resolve('dist/main.js');

/** @throws Error with what the compiler says. */
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
