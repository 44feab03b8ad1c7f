/**
 * Starts a program that ends when this process ends, however that happens: a small shell supervises it, and
 * ends it when the pipe to this process closes. The program runs in its own session, so that Ctrl-C in a
 * terminal does not reach it before this process has drained.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';

/** @throws Error when the shell cannot be started; a program that cannot be started ends with 126 or 127. */
export async function startSupervised(options: SupervisedOptions): Promise<SupervisedProcess> {
  const output = options.onOutput === undefined ? (options.logFd ?? 'ignore') : 'pipe';
  const stdio: StdioOptions = ['pipe', output, output, 'pipe'];
  const supervisor = spawn(
    '/bin/sh',
    ['-c', SUPERVISE, 'supervise', options.stopSignal, options.command, ...options.args],
    {
      ...options.user,
      detached: true,
      cwd: options.cwd ?? '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      stdio,
    },
  );
  const ended = endOf(supervisor);
  // The supervisor may end before this process closes the pipe.
  supervisor.stdin?.on('error', () => undefined);
  for (const stream of [supervisor.stdout, supervisor.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
  }
  const pid = await pidFrom(supervisor, ended);

  return {
    pid,
    ended,
    unref: () => {
      for (const handle of [supervisor, ...supervisor.stdio]) setKeepsAlive(handle, false);
    },
    stop: async (killAfterMs) => {
      setKeepsAlive(supervisor, true);
      supervisor.stdin?.end();
      const timer = setTimeout(() => signal(pid, 'SIGKILL'), killAfterMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Sends a signal. Returns false when there is no such process or it belongs to another user. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export interface SupervisedOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Sent once a second from the stop, or from the death of this process, until the program has ended. */
  readonly stopSignal: 'INT' | 'TERM';
  /** The user to run as. Default: the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Default: `/`. */
  readonly cwd?: string;
  /** An open file for the program's output. Default: none. */
  readonly logFd?: number;
  /** Receives the program's output, instead of a file. */
  readonly onOutput?: (text: string) => void;
}

export interface SupervisedProcess {
  /** The number of the program's process, not of the supervisor's. */
  readonly pid: number;
  /** Resolves when the program has ended and all its output has been received. */
  readonly ended: Promise<{ readonly exitCode: number }>;
  /** Lets this process end while the program runs, which then ends too. */
  unref(): void;
  /** Asks the program to end and waits for it. Kills it after `killAfterMs` milliseconds. */
  stop(killAfterMs: number): Promise<void>;
}

/**
 * A command started with & reads /dev/null and at first ignores SIGINT. So the pipe is duplicated to
 * descriptor 4, and the signal is repeated. The supervisor exits with the program's own exit code.
 */
const SUPERVISE = `
  exec 4<&0
  signal=$1; shift
  "$@" 3>&- 4<&- &
  pid=$!
  echo "$pid" >&3
  exec 3>&-
  { read -r _; while kill -s "$signal" "$pid"; do sleep 1; done; } <&4 >/dev/null 2>&1 &
  reader=$!
  exec 4<&- </dev/null >/dev/null 2>&1
  wait "$pid"; status=$?
  kill -s KILL "$reader" 2>/dev/null
  exit "$status"`;

function endOf(supervisor: ChildProcess): Promise<{ exitCode: number }> {
  return new Promise((resolve) => {
    supervisor.on('close', (code) => resolve({ exitCode: code ?? -1 }));
    supervisor.on('error', () => resolve({ exitCode: -1 }));
  });
}

async function pidFrom(supervisor: ChildProcess, ended: Promise<unknown>): Promise<number> {
  const failed = new Promise<never>((_, reject) => supervisor.on('error', reject));
  const pipe = supervisor.stdio[3] as Readable;
  const line = new Promise<string>((resolve) => pipe.setEncoding('utf8').once('data', resolve));
  const gone = ended.then(() => Promise.reject(new Error('The supervisor ended before its program began.')));
  gone.catch(() => undefined);
  return Number.parseInt(await Promise.race([line, failed, gone]), 10);
}

function setKeepsAlive(handle: unknown, keeps: boolean): void {
  const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
  (keeps ? ref : unref)?.call(handle);
}
