/** The process: options, configuration, one server, signals. */
import { reportCrashes } from './cli/crash.js';
import { createCommand, printFailure } from './cli/run-command.js';
import { onStopSignal } from './cli/stop-signals.js';
import { readConfig, settingsHelp } from './config.js';
import { type Node, startNode } from './node.js';
import { VERSION } from './version.js';

function fail(error: unknown): never {
  process.exit(printFailure(error));
}

function parseOptions(): void {
  createCommand(
    'npm start --',
    'Serves the Nearby Friends API, with a PostgreSQL and a Redis of its own where none are named. Prints the address ' +
      'when it is ready. SIGTERM or Ctrl-C closes the sockets over DRAIN_SECONDS and ends with 0; a second one closes ' +
      'the rest at once.',
    settingsHelp(),
  )
    .version(VERSION)
    .parse();
}

reportCrashes();

let node: Node | null = null;

/** The first signal drains, the second one hastens that; before the server is up it just ends. */
onStopSignal(() => {
  if (node === null) process.exit(0);
  node.drain().then(() => process.exit(0), fail);
});

try {
  parseOptions();
  node = await startNode(readConfig(process.env));
  console.log(`Nearby Friends is ready: ${node.url}/graphql`);
  console.log(`The map is at ${node.url}/`);
  if (node.metricsUrl !== null) console.log(`Metrics are at ${node.metricsUrl}/metrics`);
} catch (error) {
  fail(error);
}
