import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that need neither PostgreSQL nor Redis: `npm run check` runs these alone. */
const UNIT = [
  'test/*.test.ts',
  'test/domain/**/*.test.ts',
  'test/services/**/*.test.ts',
  'test/time/**/*.test.ts',
  'test/faults/ledger.test.ts',
  'test/adapters/memory/**/*.test.ts',
  'test/adapters/cassandra/**/*.test.ts',
  'test/bench/**/*.test.ts',
  'test/sdk/dated-fix.test.ts',
  'test/sdk/location-ids.test.ts',
  'test/web/**/*.test.ts',
  'test/sdk/nearby-list.test.ts',
  'test/sdk/report-policy.test.ts',
  'test/sdk/report-queue.test.ts',
  'test/sdk/retry-after.test.ts',
  'test/sdk/session.test.ts',
  'test/sdk/token-renewal.test.ts',
  'test/sdk/wake.test.ts',
];

/**
 * Tests that hold servers under load to the seconds that are documented, or compare times. They run one after the
 * other, when all others are done, since those would take the processor from them. `npm test` runs them by a command of
 * their own, so that nothing that the others left is in their way.
 */
const ALONE = [
  'test/adapters/postgres/even-answers.test.ts',
  'test/cluster/coming-back.test.ts',
  'test/cluster/database-failures.test.ts',
  'test/cluster/deaf-master.test.ts',
  'test/cluster/leaks.test.ts',
  'test/cluster/rolling-restart.test.ts',
  'test/cluster/silent-redis.test.ts',
  'test/faults/faults.test.ts',
  'test/faults/wire-fuzz.test.ts',
  'test/process/sign-in-flood.test.ts',
];

/**
 * Tests of real programs hold them to seconds, on a machine whose other work counts, too. One that passes at the second
 * attempt only is marked `retry x1` in the output: what it waits for is to be mended.
 */
const RETRY = 1;

export default defineConfig({
  resolve: {
    // Vite would take graphql's "module" build for our sources and Node its "main" one for the packages: two graphqls,
    // of which neither knows the other's errors and types. This is the one that Node takes.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    // One more than the cores of the smallest machine that we run on: many tests wait for processes and timers.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A second, the default, is short for a browser that shares two cores with other tests.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.{ts,tsx}'],
          // `npm run test:clients` runs those of the clients, which installs them.
          exclude: [...UNIT, ...ALONE, 'test/clients/**', 'test/cassandra/**'],
          globalSetup: 'test/global-setup.ts',
          retry: RETRY,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          globalSetup: 'test/global-setup.ts',
          maxWorkers: 1,
          retry: RETRY,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
