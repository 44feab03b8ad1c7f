/** `npm run test:cassandra`: the history in Apache Cassandra, on a cluster of three nodes. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

export default defineConfig({
  resolve: base.resolve,
  test: {
    include: ['test/cassandra/*.test.ts'],
    globalSetup: ['test/global-setup.ts', 'test/cassandra/install.ts', 'test/cassandra/global-setup.ts'],
    // Nodes are stopped and killed.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
