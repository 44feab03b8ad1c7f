/** `npm run test:event-loop`: what holds up the event loop is measured by itself, on a machine without other work. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/faults/*.measure.ts'], globalSetup: 'test/global-setup.ts', maxWorkers: 1 },
});
