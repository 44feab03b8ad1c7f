import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Measured } from '../../bench/capacity/measured.js';
import { pageOf, withChart } from '../../bench/capacity/page.js';

const measured: Measured = {
  servers: { source: 'today', costs: { cost: { median: 2, min: 1, max: 4_000 } } },
  redis: { source: 'yesterday', costs: {} },
  postgres: { source: 'yesterday', costs: {} },
};

test('docs/capacity.md and the chart of README.md are what the template and the measured costs make: npm run capacity', () => {
  const kept = JSON.parse(readFileSync('bench/capacity/measured.json', 'utf8')) as Measured;
  const template = readFileSync('bench/capacity/capacity.template.md', 'utf8');
  const page = readFileSync('docs/capacity.md', 'utf8');
  expect(page).toBe(pageOf(template, kept));
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toBe(withChart(readme, page));
});

describe('a page', () => {
  test.each([
    ['shows a formula and its result', '{{all = 3e6 * cost; bytes}}', '`all` | `3e6 * cost` | 6 MB'],
    ['shows a measured cost and its range', '{{cost}} on {{source of servers}}', '2 | 1 to 4,000 on today'],
    [
      'shows that no number is enough',
      '{{a = ceil(cost / max(1 - cost, 0))}}',
      '`a` | `ceil(cost / max(1 - cost, 0))` | ∞',
    ],
    [
      'computes with other inputs',
      '{{a = 1}} {{b = a + cost}} {{b; ; a = 1e9}}',
      '`a` | `1` | 1 `b` | `a + cost` | 3 1 billion',
    ],
    [
      'computes with the inputs of a world, and with others beside them',
      '{{big: a = 1e9, b = a}} {{a = 1}} {{b = 2}} {{c = a + b}} {{c; ; big}} {{c; ; big, b = 0}}',
      '`a = 1e9, b = a` `a` | `1` | 1 `b` | `2` | 2 `c` | `a + b` | 3 2 billion 1 billion',
    ],
  ])('%s', (_, template, page) => {
    expect(pageOf(template, measured)).toBe(page);
  });

  test.each([
    ['{{a = unknown}}', 'unknown is not defined'],
    ['{{unknown}}', 'unknown is not defined'],
    ['{{a = 0 / 0}}', 'a is not a number'],
    ['{{a = 1}} {{a; ; b = 2}}', 'b is no input'],
    ['{{a = 1}} {{a; ; elsewhere}}', 'elsewhere is no input'],
  ])('refuses %s', (template, message) => {
    expect(() => pageOf(template, measured)).toThrow(message);
  });
});
