/** What friends may see of the user, as it is at every moment: changes of other tabs and devices come, too. */
import type {
  NearbyFriendsClient,
  NearbyFriendsError,
  SharingState,
  TextStorage,
} from 'nearby-friends-client';
import { useEffect, useState } from 'preact/hooks';

export function useSharing(client: NearbyFriendsClient, storage: TextStorage): SharingView {
  const [view, setView] = useState<SharingView>(UNKNOWN);

  useEffect(() => {
    const adopt = (state: SharingState): void => {
      const { friendsChanged } = state;
      setView(({ state: before, friendships }) => {
        const isChange = before !== null && friendsChanged?.length !== 0;
        return { state, friendships: isChange ? friendships + 1 : friendships, error: null };
      });
    };
    return client.sharing({ storage }).subscribe(adopt, (error) => {
      setView({ ...UNKNOWN, error });
    });
  }, [client, storage]);

  return view;
}

export interface SharingView {
  /** Null until it is known. */
  readonly state: SharingState | null;
  /** Another number whenever friendships may have begun or ended. */
  readonly friendships: number;
  /** The error after which nothing more comes; null while it is live. */
  readonly error: NearbyFriendsError | null;
}

const UNKNOWN: SharingView = { state: null, friendships: 0, error: null };
