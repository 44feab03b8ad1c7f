import { SingleBar } from 'cli-progress';

/** A command that is done sooner shows no bar. */
const APPEAR_AFTER_MS = 2_000;

export interface Progress {
  /** @param note what to say beside the number. */
  update(value: number, note?: string): void;
  stop(): void;
}

/**
 * Shows on standard error how far something is: a bar on a terminal, from its third second on. Elsewhere one line
 * every `lineIntervalMs`, or nothing when that is left out.
 */
export function createProgress(label: string, total: number, lineIntervalMs = Infinity): Progress {
  return process.stderr.isTTY ? createBar(label, total) : createLines(label, total, lineIntervalMs);
}

function createBar(label: string, total: number): Progress {
  const startedAtMs = performance.now();
  let bar: SingleBar | null = null;
  return {
    update(value, note = '') {
      if (performance.now() - startedAtMs < APPEAR_AFTER_MS) return;
      if (bar === null) {
        const format = `${label} {bar} {value}/{total} {note}`;
        bar = new SingleBar({
          format,
          barsize: 24,
          hideCursor: true,
          linewrap: false,
          clearOnComplete: true,
        });
        bar.start(total, value, { note });
      }
      bar.update(value, { note });
    },
    stop: () => bar?.stop(),
  };
}

function createLines(label: string, total: number, lineIntervalMs: number): Progress {
  let saidAtMs = performance.now();
  return {
    update(value, note = '') {
      if (performance.now() - saidAtMs < lineIntervalMs) return;
      saidAtMs = performance.now();
      process.stderr.write(`${label} ${value}/${total} ${note}`.trimEnd() + '\n');
    },
    stop: () => undefined,
  };
}
