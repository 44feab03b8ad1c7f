import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { normalizeDisplayName, parseDisplayName } from '../../src/domain/display-name.js';

const nameOf = (...codePoints: number[]): string => String.fromCodePoint(...codePoints);

test.each([
  ['Nguyễn Thị'.normalize('NFD'), 'Nguyễn Thị'.normalize('NFC')],
  ['Tom  Sawyer', 'Tom Sawyer'],
  [`山田${nameOf(0x3000)}太郎`, '山田 太郎'],
  [`Tom${nameOf(0xa0)}${nameOf(0x2003)}Sawyer`, 'Tom Sawyer'],
])('%s is kept as everybody else writes it', (given, kept) => {
  expect(parseDisplayName(given)).toBe(kept);
});

test.each([
  'Ada',
  'X Æ A-12',
  'Ἀθηνᾶ',
  '李小龍',
  'محمد',
  'שָׁלוֹם',
  'ด้วยน้ำ',
  'Nguyễn Thị',
  // A Persian name with a zero-width non-joiner, Sinhala with a joiner, Burmese with five marks on one letter.
  'علی‌رضا',
  'ශ්‍රී',
  'လျှို့ဝှက်',
  // Rajan as Malayalam keyboards of before 2008 write it, with a joiner at the end; Bengali with one before the virama.
  `രാജന${nameOf(0xd4d, 0x200d)}`,
  `র${nameOf(0x200d, 0x9cd)}যাব`,
  // Katsuragi and Watanabe with the variants that the families use; Mongolian with a vowel separator.
  `葛${nameOf(0xe0100)}城`,
  `渡邉${nameOf(0xe0101)}`,
  `ᠠᠨ${nameOf(0x180e)}ᠠ`,
  '👩‍👩‍👧‍👦',
  '👩🏽‍🚀',
  '🏳️‍🌈',
  '👁️‍🗨️',
  '❤️‍🔥',
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
])('%s is nothing to see', (_what, name) => {
  expect(() => parseDisplayName(name)).toThrow('at least one visible character');
  expect(normalizeDisplayName(name)).toBeNull();
});

test.each([0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])(
  'U+%i does not turn the text around it',
  (control) => {
    expect(() => parseDisplayName(`Ann${nameOf(control)}gnp.exe`)).toThrow('text direction');
    expect(() => parseDisplayName(nameOf(control))).toThrow('text direction');
  },
);

test.each([
  ['a zero-width space', `Tom${nameOf(0x200b)}`],
  ['a joiner', `T${nameOf(0x200d)}om`],
  ['a joiner after a letter of Persian, at the end', `علی${nameOf(0x200c)}`],
  ['a joiner after an emoji', `👩${nameOf(0x200d)}`],
  ['a joiner between Chinese characters', `李${nameOf(0x200d)}龍`],
  ['a soft hyphen', `To${nameOf(0xad)}m`],
  ['a word joiner', `${nameOf(0x2060)}Tom`],
  ['a filler', `Tom${nameOf(0x3164)}`],
  ['an empty Braille cell', `Tom${nameOf(0x2800)}`],
  ['a variation selector on a letter', `Tom${nameOf(0xfe0f)}`],
  ['a variation selector on a digit', `Tom 1${nameOf(0xfe0f)}`],
  ['two variation selectors on an emoji', `❤${nameOf(0xfe0f, 0xfe0f)}`],
  ['tags without a flag', `Tom${nameOf(0xe0068, 0xe0069, 0xe007f)}`],
  ['a flag with an open end', `🏴${nameOf(0xe0067, 0xe0062)}`],
  ['an annotation', `Tom${nameOf(0xfff9)}x`],
])('%s is not there unseen', (_what, name) => {
  expect(() => parseDisplayName(name)).toThrow('invisible');
});

test('a text that is too long is refused without being composed', () => {
  const normalize = vi.spyOn(String.prototype, 'normalize');
  onTestFinished(() => normalize.mockRestore());
  expect(normalizeDisplayName('x'.repeat(401))).toBeNull();
  expect(normalize).not.toHaveBeenCalled();
});

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
  [`q${nameOf(0x301).repeat(5)}`, 'more than 4 marks'],
  [`Z${nameOf(0x301, 0x200d).repeat(5)}`, 'invisible'],
])('%j is refused', (name, reason) => {
  expect(() => parseDisplayName(name)).toThrow(reason);
});

test(`four marks on a letter are no more than some languages need`, () => {
  expect([...parseDisplayName(`q${nameOf(0x301).repeat(4)}e`)]).toHaveLength(6);
});

describe('whatever the text', () => {
  const SUSPECT = [
    ...[
      0x20, 0x3000, 0x301, 0x327, 0xad, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x202e, 0x2069, 0x2800, 0x3164,
    ],
    ...[0xfe0f, 0xe0100, 0x41, 0xe9, 0x1f600, 0x1f469, 0x646, 0xd28, 0xd4d, 0x845b, 0x31, 0x20e3],
  ];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...SUSPECT.map((point) => nameOf(point))), fc.string({ unit: 'binary' })))
    .map((parts) => parts.join(''));
  /** Nothing of these can be seen beside Latin letters. */
  const HIDDEN = [
    0xad, 0x34f, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x2060, 0x2800, 0x3164, 0xfe0f, 0xe0100, 0xe0041,
  ];

  test('a name that is accepted shows something, turns nothing and is accepted again as it is', () => {
    fc.assert(
      fc.property(text, (given) => {
        const name = normalizeDisplayName(given);
        if (name === null) {
          expect(() => parseDisplayName(given)).toThrow();
          return;
        }
        expect(normalizeDisplayName(name)).toBe(name);
        expect(name.normalize('NFC')).toBe(name);
        expect(name.length).toBeGreaterThan(0);
        expect([...name].length).toBeLessThanOrEqual(100);
        expect(name.replace(/[\s\p{M}\p{Cf}\u2800\u3164]/gu, '')).not.toBe('');
        expect(name).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cc}/u);
        expect(name.normalize('NFD')).not.toMatch(/[\p{Mn}\p{Me}]{5}/u);
      }),
      { numRuns: 1_000 },
    );
  });

  test('two names of Latin letters that differ in what nobody sees are not both accepted', () => {
    const latin = fc.string({ unit: fc.constantFrom(...'aZé ß1-.'), minLength: 1, maxLength: 20 });
    const hidden = fc.constantFrom(...HIDDEN.map((point) => nameOf(point)));
    fc.assert(
      fc.property(latin, fc.nat(), hidden, (name, at, unseen) => {
        const place = at % (name.length + 1);
        expect(normalizeDisplayName(`${name.slice(0, place)}${unseen}${name.slice(place)}`)).toBeNull();
      }),
    );
  });

  test('however a name is composed, it is kept or refused alike', () => {
    fc.assert(
      fc.property(text, (given) => {
        fc.pre(given.length <= 100);
        expect(normalizeDisplayName(given.normalize('NFD'))).toBe(normalizeDisplayName(given));
      }),
      { numRuns: 1_000 },
    );
  });

  test('letters alone are always a name', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'aZéßЖ字あ'), minLength: 1, maxLength: 100 });
    fc.assert(fc.property(letters, (name) => normalizeDisplayName(name) === name));
  });
});
