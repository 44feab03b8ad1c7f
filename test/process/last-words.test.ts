/** What a process logs last, and the end of one whose log nobody reads any more. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { type Program, startProgram } from '../support/program.js';

function readerOf({ child }: Program): Readable {
  if (child.stdout === null) throw new Error('its standard output is not read');
  return child.stdout;
}

async function startLastWords(): Promise<Program> {
  const program = startProgram('test/support/last-words.ts');
  onTestFinished(() => void program.child.kill('SIGKILL'));
  await once(readerOf(program), 'data');
  return program;
}

test('all of it leaves before the process ends', async () => {
  const program = await startLastWords();
  program.child.kill('SIGTERM');
  const { status, stdout } = await program.ended;
  expect(status).toBe(0);
  expect(stdout.match(/"line":\d/g)).toEqual(['"line":0', '"line":1', '"line":2']);
});

test('a reader that is gone does not keep it from ending', async () => {
  const program = await startLastWords();
  const reader = readerOf(program);
  reader.destroy();
  await once(reader, 'close');
  program.child.kill('SIGTERM');
  expect((await program.ended).status).toBe(0);
});

test.each(['later', 'in a promise'])(
  'a crash, %s, is one line without the text that could not be read',
  async (how) => {
    const { status, stdout, stderr } = await startProgram('test/support/crash.ts', ['l55.123456', how]).ended;
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 60,
      msg: 'the server crashed',
      err: { type: 'SyntaxError' },
    });
    expect(stdout + stderr).not.toMatch(/55\.12/);
  },
);
