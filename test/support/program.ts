/** Programs of the command line: ours as npm runs them, but for npm itself, and others. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Program {
  readonly child: ChildProcess;
  /** What it has said so far, errors too. */
  output(): string;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param settings the environment, beside PATH and HOME. */
export function startProgram(
  file: string,
  args: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Program {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return startCommand(process.execPath, [...loader, file, ...args], settings);
}

/** The same in a pseudo-terminal of util-linux's `script`; stdout is all that the terminal gets. */
export function startProgramInTerminal(
  file: string,
  args: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Program {
  const command = [process.execPath, '--import', 'tsx', file, ...args].map((part) => `'${part}'`).join(' ');
  return startCommand('script', ['-qec', command, '/dev/null'], { TERM: 'xterm', ...settings });
}

/** @param settings as in startProgram. */
export function startCommand(
  command: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Program {
  const { PATH, HOME } = process.env;
  const child = spawn(command, args, {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...output }));
  return { child, output: () => output.stdout + output.stderr, ended };
}
