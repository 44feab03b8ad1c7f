/** Npm and the terminal each hand on the same Ctrl-C, and in development so does the watch mode. */
const SAME_KEY_PRESS_MS = 1_000;

export type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * Calls `stop` at every SIGTERM and Ctrl-C. A SIGINT less than a second after the last call belongs to the same key press
 * and is left out.
 */
export function onStopSignal(stop: (signal: StopSignal) => void): void {
  let calledAtMs = -Infinity;
  const receive = (signal: StopSignal): void => {
    const nowMs = performance.now();
    if (signal === 'SIGINT' && nowMs - calledAtMs < SAME_KEY_PRESS_MS) return;
    calledAtMs = nowMs;
    stop(signal);
  };
  process.on('SIGTERM', receive);
  process.on('SIGINT', receive);
}
