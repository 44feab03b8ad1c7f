/** The process: configuration, one server, signals. */
import { readConfig } from './config.js';
import { type Node, startNode } from './node.js';
import { StartupError } from './startup-error.js';

function fail(error: unknown): never {
  console.error(error instanceof StartupError ? error.message : error);
  process.exit(1);
}

let node: Node | null = null;
let stopping = false;

/** The first signal drains, the second one hastens that; before the server is up it just ends. */
function stop(): void {
  if (node === null) {
    stopping = true;
    return;
  }
  node.drain().then(() => process.exit(0), fail);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  node = await startNode(readConfig(process.env));
  console.log(`Nearby Friends is ready: ${node.url}/graphql`);
  console.log(`The map is at ${node.url}/`);
  if (stopping) stop();
} catch (error) {
  fail(error);
}
