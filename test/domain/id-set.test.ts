import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdSet } from '../../src/domain/id-set.js';
import { uuidFrom } from '../support/uuid.js';

test('a set of ids has those that were put in and not taken out, and nothing else', () => {
  // Few, and alike, so that the end of one and the beginning of the next look like a third.
  const id = fc.constantFrom(
    ...['0', '01', '10', '0101', '1010', 'f0'].map(uuidFrom),
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  );
  const changes = fc.array(fc.tuple(fc.boolean(), id), { maxLength: 20 });
  fc.assert(
    fc.property(fc.uniqueArray(id), changes, (start, steps) => {
      const [packed, plain] = [new IdSet(start), new Set(start)];
      for (const [isAdded, one] of steps) {
        if (isAdded) {
          expect(packed.add(one)).toBe(!plain.has(one));
          plain.add(one);
        } else {
          packed.delete(one);
          plain.delete(one);
        }
      }
      expect(packed.size).toBe(plain.size);
      for (const one of [...start, ...steps.map(([, each]) => each)])
        expect(packed.has(one)).toBe(plain.has(one));
    }),
  );
  expect(new IdSet([]).has('no id')).toBe(false);
});
