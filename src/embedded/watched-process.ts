/**
 * Starts a program that ends when this process does, however that happens: a small shell watches it and is told by a
 * pipe that closes with us. It runs in a session of its own, so that Ctrl-C in a terminal reaches us alone and the
 * program outlives our drain.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';

/** @throws Error when the shell cannot be started; a program that cannot be started ends with 126 or 127. */
export async function startWatched(options: WatchedOptions): Promise<WatchedProcess> {
  const output = options.onOutput === undefined ? (options.logFd ?? 'ignore') : 'pipe';
  const stdio: StdioOptions = ['pipe', output, output, 'pipe'];
  const watcher = spawn(
    '/bin/sh',
    ['-c', WATCH, 'watch', options.stopSignal, options.command, ...options.args],
    {
      ...options.user,
      detached: true,
      cwd: options.cwd ?? '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      stdio,
    },
  );
  const ended = endOf(watcher);
  watcher.stdin?.on('error', () => undefined); // The watcher may be gone before we let go of the pipe.
  for (const stream of [watcher.stdout, watcher.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
  }
  const pid = await pidFrom(watcher, ended);

  return {
    pid,
    ended,
    unref: () => {
      for (const handle of [watcher, ...watcher.stdio]) setKeepsAlive(handle, false);
    },
    stop: async (killAfterMs) => {
      setKeepsAlive(watcher, true);
      watcher.stdin?.end();
      const timer = setTimeout(() => signal(pid, 'SIGKILL'), killAfterMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** False when there is no such process, or it is not ours. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export interface WatchedOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Sent once a second from the moment that we stop or die until the program is gone. */
  readonly stopSignal: 'INT' | 'TERM';
  /** Who to run as; ourselves when left out. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly cwd?: string;
  /** An open file that takes what the program prints. */
  readonly logFd?: number;
  /** Takes what the program prints, instead of a file. */
  readonly onOutput?: (text: string) => void;
}

export interface WatchedProcess {
  /** The program's own, not the watcher's. */
  readonly pid: number;
  /** Settles when the program has ended and all that it printed has been taken. */
  readonly ended: Promise<{ readonly exitCode: number }>;
  /** From here on our event loop may end while the program runs, and the program with it. */
  unref(): void;
  /** Asks the program to end and waits for it; kills it after so long. */
  stop(killAfterMs: number): Promise<void>;
}

/**
 * What is started with & reads /dev/null and ignores SIGINT until it says otherwise: hence the second name for the
 * pipe, and the signal sent again and again. The watcher ends with the program's own exit code.
 */
const WATCH = `
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

function endOf(watcher: ChildProcess): Promise<{ exitCode: number }> {
  return new Promise((resolve) => {
    watcher.on('close', (code) => resolve({ exitCode: code ?? -1 }));
    watcher.on('error', () => resolve({ exitCode: -1 }));
  });
}

async function pidFrom(watcher: ChildProcess, ended: Promise<unknown>): Promise<number> {
  const failed = new Promise<never>((_, reject) => watcher.on('error', reject));
  const pipe = watcher.stdio[3] as Readable;
  const line = new Promise<string>((resolve) => pipe.setEncoding('utf8').once('data', resolve));
  const gone = ended.then(() => Promise.reject(new Error('The watcher ended before its program began.')));
  gone.catch(() => undefined);
  return Number.parseInt(await Promise.race([line, failed, gone]), 10);
}

function setKeepsAlive(handle: unknown, keeps: boolean): void {
  const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
  (keeps ? ref : unref)?.call(handle);
}
