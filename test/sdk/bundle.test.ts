import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleSdk } from '../../scripts/bundle-sdk.js';

const README = readFileSync(new URL('../../sdk/README.md', import.meta.url), 'utf8');

test('the core runs in a browser and brings nothing along but graphql-ws', async () => {
  const { inputs } = await bundleSdk('nearby-friends-client');
  expect(inputs).toContain('sdk/dist/client.js');
  const foreign = inputs.filter((file) => !file.startsWith('sdk/dist/'));
  expect(foreign.every((file) => file.startsWith('node_modules/graphql-ws/dist/'))).toBe(true);
  expect(inputs.filter((file) => /apollo|urql|use-nearby/.test(file))).toEqual([]);
});

test('the link of Apollo brings no React along', async () => {
  const { inputs } = await bundleSdk('nearby-friends-client/apollo');
  expect(inputs).toContain('sdk/dist/apollo.js');
  expect(inputs.filter((file) => /react|use-nearby/.test(file))).toEqual([]);
});

test('something of Node in it would be noticed', async () => {
  await expect(bundleSdk('nearby-friends-client', 'node:fs')).rejects.toThrow('node:fs');
});

test.each([
  ['core', []],
  ['core and React Native', ['nearby-friends-client/react-native']],
  ['core and Apollo', ['nearby-friends-client/apollo']],
  ['core, Apollo and the hook', ['nearby-friends-client/apollo-react']],
  ['core and urql', ['nearby-friends-client/urql']],
])('the README says what the %s costs, within a tenth', async (name, bindings) => {
  const { kilobytes } = await bundleSdk('nearby-friends-client', ...bindings);
  const stated = Number(new RegExp(`\\| ${name} \\| ([\\d.]+) kB \\|`).exec(README)?.[1]);
  expect(Math.abs(stated - kilobytes)).toBeLessThan(kilobytes / 10);
});
