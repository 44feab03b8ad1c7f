import type { Clock } from './clock.js';

/**
 * The result of `work` if it settles within `waitMs`, otherwise `late`. Rejects if `work` rejects in time;
 * what becomes of `work` after that is ignored.
 */
export function within<T, Late>(
  clock: Clock,
  waitMs: number,
  work: PromiseLike<T>,
  late: Late,
): Promise<T | Late> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(waitMs, () => {
      resolve(late);
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** Resolves after `delayMs`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
