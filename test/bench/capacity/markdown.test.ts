import { expect, test } from 'vitest';
import { amount, bits, bytes, percent, range } from '../../../bench/capacity/markdown.js';

test.each([
  [0.4567, '0.457'],
  [12, '12'],
  [1_593.2, '1,590'],
  [333_333.3, '333,000'],
  [999_600, '1 million'],
  [13_333_333, '13.3 million'],
  [4.07e9, '4.07 billion'],
])('amount of %d', (value, text) => {
  expect(amount(value)).toBe(text);
});

test('a number that is none stops the document', () => {
  expect(() => amount(NaN)).toThrow();
});

test.each([
  [160.4, '160 B'],
  [14_240, '14.2 kB'],
  [6.58e11, '658 GB'],
  [3.5e14, '350 TB'],
])('bytes of %d', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test('bits, shares and ranges', () => {
  expect(bits(9e6)).toBe('72 Mbit/s');
  expect(bits(9e9)).toBe('72 Gbit/s');
  expect(percent(0.756)).toBe('76 %');
  expect(range({ median: 10, min: 9, max: 12.5 })).toBe('10 (9 to 12.5)');
  expect(range({ median: 10, min: 10, max: 10 })).toBe('10');
});
