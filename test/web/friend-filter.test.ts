import fc from 'fast-check';
import { expect, test } from 'vitest';
import { friendsMatching } from '../../web/src/friend-filter.js';

const friend = (handle: string, displayName: string) => ({ id: handle, handle, displayName });
const FRIENDS = [friend('ada', 'Ada Lovelace'), friend('zoe_7', 'Zoë Ångström'), friend('moti', 'מוטי כהן')];

const LONE_SURROGATE = /\p{Cs}/u;

test.each([
  ['', ['ada', 'zoe_7', 'moti']],
  [' ', ['ada', 'zoe_7', 'moti']],
  ['ADA', ['ada']],
  ['love', ['ada']],
  ['zoe', ['zoe_7']],
  ['zoë', ['zoe_7']],
  ['angstrom', ['zoe_7']],
  ['@zoe_', ['zoe_7']],
  ['מוטי', ['moti']],
  ['x', []],
])('%j finds %j', (text, handles) => {
  expect(friendsMatching(FRIENDS, text).map(({ handle }) => handle)).toEqual(handles);
});

test('a friend is found by any part of the name, as it is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), fc.nat(), (name, from, to) => {
      const part = name.slice(from % name.length, (to % name.length) + 1);
      fc.pre(!LONE_SURROGATE.test(part) && part.trim() === part && !part.startsWith('@'));
      expect(friendsMatching([friend('h', name)], part)).toHaveLength(1);
    }),
  );
});
