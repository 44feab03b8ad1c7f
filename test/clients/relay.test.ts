/** Relay with its compiler and Babel plugin, by schema.graphql. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';
import { expect, test, vi } from 'vitest';
import { openApp, run } from './app.js';
import type { Person } from './apps/person.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

interface App {
  signUp(url: string, handle: string): Promise<Person & { readonly store: RelayStore }>;
}
interface RelayStore {
  getSource(): { size(): number };
  scheduleGC(): void;
}

test('an app with Relay follows a friend, and its store stays small when told to', async () => {
  const server = await startServer();
  await run('relay', 'relay-compiler', []);
  const { signUp } = await openApp<App>('relay', [babelPluginRelay]);
  const stores: RelayStore[] = [];
  const pair = await befriend(server.url, async (url, handle) => {
    const person = await signUp(url, handle);
    stores.push(person.store);
    return person;
  });
  await comeMoveAndLeave(pair);
  await goOn(pair, server);

  const store = stores[0] as RelayStore;
  const grown = store.getSource().size();
  store.scheduleGC();
  await vi.waitFor(() => expect(store.getSource().size()).toBeLessThan(grown / 2), { timeout: 10_000 });
});

const babelPluginRelay: Plugin = {
  name: 'relay',
  setup(build) {
    const require = createRequire(new URL('apps/package.json', import.meta.url));
    const { transformAsync } = require('@babel/core') as {
      transformAsync(code: string, options: object): Promise<{ code: string }>;
    };
    build.onLoad({ filter: /\/relay\/app\.ts$/ }, async ({ path }) => {
      const { code } = await transformAsync(await readFile(path, 'utf8'), {
        filename: path,
        babelrc: false,
        configFile: false,
        parserOpts: { plugins: ['typescript'] },
        plugins: [[require.resolve('babel-plugin-relay'), { eagerEsModules: true }]],
      });
      return { contents: code, loader: 'ts' };
    });
  },
};
