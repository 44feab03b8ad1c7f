/**
 * The stages of a server, from starting to closed. Each acquisition registers its cleanup on the next line;
 * closing runs the cleanups in reverse order, once, however often it is called. A cleanup that fails or hangs
 * does not keep the others from running: each may take half of the time that is left, so all end by one
 * deadline.
 */
import { systemClock } from './time/clock.js';
import { within } from './time/within.js';

/** @param deadlineMs for all cleanups together, from the moment that closing begins. */
export function createLifecycle(
  deadlineMs: number,
  onCleanupFailed: (name: string, error: unknown) => void,
): Lifecycle {
  const cleanups: { name: string; cleanup: () => unknown }[] = [];
  let stage: Stage = 'starting';
  let closing: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    const untilMs = performance.now() + deadlineMs;
    for (const { name, cleanup } of cleanups.reverse()) {
      try {
        const waitMs = (untilMs - performance.now()) / 2;
        const result = await within(systemClock, waitMs, Promise.resolve(cleanup()), LATE);
        if (result === LATE) throw new Error(`not done within ${Math.round(waitMs)} ms`);
      } catch (error) {
        onCleanupFailed(name, error);
      }
    }
    stage = 'closed';
  }

  return {
    get stage() {
      return stage;
    },
    enter(next) {
      stage = next;
    },
    onClose(name, cleanup) {
      cleanups.push({ name, cleanup });
    },
    close() {
      return (closing ??= closeAll());
    },
  };
}

export type Stage = 'starting' | 'ready' | 'draining' | 'closed';

export interface Lifecycle {
  readonly stage: Stage;
  enter(stage: Exclude<Stage, 'closed'>): void;
  /** Registers the cleanup of the acquisition just made. */
  onClose(name: string, cleanup: () => unknown): void;
  /** Runs the cleanups, the last registered first. */
  close(): Promise<void>;
}

const LATE = Symbol('late');
