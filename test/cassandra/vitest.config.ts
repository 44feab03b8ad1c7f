/**
 * `npm run test:cassandra`: the history in Apache Cassandra, on clusters of three nodes. The faults are run after the
 * other tests, as their nodes are killed and two clusters at once slow each other down.
 */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

const FAULTS = 'test/cassandra/faults.test.ts';
const GLOBAL_SETUP = ['test/global-setup.ts', 'test/cassandra/install.ts'];

export default defineConfig({
  resolve: base.resolve,
  test: {
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'one-cluster',
          include: ['test/cassandra/*.test.ts'],
          exclude: [FAULTS],
          globalSetup: [...GLOBAL_SETUP, 'test/cassandra/global-setup.ts'],
        },
      },
      { extends: true, test: { name: 'faults', include: [FAULTS], globalSetup: GLOBAL_SETUP } },
    ],
  },
});
