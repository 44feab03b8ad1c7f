import { serializeError } from '../log.js';

/**
 * Ends a server that crashes with one line of JSON on standard error and status 1. Node itself would print the
 * message, which may repeat what a client sent.
 */
export function reportCrashes(): void {
  process.on('uncaughtException', (error) => {
    const line = {
      level: 60,
      time: new Date().toISOString(),
      err: serializeError(error),
      msg: 'the server crashed',
    };
    console.error(JSON.stringify(line));
    process.exit(1);
  });
}
