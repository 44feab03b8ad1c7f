/** The server as an operator starts it: as it was built or, where that is out of date, from the sources. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Program, startProgram } from './program.js';

const BUILT = 'dist/main.js';
/** Written by every build that changes something. */
const BUILD_RECORD = 'dist/.tsbuildinfo';
const SOURCE = 'src/main.ts';

export interface ServerProgram extends Program {
  /** Where it listens; rejects with what it printed when it ends instead. */
  readonly url: Promise<string>;
}

/**
 * Killed when the test has finished, unless it ended before.
 * @param settings on top of a free port and no drain.
 * @param file of another revision. Default: this one's.
 */
export function startServer(settings: Readonly<Record<string, string>>, file = serverFile()): ServerProgram {
  const program = launchServer(settings, file);
  onTestFinished(() => void program.child.kill('SIGKILL'));
  return program;
}

/** The same for the caller to end. */
export function launchServer(settings: Readonly<Record<string, string>>, file = serverFile()): ServerProgram {
  const program = startProgram(file, [], {
    PORT: '0',
    LOG_LEVEL: 'warn',
    DRAIN_SECONDS: '0',
    ...GENEROUS_SETTINGS,
    ...settings,
  });
  const url = new Promise<string>((resolve, reject) => {
    program.child.stdout?.on('data', () => {
      const found = /is ready: (http:\/\/[^/\s]+)/.exec(program.output())?.[1];
      if (found !== undefined) resolve(found);
    });
    void program.ended.then(({ stderr }) => {
      reject(new Error(stderr));
    });
  });
  url.catch(() => undefined);
  return { ...program, url };
}

/** What an operator starts, or the sources where it is out of date. */
export function serverFile(): string {
  return isBuilt() ? BUILT : SOURCE;
}

/** For users of tests, who act faster than people do. */
export const GENEROUS_SETTINGS = {
  UPDATES_PER_SECOND: '10000',
  SIGN_UPS_PER_ADDRESS: '100000',
  LOOKUPS_PER_USER: '100000',
  FRIEND_REQUESTS_PER_USER: '100000',
};

/** The build starts in a quarter of the time. */
function isBuilt(): boolean {
  const builtAtMs = statSync(BUILD_RECORD, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return sources.every((file) => statSync(join('src', file)).mtimeMs < builtAtMs);
}
