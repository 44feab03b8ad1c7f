/** The process: options, configuration, one server, signals. */
import { readFileSync } from 'node:fs';
import { createCommand, SUCCEEDED, tellFailure } from './cli/run-command.js';
import { readConfig, settingsHelp } from './config.js';
import { createLogger, flushLog, type Log } from './log.js';
import { type Node, startNode } from './node.js';

let log: Log | null = null;
let node: Node | null = null;

async function exit(status: number): Promise<void> {
  if (log !== null) await flushLog(log);
  process.exit(status);
}

const succeed = (): Promise<void> => exit(SUCCEEDED);
const fail = (error: unknown): Promise<void> => exit(tellFailure(error));

function parseOptions(): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  createCommand(
    'npm start --',
    'Serves the Nearby Friends API, with a PostgreSQL and a Redis of its own where none are named. Prints the address ' +
      'when it is ready. SIGTERM or Ctrl-C closes the sockets over DRAIN_SECONDS and ends with 0; a second one closes ' +
      'the rest at once.',
    settingsHelp(),
  )
    .version(version)
    .parse();
}

/** The first signal drains, the second one hastens that; before the server is up it just ends. */
function stop(): void {
  if (node === null) void succeed();
  else void node.drain().then(succeed, fail);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  parseOptions();
  const config = readConfig(process.env);
  log = createLogger(config.logLevel);
  node = await startNode(config, { log });
  console.log(`Nearby Friends is ready: ${node.url}/graphql`);
  console.log(`The map is at ${node.url}/`);
} catch (error) {
  await fail(error);
}
