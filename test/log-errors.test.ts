import { expect, it } from 'vitest';
import { createLogger } from '../src/log.js';

function logged(error: unknown): string {
  const lines: string[] = [];
  createLogger('info', { write: (line) => void lines.push(line) }).error({ err: error }, 'failed');
  return lines.join('');
}

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

it.each([
  ['JSON', () => JSON.parse('l55.123456')],
  ['a map', () => new Map([55.123456 as never])],
  ['a number', () => BigInt('55.123456')],
  ['a URL', () => new URL('55.123456')],
  ['lines that look like a stack', () => JSON.parse('[\n    at 55.123456 (55.123456:1:1)')],
])('an error of a parser is logged by its type and stack: %s', (_name, work) => {
  const line = logged(thrown(work));
  expect(line).not.toMatch(/55\.12/);
  expect(line).toMatch(/"type":"\w*Error"/);
  expect(line).toContain('log-errors.test.ts');
});

it('other errors are logged with their message, and with their cause', () => {
  const cause = thrown(() => JSON.parse('l55.123456'));
  const line = logged(new Error('the file is broken', { cause }));
  expect(line).toContain('the file is broken');
  expect(line).not.toMatch(/55\.12/);
});
