import fc from 'fast-check';
import { expect, test } from 'vitest';
import { precisionAt, sharingAt } from '../../src/domain/sharing.js';

test.each([true, false])('sharing %s without an end lasts', (enabled) => {
  const sharing = { enabled, untilMs: null, maxRadiusMeters: 500, precision: 'EXACT' } as const;
  expect(sharingAt(sharing, 0)).toEqual(sharing);
  expect(sharingAt(sharing, 8.64e15)).toEqual(sharing);
});

test.each([true, false])('sharing %s turns over at its end, for good', (enabled) => {
  const sharing = { enabled, untilMs: 1_000, maxRadiusMeters: 500, precision: 'EXACT' } as const;
  expect(sharingAt(sharing, 999)).toEqual(sharing);
  for (const nowMs of [1_000, 1_001, 8.64e15]) {
    expect(sharingAt(sharing, nowMs)).toEqual({ ...sharing, enabled: !enabled, untilMs: null });
  }
});

test('a friend sees what the exception says until it ends, and then what all see', () => {
  const precision = fc.constantFrom('EXACT', 'APPROXIMATE');
  const untilMs = fc.option(fc.integer({ min: 1, max: 100 }));
  const exception = fc.record({ enabled: fc.boolean(), precision, untilMs });
  const sharing = fc.record({
    enabled: fc.boolean(),
    precision,
    untilMs,
    maxRadiusMeters: fc.constant(null),
  });
  fc.assert(
    fc.property(sharing, fc.option(exception), fc.nat(110), (all, one, nowMs) => {
      const seen = precisionAt(all, one, nowMs);
      if (one === null || nowMs >= (one.untilMs ?? Infinity)) {
        expect(seen).toBe(sharingAt(all, nowMs).enabled ? all.precision : null);
      } else expect(seen).toBe(one.enabled ? one.precision : null);
    }),
  );
});
