import { createProgress as createCount } from '../../src/cli/progress.js';

/** What is going on now, and how much is left: a bar on a terminal, a line for each step elsewhere. */
export interface Progress {
  /** `steps` more are to be done. */
  expect(steps: number): void;
  /** The next step begins. */
  step(what: string): void;
  stop(): void;
}

export function createProgress(): Progress {
  const count = createCount('Benchmark', 0, 0);
  let begun = 0;
  return {
    expect: (steps) => count.expect(steps),
    step: (what) => count.update(++begun, what),
    stop: () => count.stop(),
  };
}
