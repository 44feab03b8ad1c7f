/**
 * What friends may see of the user, and the exceptions for single ones, as it is at every moment: changes of other tabs
 * and devices come, too. Exceptions that cannot be read are not known, and are read again.
 */
import {
  type NearbyFriendsClient,
  type SharingExceptionFieldsFragment,
  SharingExceptionsDocument,
  type SharingState,
  type TextStorage,
} from 'nearby-friends-client';
import { useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { PAGE_SIZE, readAll } from './read-all.js';
import type { Exception } from './seen-by-one.js';

/** @param nowMs the server's time, milliseconds since the epoch. */
export function useSharing(client: NearbyFriendsClient, storage: TextStorage, nowMs: number): SharingView {
  const [told, setTold] = useState(NOTHING_TOLD);
  const [exceptions, setExceptions] = useState<SharingView['exceptions']>(null);
  const [endError, setEndError] = useState<string | null>(null);
  const [readError, setReadError] = useState<string | null>(null);

  useEffect(() => {
    const adopt = (state: SharingState): void => {
      setEndError(null);
      setTold(({ state: before, friendships, reads }) => {
        const isFriendship = state.friendsChanged?.length !== 0;
        const isException = state.exceptionsChanged?.length !== 0;
        return {
          state,
          friendships: before !== null && isFriendship ? friendships + 1 : friendships,
          // With a friendship its exception ends.
          reads: isFriendship || isException ? reads + 1 : reads,
        };
      });
    };
    return client.sharing({ storage }).subscribe(adopt, (error) => {
      setTold(NOTHING_TOLD);
      setEndError(failureText(error));
    });
  }, [client, storage]);

  useEffect(() => {
    if (told.reads === 0) return;
    let isNewest = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    readAll(
      async (after) =>
        (await client.request(SharingExceptionsDocument, { first: PAGE_SIZE, after })).sharingExceptions,
    ).then(
      (all) => {
        if (!isNewest) return;
        setExceptions(all);
        setReadError(null);
      },
      (error: unknown) => {
        if (!isNewest) return;
        setExceptions(null);
        setReadError(failureText(error));
        retry = setTimeout(() => {
          setTold((before) => ({ ...before, reads: before.reads + 1 }));
        }, RETRY_MS);
      },
    );
    return () => {
      isNewest = false;
      clearTimeout(retry);
    };
  }, [client, told.reads]);

  const isLive = told.state?.connection.state === 'live';
  return {
    state: told.state,
    friendships: told.friendships,
    exceptions:
      isLive && exceptions !== null
        ? exceptions.filter(({ until }) => until === null || Date.parse(until) > nowMs)
        : null,
    error: endError ?? readError,
  };
}

export interface SharingView {
  /** Null until it is known. */
  readonly state: SharingState | null;
  /** Another number whenever friendships may have begun or ended. */
  readonly friendships: number;
  /** What single friends see. Null while it is not known. */
  readonly exceptions: readonly SharingExceptionFieldsFragment[] | null;
  /** Why something is not known; null when all went well. */
  readonly error: string | null;
}

/** The exception for a friend; null for none, and undefined while it is not known. */
export const exceptionOf = ({ exceptions }: SharingView, friendId: string): Exception =>
  exceptions === null ? undefined : (exceptions.find(({ friend }) => friend.id === friendId) ?? null);

interface Told extends Pick<SharingView, 'state' | 'friendships'> {
  /** How often exceptions were to be read. */
  readonly reads: number;
}

const RETRY_MS = 5_000;

const NOTHING_TOLD: Told = { state: null, friendships: 0, reads: 0 };
