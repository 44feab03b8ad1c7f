import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handleCursor, parseHandleCursor, parseTimeCursor, timeCursor } from '../../src/domain/cursor.js';
import { DomainError } from '../../src/domain/errors.js';

const invalid = expect.objectContaining({ kind: 'invalid' }) as unknown;

test('a cursor leads back to its place', () => {
  const handle = fc.stringMatching(/^[a-z0-9_.]{3,30}$/);
  fc.assert(fc.property(handle, (text) => void expect(parseHandleCursor(handleCursor(text))).toBe(text)));
  const place = fc.record({ atMs: fc.nat({ max: 8_640_000_000_000 }), id: fc.uuid() });
  fc.assert(fc.property(place, (at) => void expect(parseTimeCursor(timeCursor(at))).toEqual(at)));
});

test('text that no cursor of ours can be is refused, whatever it is', () => {
  for (const parse of [parseHandleCursor, parseTimeCursor]) {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        const parsed = attempt(() => parse(text));
        if (parsed instanceof DomainError) expect(parsed).toEqual(invalid);
        else expect(typeof parsed === 'string' ? handleCursor(parsed) : timeCursor(parsed)).toBe(text);
      }),
    );
  }
});

test('one kind of cursor is not taken for the other', () => {
  const place = timeCursor({ atMs: 1, id: '00000000-0000-4000-8000-000000000000' });
  expect(attempt(() => parseHandleCursor(place))).toEqual(invalid);
  expect(attempt(() => parseTimeCursor(handleCursor('abc')))).toEqual(invalid);
});

function attempt<T>(parse: () => T): T | DomainError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
