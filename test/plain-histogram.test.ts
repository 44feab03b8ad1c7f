import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { PlainHistogram } from '../src/plain-histogram.js';

const OPTIONS = { name: 'a_seconds', help: 'A.', buckets: [0.1, 0.5, 1, 5] };
const value = fc.oneof(fc.constantFrom(0, ...OPTIONS.buckets), fc.double({ min: -1, max: 9, noNaN: true }));

it('tells the same as the histogram of prom-client', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value), async (values) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const plain = new PlainHistogram({ ...OPTIONS, registers: [ours] }).labelled({});
      const known = new Histogram({ ...OPTIONS, registers: [theirs] });
      for (const each of values) {
        plain.record(each);
        known.observe(each);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});

it('tells the same with labels', async () => {
  const labels = fc.record({
    type: fc.constantFrom('query', 'mutation'),
    field: fc.constantFrom('a', 'b"\n'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(labels, value)), async (observations) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const options = { ...OPTIONS, labelNames: ['type', 'field'] as const };
      const plain = new PlainHistogram({ ...options, registers: [ours] });
      const known = new Histogram({ ...options, registers: [theirs] });
      for (const [of, each] of observations) {
        plain.labelled(of).record(each);
        known.observe(of, each);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});
