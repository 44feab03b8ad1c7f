/**
 * Names that people read. A name has something to see, stays within its line, and does not turn the text around
 * it. Names that were stored before a rule are still read as they are.
 */
import { DomainError } from './errors.js';

/** Returns the name without surrounding white space; null where parseDisplayName() throws. */
export function normalizeDisplayName(text: string): string | null {
  const name = text.trim();
  return problemOf(name) === null ? name : null;
}

/**
 * Returns the name without surrounding white space: 1 to 100 code points, at least one of them visible, no
 * control characters or line breaks, none that embed or override a text direction, and at most 4 combining
 * marks on a character. Joiners are allowed: emoji and several scripts need them.
 * @throws DomainError 'invalid' with the rule that is broken.
 */
export function parseDisplayName(text: string): string {
  const name = text.trim();
  const problem = problemOf(name);
  if (problem !== null) throw new DomainError('invalid', problem);
  return name;
}

const MAX_CODE_POINTS = 100;
/** Control characters (NUL among them) and lone surrogates, which PostgreSQL or a terminal would choke on. */
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
/** The embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9, section 2). */
const DIRECTION = /[\u202A-\u202E\u2066-\u2069]/u;
/**
 * Anything but white space, marks, format characters, fillers and other ignorable characters, and the letters
 * and symbols that are blank by design, such as U+2800, the Braille cell without dots.
 */
const VISIBLE =
  /[^\p{White_Space}\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}\u{13441}\u{13442}]/u;
/** More than 4 nonspacing marks in a row (UTS #39, section 5.4), also with ignorable characters between them. */
const STACKED_MARKS = /(?:[\p{Mn}\p{Me}]\p{Cf}*){5}/u;

function problemOf(name: string): string | null {
  const length = [...name].length;
  if (length < 1 || length > MAX_CODE_POINTS || CONTROL.test(name)) {
    return 'A display name is 1 to 100 characters without control characters.';
  }
  if (DIRECTION.test(name)) return 'A display name must not contain characters that override text direction.';
  if (!VISIBLE.test(name)) return 'A display name needs at least one visible character.';
  if (STACKED_MARKS.test(name)) return 'A display name must not have more than 4 marks on one character.';
  return null;
}
