import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce } from '../../../src/adapters/cassandra/at-once.js';
import { settle } from '../../support/fake-clock.js';

test('gives the results in order, never does more at once, and leaves nothing under way when something fails', async () => {
  const turns = fc.array(fc.record({ turns: fc.nat(3), fails: fc.boolean() }), { maxLength: 20 });
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 5 }), turns, async (most, items) => {
    let [underWay, begun] = [0, 0];
    const done = atOnce(most)([...items.entries()], async ([nth, { turns, fails }]) => {
      begun++;
      expect(++underWay).toBeLessThanOrEqual(most);
      for (let turn = 0; turn < turns; turn++) await settle();
      underWay--;
      if (fails) throw new Error('failed');
      return nth;
    });
    const outcome = await done.catch((error: unknown) => error);
    expect(underWay).toBe(0);
    const begunThen = begun;
    await settle();
    expect(begun).toBe(begunThen);
    if (items.some(({ fails }) => fails)) expect(outcome).toEqual(new Error('failed'));
    else expect(outcome).toEqual(items.map((_, nth) => nth));
  });
  await fc.assert(property, { numRuns: 50 });
});
