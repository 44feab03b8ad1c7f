import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { writeTogether } from '../../src/time/write-together.js';

test('what is written in one turn leaves in one piece, what comes later by itself', async () => {
  const pieces: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    writev(chunks, done) {
      pieces.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  for (const text of ['a', 'b']) {
    writeTogether(stream);
    stream.write(text);
  }
  expect(pieces).toEqual([]);
  await turn();
  expect(pieces).toEqual(['ab']);
  stream.write('c');
  writeTogether(stream);
  stream.write('d');
  await turn();
  expect(pieces.join('|')).toBe('ab|c|d');
});
