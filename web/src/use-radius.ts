/** The radius within which the user looks for friends. It survives a reload. */
import type { TextStorage } from 'nearby-friends-client';
import { useState } from 'preact/hooks';

/** @param initial in metres, unless the user has chosen before. */
export function useRadius(
  storage: TextStorage,
  userId: string,
  initial: number,
): readonly [meters: number, choose: (meters: number) => void] {
  const [radiusMeters, setRadiusMeters] = useState(() => keptRadius(storage, userId) ?? initial);
  return [
    radiusMeters,
    (meters) => {
      setRadiusMeters(meters);
      storage.setItem(KEPT_AS, JSON.stringify({ userId, meters } satisfies Kept));
    },
  ];
}

interface Kept {
  readonly userId: string;
  readonly meters: number;
}

const KEPT_AS = 'nearby-friends-radius';

function keptRadius(storage: TextStorage, userId: string): number | null {
  try {
    const kept = JSON.parse(storage.getItem(KEPT_AS) ?? 'null') as Kept | null;
    return kept?.userId === userId && kept.meters > 0 ? kept.meters : null;
  } catch {
    return null;
  }
}
