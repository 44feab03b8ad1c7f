import { createLogger } from '../../src/log.js';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';

/** What tests kill: a process that runs an embedded server until the end. Prints its URL, or why there is none. */
const [, , what, dataDir = ''] = process.argv;
const log = createLogger('silent');
try {
  const server =
    what === 'redis' ? await startEmbeddedRedis({ log }) : await startEmbeddedPostgres({ dataDir, log });
  console.log(`url ${server?.url}`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(`failed ${error instanceof Error ? error.message : String(error)}`);
}
