/** Apps of test/clients/apps/: their code is generated, checked and bundled as their own projects would do it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import type { SignUp } from './apps/person.js';

const APPS = join(import.meta.dirname, 'apps');

/**
 * Runs a program of the app's packages in its folder.
 * @throws Error with what it printed when it fails.
 */
export async function run(app: string, program: string, args: string[], environment = {}): Promise<void> {
  try {
    await promisify(execFile)(join(APPS, 'node_modules/.bin', program), args, {
      cwd: join(APPS, app),
      env: { ...process.env, ...environment },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

/**
 * Checks an app, bundles it, and loads it with the packages of its folder.
 * @throws Error with what the compiler says.
 */
export async function openApp<App = { signUp: SignUp }>(app: string, plugins: Plugin[] = []): Promise<App> {
  await run(app, 'tsc', ['-p', '.']);
  const outfile = join(APPS, app, 'dist/app.mjs');
  await build({
    entryPoints: [join(APPS, app, 'app.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
    plugins,
  });
  return (await import(pathToFileURL(outfile).href)) as App;
}
