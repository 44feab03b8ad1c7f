/**
 * From starting to closed: what is acquired registers its cleanup on the next line, and closing runs the cleanups in
 * reverse order, once, however often it is asked for. A cleanup that fails or hangs does not keep the others from running.
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

export function createLifecycle(
  cleanupDeadlineMs: number,
  onCleanupFailed: (name: string, error: unknown) => void,
): Lifecycle {
  const cleanups: { name: string; cleanup: () => unknown }[] = [];
  let stage: Stage = 'starting';
  let closing: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    for (const { name, cleanup } of cleanups.reverse()) {
      try {
        await withDeadline(cleanup, cleanupDeadlineMs);
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
      reject(new Error(`not done within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    await Promise.race([cleanup(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
