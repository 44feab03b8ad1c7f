/** Compilers and package managers of other languages, which not every machine has. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where things are built; git ignores it. */
const BUILD_DIR = resolve('node_modules/.cache/clients');

/** @returns whether all commands answer; says on the console what is left out otherwise. */
export function hasToolchain(
  language: string,
  ...commands: readonly (readonly [string, ...string[]])[]
): boolean {
  const missing = commands.filter(
    ([name, ...args]) => spawnSync(name, args, { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length === 0) return true;
  console.warn(
    `Left out: the clients in ${language}, since \`${missing.map((command) => command.join(' ')).join('`, `')}\` does not run here.`,
  );
  return false;
}

/** @returns a folder that stays for the next run. */
export function buildDir(name: string): string {
  const path = join(BUILD_DIR, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Rejects with what the command printed when it fails. */
export async function build(
  cwd: string,
  command: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await run(command, args, {
      cwd,
      env: { ...process.env, ...settings },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
