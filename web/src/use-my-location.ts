/**
 * The location that the page reports for its user: the device's, the marker's, or none, which takes the last one back.
 * The choice survives a reload, so that friends do not lose a user who only pressed F5. The tabs of one browser are one
 * device, so a choice in one of them holds in all.
 */
import {
  type Fix,
  type LocationSharing,
  type LocationSource,
  type NearbyFriendsClient,
  NearbyFriendsError,
  type TextStorage,
} from 'nearby-friends-client';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { deviceLocation, type DeviceState, onAllowed } from './device-location.js';
import { failureText } from './failure-text.js';
import type { Place } from './page-setup.js';

/**
 * @param initial the marker's first place, unless the user has chosen before; null starts with no location.
 */
export function useMyLocation(
  client: NearbyFriendsClient,
  storage: TextStorage,
  userId: string,
  initial: Place | null,
): MyLocation {
  const [choice, setChoice] = useState(
    () => keptChoice(storage, userId) ?? (initial === null ? NOWHERE : markerAt(initial)),
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [device, setDevice] = useState<DeviceState>('looking');
  /** Another number when the device is to be asked again. */
  const [attempt, setAttempt] = useState(0);
  const marker = useRef<Place | null>(null);
  const sharing = useRef<LocationSharing | null>(null);
  const hasReported = useRef(false);
  const refused = useRef(false);
  refused.current = device === 'refused';
  marker.current = choice.from === 'marker' ? choice.place : null;

  useEffect(() => {
    if (choice.from === 'nowhere') {
      // Each tab does so: what it has sent comes before it.
      if (hasReported.current)
        client.clearLocation().catch((error: unknown) => {
          setProblem(failureText(error));
        });
      return;
    }
    hasReported.current = true;
    let started: LocationSharing;
    try {
      started = client.shareLocation({
        storage,
        source: choice.from === 'marker' ? markerSource(() => marker.current) : deviceLocation(setDevice),
        onReported: () => {
          setProblem(null);
        },
        onError: (error) => {
          // What the device says is told by its state.
          if (error instanceof NearbyFriendsError) setProblem(error.message);
        },
      });
    } catch (error) {
      setProblem(failureText(error));
      return;
    }
    sharing.current = started;
    return () => {
      sharing.current = null;
      started.stop();
    };
  }, [client, storage, choice.from, attempt]);

  useEffect(() => {
    if (choice.from !== 'device') return;
    return onAllowed(() => {
      if (refused.current) setAttempt((before) => before + 1);
    });
  }, [choice.from]);

  useEffect(() => {
    const adopt = (): void => {
      const kept = keptChoice(storage, userId);
      setChoice((mine) => (kept === null || JSON.stringify(kept) === JSON.stringify(mine) ? mine : kept));
    };
    addEventListener('storage', adopt);
    return () => {
      removeEventListener('storage', adopt);
    };
  }, [storage, userId]);

  const choose = useCallback(
    (next: LocationChoice): void => {
      setProblem(null);
      setChoice(next);
      if (next.from === 'device') setAttempt((before) => before + 1);
      storage.setItem(KEPT_AS, JSON.stringify({ userId, choice: next } satisfies Kept));
      marker.current = next.from === 'marker' ? next.place : null;
      // A moved marker is reported at once, whatever the policy of reports says.
      if (marker.current !== null) sharing.current?.report(fixAt(marker.current));
    },
    [storage, userId],
  );

  return { choice, device, problem, choose };
}

export const markerAt = ({ latitude, longitude }: Place): LocationChoice => ({
  from: 'marker',
  place: { latitude, longitude },
});

export type LocationChoice =
  | { readonly from: 'nowhere' }
  | { readonly from: 'device' }
  | { readonly from: 'marker'; readonly place: Place };

export interface MyLocation {
  readonly choice: LocationChoice;
  /** What the search for the device has come to, when the location is the device's. */
  readonly device: DeviceState;
  /** What is wrong with the reports; null when all is well. */
  readonly problem: string | null;
  choose(choice: LocationChoice): void;
}

interface Kept {
  readonly userId: string;
  readonly choice: LocationChoice;
}

const KEPT_AS = 'nearby-friends-location';

const NOWHERE: LocationChoice = { from: 'nowhere' };

function fixAt({ latitude, longitude }: Place): Fix {
  return { latitude, longitude, accuracyMeters: null, takenAtMs: Date.now() };
}

/** Makes a source of positions out of the marker. */
function markerSource(place: () => Place | null): LocationSource {
  const current = (): Fix => {
    const at = place();
    if (at === null) throw new Error('The marker is gone.');
    return fixAt(at);
  };
  return {
    watch(onFix) {
      onFix(current());
      return () => undefined;
    },
    current: async () => current(),
  };
}

function keptChoice(storage: TextStorage, userId: string): LocationChoice | null {
  try {
    const kept = JSON.parse(storage.getItem(KEPT_AS) ?? 'null') as Kept | null;
    return kept?.userId === userId ? kept.choice : null;
  } catch {
    return null;
  }
}
