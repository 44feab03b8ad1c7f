/** Finds friends by a part of their name or handle: in any case, and without the accents that are hard to type. */
import type { UserFieldsFragment } from 'nearby-friends-client';
import { typedHandle } from './typed-handle.js';

/** Returns all friends for an empty text, in the order in which they are given. */
export function friendsMatching(
  friends: readonly UserFieldsFragment[],
  text: string,
): readonly UserFieldsFragment[] {
  const wanted = plain(typedHandle(text));
  if (wanted === '') return friends;
  return friends.filter(
    ({ displayName, handle }) => plain(displayName).includes(wanted) || plain(handle).includes(wanted),
  );
}

/** In upper case: a lower sigma would be another letter at the end of a word. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toUpperCase();
