/** Prints what the SDK costs an app, as sdk/README.md says it: `npm run size -w sdk`. */
import { createCommand, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import { bundleSdk } from './bundle-sdk.js';

async function main(): Promise<number> {
  createCommand(
    'npm run size -w sdk',
    'Bundles the built SDK for a browser and prints its size, minified and gzipped: the core, and with each binding.',
  ).parse();
  const core = await bundleSdk('nearby-friends-client');
  console.log(`core ${core.kilobytes.toFixed(1)} kB`);
  for (const name of ['apollo', 'urql']) {
    const { kilobytes } = await bundleSdk('nearby-friends-client', `nearby-friends-client/${name}`);
    console.log(`core and ${name} ${kilobytes.toFixed(1)} kB`);
  }
  return SUCCEEDED;
}

await runCommand(main);
