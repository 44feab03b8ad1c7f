/** Prints what the SDK costs an app, as sdk/README.md says it. */
import { bundleSdk } from './bundle-sdk.js';

const core = await bundleSdk('nearby-friends-client');
console.log(`core ${core.kilobytes.toFixed(1)} kB`);
for (const name of ['apollo', 'urql']) {
  const { kilobytes } = await bundleSdk('nearby-friends-client', `nearby-friends-client/${name}`);
  console.log(`core and ${name} ${kilobytes.toFixed(1)} kB`);
}
