/**
 * From starting to closed: what is acquired registers its cleanup on the next line, and closing runs the cleanups in
 * reverse order, once, however often it is asked for. A cleanup that fails or hangs does not keep the others from running:
 * each may take half of the time that is left, so that all of them are over by one deadline.
 */
export type Stage = 'starting' | 'ready' | 'draining' | 'closed';

export interface Lifecycle {
  readonly stage: Stage;
  enter(stage: Exclude<Stage, 'closed'>): void;
  /** Registers what undoes the acquisition just made. */
  onClose(name: string, cleanup: () => unknown): void;
  /** Runs the cleanups, the last registered first. */
  close(): Promise<void>;
}

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
        await withDeadline(cleanup, (untilMs - performance.now()) / 2);
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

async function withDeadline(cleanup: () => unknown, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done within ${Math.round(deadlineMs)} ms`));
    }, deadlineMs);
  });
  try {
    await Promise.race([cleanup(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
