import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentOf } from '../../../bench/capacity/document.js';
import type { Measured } from '../../../bench/capacity/measured.js';
import { sample } from './measured-sample.js';

const read = (file: string): string => readFileSync(file, 'utf8');
const template = read('bench/capacity/capacity.template.md');

describe('docs/capacity.md', () => {
  test('is what its template and the measured costs make: npm run capacity', () => {
    const measured = JSON.parse(read('bench/capacity/measured.json')) as Measured;
    expect(read('docs/capacity.md')).toBe(documentOf(template, measured));
  });

  test('shows other costs when others were measured', () => {
    const text = documentOf(template, sample);
    expect(text).toContain('2026-11-25 at revision abc1234, on a machine, with versions');
    expect(text).toContain('| CPU of a client, µs a second | 50 (45 to 60) | 30 (27 to 36) |');
    expect(text).not.toMatch(/NaN|undefined|Infinity|\{\{/);
  });
});

describe('a template', () => {
  test('that asks for what is not there is refused', () => {
    expect(() => documentOf(`${template}{{the weather}}`, sample)).toThrow('asks for "the weather"');
  });

  test('that leaves something out is refused', () => {
    expect(() => documentOf(template.replace('{{network table}}', ''), sample)).toThrow(
      'leaves out "network table"',
    );
  });
});
