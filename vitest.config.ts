import { defineConfig } from 'vitest/config';

/** Tests that need neither PostgreSQL nor Redis: `npm run check` runs these alone. */
const UNIT = [
  'test/*.test.ts',
  'test/domain/**/*.test.ts',
  'test/services/**/*.test.ts',
  'test/adapters/memory/**/*.test.ts',
];

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: UNIT,
          globalSetup: 'test/global-setup.ts',
        },
      },
    ],
  },
});
