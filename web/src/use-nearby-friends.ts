/**
 * The live list within a radius. After a change of the radius the old list stays until the new one has come. Without a
 * connection it is the last list, of which nobody is shown for longer than the server would.
 */
import {
  EMPTY_LIST,
  type NearbyFriendsClient,
  type NearbyFriendsError,
  type NearbyState,
  type TextStorage,
} from 'nearby-friends-client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { latest } from './latest.js';
import { keepLastList, type LastList, readLastList, stillThere } from './last-list.js';

export function useNearbyFriends(
  { client, storage, userId, ttlMs, nowMs }: Viewing,
  radiusMeters: number,
): NearbyView {
  const [list, setList] = useState<NearbyState | null>(null);
  const [connection, setConnection] = useState(client.connection);
  const [error, setError] = useState<NearbyFriendsError | null>(null);
  const [lastList] = useState(() => readLastList(storage, userId, nowMs, ttlMs));
  const [openedAtMs] = useState(nowMs);
  const unkept = useRef<LastList | null>(null);

  useEffect(() => client.onConnection(setConnection), [client]);
  useEffect(() => {
    setError(null);
    const leaveMarginMeters = radiusMeters * MARGIN_OF_RADIUS;
    const shown = latest(SHOW_MS, setList);
    const show = (next: NearbyState): void => {
      shown.set(next);
      if (next.connection.state === 'live') unkept.current = { ...next, asOfMs: client.now() };
    };
    const leave = client.nearbyFriends({ radiusMeters, leaveMarginMeters }).subscribe(show, setError);
    return () => {
      leave();
      shown.stop();
    };
  }, [client, radiusMeters]);
  useEffect(() => {
    const keep = (): void => {
      if (unkept.current !== null && client.userId === userId) keepLastList(storage, userId, unkept.current);
      unkept.current = null;
    };
    const timer = setInterval(keep, KEEP_MS);
    addEventListener('pagehide', keep);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', keep);
    };
  }, [client, storage, userId]);

  const isLate = !navigator.onLine || nowMs - openedAtMs > PATIENCE_MS;
  const last = list === null && isLate ? lastList : null;
  const isLive = list !== null && connection.state === 'live';
  const { friends, ...shown } = list ?? last ?? EMPTY_LIST;
  return {
    ...shown,
    friends: isLive ? friends : stillThere(friends, nowMs, ttlMs),
    connection,
    known: list !== null,
    asOfMs: last?.asOfMs ?? null,
    error,
  };
}

interface Viewing {
  readonly client: NearbyFriendsClient;
  readonly storage: TextStorage;
  readonly userId: string;
  /** After so long without an update a friend is inactive, milliseconds. */
  readonly ttlMs: number;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}

export interface NearbyView extends NearbyState {
  /** False until the first list has come. */
  readonly known: boolean;
  /** When a list of an earlier visit was up to date; null for a list of this one. */
  readonly asOfMs: number | null;
  /** The error that ended the list; null while it is live. A new radius starts a new list. */
  readonly error: NearbyFriendsError | null;
}

/** So much farther away friends leave the list, who would come and go at the edge with every fix. */
const MARGIN_OF_RADIUS = 0.1;

/** How long a connection may take before the page shows what it knows. */
const PATIENCE_MS = 2_000;

/** A crowd changes many times a second. */
const SHOW_MS = 250;
const KEEP_MS = 5_000;
