/** `npm run test:clients`: the clients that apps use, of every language, against a real server. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

export default defineConfig({
  resolve: base.resolve,
  test: {
    include: ['test/clients/*.test.{ts,tsx}'],
    globalSetup: ['test/global-setup.ts', 'test/clients/install.ts'],
    // Node runs what is built, with the packages of the apps.
    server: { deps: { external: [/\/test\/clients\/apps\/[^/]+\/dist\//] } },
    maxWorkers: 2,
    // A compiler of another language may run beside a test.
    testTimeout: 240_000,
    expect: { poll: { timeout: 45_000 } },
    // Generators and compilers run there, and fetch what they need on a new machine.
    hookTimeout: 600_000,
  },
});
