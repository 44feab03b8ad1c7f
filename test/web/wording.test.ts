import { expect, test } from 'vitest';
import { createWording } from '../../web/src/wording.js';

test.each([
  [['de-DE'], '1,2 km'],
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
