/** `npm run test:event-loop`: what holds up the event loops of the server and of the page is measured by itself, on a machine without other work. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

export default defineConfig({
  resolve: base.resolve,
  test: {
    include: ['test/{faults,browser}/*.measure.ts'],
    globalSetup: 'test/global-setup.ts',
    maxWorkers: 1,
  },
});
