/**
 * Makes a random UUID (RFC 9562, version 4). `crypto.randomUUID` is left out on plain http and in React
 * Native, `crypto.getRandomValues` is not.
 * @throws TypeError where the platform has no `crypto.getRandomValues`.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
