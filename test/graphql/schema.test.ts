import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('schema.graphql has no character beyond Latin-1', () => {
  // V8 keeps a source with one such character, and every name cut from it, in two bytes a character; the text of every
  // frame then is too, at each step on its way to the socket.
  const text = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
  expect(/[^\u0000-\u00ff]/u.exec(text)).toBeNull();
});
