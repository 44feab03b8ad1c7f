const FINAL_TEXT = '\x81';

/**
 * A text message as one unmasked WebSocket frame (RFC 6455, section 5.2), to be written in Latin-1.
 * @param text in ASCII, so that its length is that of its UTF-8 encoding; at most 4 GiB.
 */
export function textFrame(text: string): string {
  const { length } = text;
  if (length <= LONGEST_SHORT) return FINAL_TEXT + String.fromCharCode(length) + text;
  if (length <= LONGEST_MEDIUM) return FINAL_TEXT + '\x7e' + bytesOf(length, 2) + text;
  return FINAL_TEXT + '\x7f' + bytesOf(length, 8) + text;
}

const LONGEST_SHORT = 125;
const LONGEST_MEDIUM = 0xffff;

/** A number in network byte order, a byte for each character. */
function bytesOf(value: number, count: number): string {
  let bytes = '';
  for (let rest = value; bytes.length < count; rest = Math.floor(rest / 256)) {
    bytes = String.fromCharCode(rest % 256) + bytes;
  }
  return bytes;
}
