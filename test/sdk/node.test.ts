/** The SDK in a process of its own, as an app on Node loads it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** What a script of CommonJS prints. */
async function printed(script: string): Promise<string> {
  const args = ['--input-type=commonjs', '--eval', script];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

test('CommonJS can require it and each of its entries', async () => {
  const script = `
    const entries = ['', '/react-native', '/apollo', '/apollo-react', '/urql'];
    console.log(entries.map((entry) => Object.keys(require('nearby-friends-client' + entry)).length > 0));`;
  expect(await printed(script)).toBe('[ true, true, true, true, true ]\n');
}, 30_000);

test('a server that renders may make a client without WebSocket, fetch and crypto, which does nothing', async () => {
  const script = `
    for (const name of ['WebSocket', 'fetch', 'Request', 'crypto', 'navigator']) delete globalThis[name];
    const { createNearbyFriendsClient, storedTokens } = require('nearby-friends-client');
    const none = { getItem: () => null, setItem() {}, removeItem() {} };
    for (const tokens of [undefined, storedTokens(none)]) {
      const client = createNearbyFriendsClient({ url: 'http://127.0.0.1:1/graphql', tokens });
      console.log(client.userId, client.connection.state);
    }`;
  // It ends by itself: nothing is open.
  expect(await printed(script)).toBe('null idle\nnull idle\n');
}, 30_000);
