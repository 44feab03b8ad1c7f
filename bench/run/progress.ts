/** What is going on now, and how much is left: a bar on a terminal, a line for each step elsewhere. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `steps` more are to be done. */
  expect(steps: number): void;
  /** The next step begins. */
  step(what: string): void;
  stop(): void;
}

export function createProgress(): Progress {
  let expected = 0;
  let begun = 0;
  if (!process.stderr.isTTY) {
    return {
      expect: (steps) => void (expected += steps),
      step: (what) => console.error(`[${++begun}/${expected}] ${what}`),
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({
    format: '{bar} {value}/{total}  {duration_formatted}  {what}',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 20,
  });
  return {
    expect(steps) {
      expected += steps;
      if (bar.isActive) bar.setTotal(expected);
      else bar.start(expected, 0, { what: '' });
    },
    step: (what) => bar.update(begun++, { what }),
    stop: () => bar.stop(),
  };
}
