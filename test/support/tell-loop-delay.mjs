// Loaded into a server before its own code: tells on SIGUSR2 for how long its event loop was held up at most, in
// milliseconds, since it told that before.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  console.log(`event loop delay: ${(delay.max / 1e6).toFixed(1)} ms`);
  delay.reset();
});
