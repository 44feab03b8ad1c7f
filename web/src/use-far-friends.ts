/**
 * Where friends are who are not on the live list, read now and then while somebody looks: at most what a live list of
 * the largest radius would show. Why a friend is not among them is not told.
 */
import { type NearbyFriend, NearbyFriendsNowDocument, type NearbyFriendsClient } from 'nearby-friends-client';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { NearbyView } from './use-nearby-friends.js';

/** @param isWanted whether anybody looks. */
export function useFarFriends(
  client: NearbyFriendsClient,
  view: NearbyView,
  radiusMeters: number,
  isWanted: boolean,
): FarFriends {
  const [far, setFar] = useState<ReadonlyMap<string, NearbyFriend> | null>(null);
  const hasOrigin = view.origin !== null;
  const isLive = view.connection.state === 'live';
  const nearCount = view.friends.length;

  useEffect(() => {
    if (!isWanted || !hasOrigin || !isLive) return;
    let isOver = false;
    const read = (): void => {
      if (document.hidden) return;
      client.request(NearbyFriendsNowDocument, { radiusMeters: LARGEST_RADIUS_METERS }).then(
        ({ nearbyFriends }) => {
          if (!isOver) setFar(new Map(nearbyFriends.map((entry) => [entry.friend.id, entry])));
        },
        () => {
          if (!isOver) setFar(null);
        },
      );
    };
    read();
    const timer = setInterval(read, EVERY_MS);
    document.addEventListener('visibilitychange', read);
    return () => {
      isOver = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', read);
    };
    // Whoever comes or leaves is somewhere else now, or not visible.
  }, [client, isWanted, hasOrigin, isLive, nearCount]);

  useEffect(() => {
    // Until somebody looks again, friends may have hidden.
    if (!isWanted) setFar(null);
  }, [isWanted]);

  return useCallback(
    (friendId) => {
      if (!hasOrigin || !isLive || far === null) return undefined;
      const entry = far.get(friendId);
      if (entry === undefined) return null;
      // The live list would have a friend who is still so near: something newer is on its way.
      return entry.distanceMeters > radiusMeters ? entry : undefined;
    },
    [far, hasOrigin, isLive, radiusMeters],
  );
}

/**
 * Returns where a friend is who is not on the live list; null for a friend who is not visible, and undefined while that
 * is not known.
 */
export type FarFriends = (friendId: string) => NearbyFriend | null | undefined;

/** The most that may be asked for. The server shows nobody beyond its own limit, or the friend's. */
const LARGEST_RADIUS_METERS = 500_000;
const EVERY_MS = 30_000;
