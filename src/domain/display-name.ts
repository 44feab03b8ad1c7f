/**
 * Names that people read. A name has something to see and nothing hidden, stays within its line, and does not turn
 * the text around it. Names that were stored before a rule are still read as they are.
 */
import { DomainError } from './errors.js';

/** Returns the name as parseDisplayName() does; null where that throws. */
export function normalizeDisplayName(text: string): string | null {
  const name = tidy(text);
  return problemOf(name) === null ? name : null;
}

/**
 * Returns the name in Unicode's composed form (NFC), without white space around it and with single spaces in it: 1
 * to 100 code points, at least one of them visible, no control characters or line breaks, none that control the
 * direction of text, and at most 4 combining marks on a character. Joiners and variation selectors are allowed
 * where emoji and scripts need them, and no other invisible characters.
 * @throws DomainError 'invalid' with the rule that is broken.
 */
export function parseDisplayName(text: string): string {
  const name = tidy(text);
  const problem = problemOf(name);
  if (problem !== null) throw new DomainError('invalid', problem);
  return name;
}

const MAX_CODE_POINTS = 100;
/** In UTF-16 code units. A longer text is not composed: that may take long. */
const MAX_COMPOSED_LENGTH = 4 * MAX_CODE_POINTS;
/** Control characters (NUL among them) and lone surrogates, which PostgreSQL or a terminal would choke on. */
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
/** The marks, embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9, section 2). */
const DIRECTION = /\p{Bidi_Control}/u;
/** Nobody sees these. The last four are symbols and letters that are blank by design, such as an empty Braille cell. */
const HIDDEN = String.raw`\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800\u{1D159}\u{13441}\u{13442}`;
const INVISIBLE = new RegExp(`[${HIDDEN}]`, 'u');
/** Anything else but white space, marks and format characters. */
const VISIBLE = new RegExp(String.raw`[^\p{White_Space}\p{M}\p{Cf}${HIDDEN}]`, 'u');
/** More than 4 nonspacing marks in a row (UTS #39, section 5.4), also with ignorable characters between them. */
const STACKED_MARKS = /(?:[\p{Mn}\p{Me}]\p{Cf}*){5}/u;

/** Scripts whose letters join, or do not, by an invisible joiner between them. */
const JOINED_SCRIPTS =
  'Arab Syrc Nkoo Adlm Rohg Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Mymr Khmr'.split(' ');
const JOINED = `[${JOINED_SCRIPTS.map((script) => String.raw`\p{scx=${script}}`).join('')}]`;
const VIRAMA = String.raw`[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA]`;

/** The invisible characters without which a name would look otherwise. */
const NEEDED = new RegExp(
  [
    // In emoji: those that are joined, their look, keycaps, flags of regions.
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D(?=\p{Extended_Pictographic})`,
    String.raw`(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F]`,
    String.raw`(?<=[0-9#*])\uFE0F(?=\u20E3)`,
    String.raw`(?<=\u{1F3F4})[\u{E0020}-\u{E007E}]+\u{E007F}`,
    // Joiners within words, and after a virama, as at the end of a Malayalam name.
    `(?<=${JOINED})[\u200C\u200D](?=${JOINED})`,
    `(?<=${VIRAMA})[\u200C\u200D]`,
    // Variants of Chinese characters, as in Japanese family names, and of Mongolian letters.
    String.raw`(?<=\p{scx=Hani})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
    String.raw`(?<=\p{scx=Mong})[\u180B-\u180F]`,
  ].join('|'),
  'gu',
);

function tidy(text: string): string {
  const name = text.trim();
  return name.length > MAX_COMPOSED_LENGTH ? name : name.normalize('NFC').replace(/\p{Zs}+/gu, ' ');
}

function problemOf(name: string): string | null {
  const length = [...name].length;
  if (length < 1 || length > MAX_CODE_POINTS || CONTROL.test(name)) {
    return 'A display name is 1 to 100 characters without control characters.';
  }
  if (DIRECTION.test(name)) return 'A display name must not contain characters that control text direction.';
  if (!VISIBLE.test(name)) return 'A display name needs at least one visible character.';
  if (INVISIBLE.test(name.replace(NEEDED, ''))) {
    return 'A display name must not contain invisible characters, except where its script or an emoji needs them.';
  }
  if (STACKED_MARKS.test(name.normalize('NFD'))) {
    return 'A display name must not have more than 4 marks on one character.';
  }
  return null;
}
