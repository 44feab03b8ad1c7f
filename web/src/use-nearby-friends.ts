/**
 * The live list within a radius. After a change of the radius the old list stays until the new one has come.
 */
import {
  EMPTY_LIST,
  type NearbyFriendsClient,
  type NearbyFriendsError,
  type NearbyState,
} from 'nearby-friends-client';
import { useEffect, useState } from 'preact/hooks';

export function useNearbyFriends(client: NearbyFriendsClient, radiusMeters: number): NearbyView {
  const [list, setList] = useState<NearbyState | null>(null);
  const [connection, setConnection] = useState(client.connection);
  const [error, setError] = useState<NearbyFriendsError | null>(null);

  useEffect(() => client.onConnection(setConnection), [client]);
  useEffect(() => {
    setError(null);
    const leaveMarginMeters = radiusMeters * MARGIN_OF_RADIUS;
    return client.nearbyFriends({ radiusMeters, leaveMarginMeters }).subscribe(setList, setError);
  }, [client, radiusMeters]);

  return { ...(list ?? EMPTY_LIST), connection, known: list !== null, error };
}

export interface NearbyView extends NearbyState {
  /** False until the first list has come. */
  readonly known: boolean;
  /** The error that ended the list; null while it is live. A new radius starts a new list. */
  readonly error: NearbyFriendsError | null;
}

/** So much farther away friends leave the list, who would come and go at the edge with every fix. */
const MARGIN_OF_RADIUS = 0.1;
