const NOT_ASCII = /[^ -~]/g;
/** ASCII without quotes, backslashes and control characters. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * A string as JSON in ASCII, where the rest of Unicode is `\uXXXX` in UTF-16 code units (RFC 8259, section
 * 7): a frame made of such strings has a byte for each character, without looking at them again
 * (docs/decisions/027).
 */
export function asciiJson(text: string): string {
  // Most are, and need not be looked at again.
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
