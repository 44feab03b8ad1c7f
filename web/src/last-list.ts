/**
 * The last list that the page has shown, for a page that is opened without a network. It holds places of friends: it is
 * kept for the signed-in user alone, for no longer than the server would show them, and erased at the end of the session.
 */
import type { NearbyList, TextStorage } from 'nearby-friends-client';

export type LastList = Pick<NearbyList, 'friends' | 'origin'> & {
  /** When it was up to date, milliseconds since the epoch. */
  readonly asOfMs: number;
};

export function keepLastList(storage: TextStorage, userId: string, list: LastList): void {
  const { friends, origin, asOfMs } = list;
  storage.setItem(KEY, JSON.stringify({ userId, friends, origin, asOfMs }));
}

/** @returns null where there is none; one that is over, or another user's, is erased. */
export function readLastList(
  storage: TextStorage,
  userId: string,
  nowMs: number,
  ttlMs: number,
): LastList | null {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? 'null') as (LastList & { userId: string }) | null;
    if (kept === null) return null;
    if (kept.userId === userId && kept.asOfMs + ttlMs > nowMs) return kept;
  } catch {
    // Another version of the page wrote it.
  }
  forgetLastList(storage);
  return null;
}

export function forgetLastList(storage: TextStorage): void {
  storage.removeItem(KEY);
}

/** Friends whom the server would still show, by what is known of them. */
export function stillThere<Entry extends { readonly updatedAt: string }>(
  friends: readonly Entry[],
  nowMs: number,
  ttlMs: number,
): readonly Entry[] {
  const isThere = ({ updatedAt }: Entry): boolean => Date.parse(updatedAt) + ttlMs > nowMs;
  return friends.every(isThere) ? friends : friends.filter(isThere);
}

const KEY = 'nearby-friends-last-list';
