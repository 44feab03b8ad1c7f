import { expect, test } from 'vitest';
import { radiiWith } from '../../web/src/radii.js';
import { age, createWording } from '../../web/src/wording.js';

test.each([
  [['de-DE'], '1,2 km'],
  [['ar-EG'], '1.2 km'],
  [['hi'], '1.2 km'],
  [['fa-IR'], '1.2 km'],
  [['zh-Hant-TW'], '1.2 km'],
  [['en-US', 'de-DE'], '0.7 mi'],
  [['en-GB'], '0.7 mi'],
  [['C'], '1.2 km'],
  [['POSIX'], / km$/],
  [['en-US@posix'], '0.7 mi'],
  [['en_US'], '0.7 mi'],
  [['en_US.UTF-8'], '0.7 mi'],
  [['de_DE@euro'], '1,2 km'],
  [['', '*', 'de_AT'], '1,2 km'],
  [[], '1.2 km'],
])('who reads %j reads of 1,200 m as %s', (languages, text) => {
  const { distance } = createWording(languages);
  if (typeof text === 'string') expect(distance(1_200)).toBe(text);
  else expect(distance(1_200)).toMatch(text);
});

test.each([
  [-5_000, '0 s'],
  [5_400, '5 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [86_399_000, '23 h'],
  [86_400_000, '1 d'],
  [200_000_000, '2 d'],
])('what was %d ms ago was %s ago', (ms, text) => {
  expect(age(0, ms)).toBe(text);
});

test.each([
  ['en-US', ['1 mi', '2 mi', '5 mi', '10 mi', '20 mi', '30 mi']],
  ['en-GB', ['1 mi', '2 mi', '5 mi', '10 mi', '20 mi', '30 mi']],
  ['en-IE', ['1 km', '2 km', '5 km', '8 km', '10 km', '20 km', '50 km']],
])('who reads %s chooses among %j, and what a server sets', (language, labels) => {
  const { unit, distance } = createWording([language]);
  expect(radiiWith(unit, 8_046.72).map(distance)).toEqual(labels);
});

test('the midnight that comes next is one; another one has its date', () => {
  const { instant } = createWording(['en-US']);
  const noonMs = new Date(2026, 10, 29, 12).getTime();
  const midnightMs = new Date(2026, 10, 30).getTime();
  expect(instant(midnightMs, noonMs)).toBe('midnight');
  expect(instant(midnightMs + 60_000, noonMs)).toMatch(/^12:01\sAM$/);
  expect(instant(midnightMs, noonMs - 86_400_000)).toMatch(/^Nov 30, 2026, 12:00\sAM$/);
});

test.each([
  ['en-IE', '12 km/h'],
  ['en-US', '7 mph'],
])('who reads %s reads of the speed of a bicycle as %s', (language, text) => {
  expect(createWording([language]).speed(3.33)).toBe(text);
});
