import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { PlainHistogram } from '../src/plain-histogram.js';

it('tells the same as the histogram of prom-client', async () => {
  const options = { name: 'a_seconds', help: 'A.', buckets: [0.1, 0.5, 1, 5] };
  const value = fc.oneof(fc.constantFrom(0, ...options.buckets), fc.double({ min: -1, max: 9, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(value), async (values) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const plain = new PlainHistogram({ ...options, registers: [ours] });
      const known = new Histogram({ ...options, registers: [theirs] });
      for (const each of values) {
        plain.record(each);
        known.observe(each);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});
