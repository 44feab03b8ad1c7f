/**
 * The app in test/clients/react-native, with the SDK as `npm install` of the packed SDK would put it there. What it is
 * built with is apart from the repository's own packages and is fetched when a test first needs it.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PROJECT = `${ROOT}test/clients/react-native/`;
const MODULES = `${PROJECT}node_modules/`;

export async function prepareProject(): Promise<void> {
  if ((await installed()) !== (await readFile(`${PROJECT}package-lock.json`, 'utf8'))) {
    await run('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund']);
    await cp(`${PROJECT}package-lock.json`, `${MODULES}.installed-lock.json`);
  }
  await copy(`${ROOT}sdk/package.json`, `${MODULES}nearby-friends-client/package.json`);
  await copy(`${ROOT}sdk/dist`, `${MODULES}nearby-friends-client/dist`);
  await copy(`${ROOT}node_modules/graphql-ws`, `${MODULES}graphql-ws`);
  // There its imports are found.
  await copy(`${ROOT}examples/react-native/App.tsx`, `${PROJECT}dist/App.tsx`);
}

/** Runs a command in the project, and resolves to what it prints. */
export function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: PROJECT, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const printed = stdout + stderr;
      if (error === null) resolve(printed);
      else reject(new Error(printed, { cause: error }));
    });
  });
}

/** Bundles for Android as for a release. Resolves to the path of the bundle. */
export async function bundle(entry: string, name: string): Promise<string> {
  await mkdir(`${PROJECT}dist`, { recursive: true });
  const out = `${PROJECT}dist/${name}.bundle.js`;
  await run(process.execPath, ['bundle.mjs', entry, out]);
  return out;
}

/** The lock file of what is installed; null when nothing is. */
const installed = (): Promise<string | null> =>
  readFile(`${MODULES}.installed-lock.json`, 'utf8').catch(() => null);

async function copy(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}
