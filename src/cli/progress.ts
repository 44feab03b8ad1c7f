/**
 * Shows progress on standard error. A terminal gets a bar after two seconds. Anything else gets lines, at
 * most one every `lineIntervalMs` (10,000 by default).
 */
import { SingleBar } from 'cli-progress';

export function createProgress(label: string, total: number, lineIntervalMs = LINE_INTERVAL_MS): Progress {
  return process.stderr.isTTY ? createBar(label, total) : createLines(label, total, lineIntervalMs);
}

export interface Progress {
  /** Adds `count` to the total. */
  expect(count: number): void;
  /** @param note a text beside the number. Default: none. */
  update(done: number, note?: string): void;
  stop(): void;
}

/** Work that is done sooner shows no bar. */
const APPEAR_AFTER_MS = 2_000;
const LINE_INTERVAL_MS = 10_000;

function createBar(label: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} {note}  {duration_formatted}`,
    barsize: 24,
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
  });
  let expected = total;
  let done = 0;
  let note = '';
  const appearance = setTimeout(() => bar.start(expected, done, { note }), APPEAR_AFTER_MS).unref();
  return {
    expect(count) {
      expected += count;
      if (bar.isActive) bar.setTotal(expected);
    },
    update(newDone, newNote = '') {
      done = newDone;
      note = newNote;
      if (bar.isActive) bar.update(done, { note });
    },
    stop() {
      clearTimeout(appearance);
      bar.stop();
    },
  };
}

function createLines(label: string, total: number, lineIntervalMs: number): Progress {
  let expected = total;
  let lastLineAtMs = performance.now();
  return {
    expect: (count) => void (expected += count),
    update(done, note = '') {
      if (performance.now() - lastLineAtMs < lineIntervalMs) return;
      lastLineAtMs = performance.now();
      process.stderr.write(`${label} ${done}/${expected} ${note}`.trimEnd() + '\n');
    },
    stop: () => undefined,
  };
}
