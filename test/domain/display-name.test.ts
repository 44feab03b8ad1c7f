import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizeDisplayName, parseDisplayName } from '../../src/domain/display-name.js';

const nameOf = (...codePoints: number[]): string => String.fromCodePoint(...codePoints);

test.each([
  'Ada',
  'X Æ A-12',
  'Ἀθηνᾶ',
  '李小龍',
  'محمد',
  'שָׁלוֹם',
  'ด้วยน้ำ',
  'Nguyễn Thị'.normalize('NFD'),
  // A Persian name with a zero-width non-joiner, Sinhala with a joiner, Burmese with five marks on one letter.
  'علی‌رضا',
  'ශ්‍රී',
  'လျှို့ဝှက်',
  '👩‍👩‍👧‍👦',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '1️⃣',
  '❤️',
  '.',
])('%s is a name', (name) => {
  expect(parseDisplayName(`  ${name}\t`)).toBe(name);
  expect(normalizeDisplayName(name)).toBe(name);
});

test.each([
  ['only a zero-width space', nameOf(0x200b, 0x200b, 0x200b)],
  ['only a Hangul filler', nameOf(0x3164)],
  ['only a half-width Hangul filler', nameOf(0xffa0)],
  ['only an empty Braille cell', nameOf(0x2800)],
  ['only a word joiner', nameOf(0x2060)],
  ['only a soft hyphen', nameOf(0xad)],
  ['only joiners', nameOf(0x200d, 0x200c)],
  ['only a variation selector', nameOf(0xfe0f)],
  ['only a tag', nameOf(0xe0067)],
  ['only marks', nameOf(0x301, 0x302)],
  ['only a direction mark', nameOf(0x200f)],
])('%s is nothing to see', (_what, name) => {
  expect(() => parseDisplayName(name)).toThrow('at least one visible character');
  expect(normalizeDisplayName(name)).toBeNull();
});

test.each([0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])(
  'U+%i does not turn the text around it',
  (control) => {
    expect(() => parseDisplayName(`Ann${nameOf(control)}gnp.exe`)).toThrow('text direction');
  },
);

test.each([
  ['', 'characters'],
  ['  ', 'characters'],
  ['x'.repeat(101), '100 characters'],
  ['a\nb', 'control characters'],
  [`a${nameOf(0x2028)}b`, 'control characters'],
  ['a\u0000', 'control characters'],
  ['a\ud800', 'control characters'],
  [`Z${nameOf(0x301).repeat(99)}`, 'more than 4 marks'],
  [`Z${nameOf(0x301).repeat(5)}`, 'more than 4 marks'],
  [`Z${nameOf(0x301, 0x200d).repeat(5)}`, 'more than 4 marks'],
])('%j is refused', (name, reason) => {
  expect(() => parseDisplayName(name)).toThrow(reason);
});

test(`four marks on a letter are no more than some languages need`, () => {
  expect(parseDisplayName(`Z${nameOf(0x301).repeat(4)}e`)).toHaveLength(6);
});

describe('whatever the text', () => {
  const SUSPECT = [0x20, 0x301, 0xad, 0x200b, 0x200d, 0x202e, 0x2069, 0x2800, 0x3164, 0xfe0f, 0x41, 0x1f600];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...SUSPECT.map((point) => nameOf(point))), fc.string({ unit: 'binary' })))
    .map((parts) => parts.join(''));

  test('a name that is accepted shows something, turns nothing and is accepted again as it is', () => {
    fc.assert(
      fc.property(text, (given) => {
        const name = normalizeDisplayName(given);
        if (name === null) {
          expect(() => parseDisplayName(given)).toThrow();
          return;
        }
        expect(normalizeDisplayName(name)).toBe(name);
        expect(name.length).toBeGreaterThan(0);
        expect([...name].length).toBeLessThanOrEqual(100);
        expect(name.replace(/[\s\p{M}\p{Cf}\u2800\u3164]/gu, '')).not.toBe('');
        expect(name).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\p{Cc}/u);
        expect(name).not.toMatch(/[\p{Mn}\p{Me}]{5}/u);
      }),
    );
  });

  test('letters alone are always a name', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'aZéßЖ字あ'), minLength: 1, maxLength: 100 });
    fc.assert(fc.property(letters, (name) => normalizeDisplayName(name) === name));
  });
});
