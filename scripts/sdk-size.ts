/** `npm run size -w sdk` prints the size of the SDK in an app, for sdk/README.md. */
import { createCommand, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import { bundleSdk } from './bundle-sdk.js';

async function main(): Promise<number> {
  createCommand(
    'npm run size -w sdk',
    'Prints the size of the built SDK in a browser, minified and gzipped: the core, and with each binding.',
  ).parse();
  const core = await bundleSdk('nearby-friends-client');
  console.log(`core ${core.kilobytes.toFixed(1)} kB`);
  for (const name of ['react-native', 'apollo', 'apollo-react', 'urql']) {
    const { kilobytes } = await bundleSdk('nearby-friends-client', `nearby-friends-client/${name}`);
    console.log(`core and ${name} ${kilobytes.toFixed(1)} kB`);
  }
  return SUCCEEDED;
}

await runCommand(main);
