/** A program that ends as the server does, with something still to be logged. */
import { createLogger, flushLog } from '../../src/log.js';

const log = createLogger('info');
const keepRunning = setInterval(() => undefined, 1_000);

process.once('SIGTERM', () => {
  clearInterval(keepRunning);
  for (let line = 0; line < 3; line++) log.info({ line }, 'last words');
  void flushLog(log).then(() => process.exit(0));
});
console.log('up');
