/** SIGTERM and Ctrl-C as a program counts them. */

/**
 * Calls `stop` at every SIGTERM and Ctrl-C. A SIGINT less than a second after the last call belongs to the same key
 * press and is ignored.
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

type StopSignal = 'SIGTERM' | 'SIGINT';

/** The terminal, npm and Node's watch mode each pass on the same Ctrl-C. */
const SAME_KEY_PRESS_MS = 1_000;
