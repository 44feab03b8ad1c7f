/**
 * `npm run test:cassandra`: the history in Apache Cassandra, on clusters of three nodes. Tests that kill, replace or
 * configure nodes have clusters of their own, and are run by `npm run test:cassandra:nodes`, as they want the machine for
 * themselves.
 */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

const OWN_CLUSTERS = ['faults', 'operations', 'users'].map((name) => `test/cassandra/${name}.test.ts`);
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
          exclude: OWN_CLUSTERS,
          globalSetup: [...GLOBAL_SETUP, 'test/cassandra/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'own-clusters',
          include: OWN_CLUSTERS,
          globalSetup: GLOBAL_SETUP,
          // They hold seconds that are documented, on a machine whose neighbours count, too.
          retry: 1,
        },
      },
    ],
  },
});
