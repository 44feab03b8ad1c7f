import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeHandle, normalizeNewHandle, parseHandle, parseNewHandle } from '../../src/domain/handle.js';

test.each(['ada', 'A_1', '_a_', '0.0', 'x'.repeat(30)])('%s may be chosen', (handle) => {
  expect(parseNewHandle(handle)).toBe(handle.toLowerCase());
});

test.each(['...', '___', '_._.', '.'.repeat(30)])(
  '%s may not be chosen any more, but whoever has it is found',
  (handle) => {
    expect(() => parseNewHandle(handle)).toThrow('at least one letter or digit');
    expect(parseHandle(handle)).toBe(handle);
  },
);

test.each(['', 'ab', 'x'.repeat(31), 'a b', ' ada', 'ada\n', 'ädä', 'Kelvin'.replace('K', '\u212a')])(
  '%j is no handle at all',
  (handle) => {
    expect(() => parseHandle(handle)).toThrow('3 to 30');
    expect(() => parseNewHandle(handle)).toThrow('3 to 30');
  },
);

test('a handle that may be chosen is found by itself in either case', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aZ0_. é'), maxLength: 32 }), (text) => {
      const handle = normalizeNewHandle(text);
      if (handle === null) return;
      expect(normalizeHandle(text.toUpperCase())).toBe(handle);
      expect(handle).toMatch(/[a-z0-9]/);
    }),
  );
});
