/** The server as an operator starts it. */
import { onTestFinished } from 'vitest';
import { type Program, startProgram } from './program.js';

export interface ServerProgram extends Program {
  /** Where it listens; rejects with what it printed when it ends instead. */
  readonly url: Promise<string>;
}

/** Killed when the test has finished, unless it ended before. @param settings on top of a free port and no drain. */
export function startServer(settings: Readonly<Record<string, string>>): ServerProgram {
  const program = startProgram('src/main.ts', [], {
    PORT: '0',
    LOG_LEVEL: 'warn',
    DRAIN_SECONDS: '0',
    ...settings,
  });
  onTestFinished(() => void program.child.kill('SIGKILL'));
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
