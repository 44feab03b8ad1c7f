/**
 * Tells clients the number of the place where they are, by which a load balancer lets people who are near each other
 * share a server. Nothing depends on it: a client that sends none, or a wrong one, is served as well.
 */
import { cellOf } from '../domain/cell.js';
import type { GeoPoint } from '../domain/distance.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import type { LocationStore } from './location-store.js';

export function createPlacement({ store, numberOf, clock }: PlacementDeps) {
  const near = (place: GeoPoint): string => numberOf(cellOf(place));

  return {
    /** The number of a place, digits: the same for everybody there. */
    near,

    /** The number of the user's newest location; null when none is known, or the store does not say soon. */
    async nearUser(userId: string): Promise<string | null> {
      const newest = store.newest([userId]).then(
        ([update]) => (update == null ? null : near(update)),
        () => null,
      );
      return within(clock, STORE_WAIT_MS, newest, null);
    },
  };
}

export type Placement = ReturnType<typeof createPlacement>;

export interface PlacementDeps {
  readonly store: Pick<LocationStore, 'newest'>;
  /** Makes the number of a cell, which does not tell the cell. */
  readonly numberOf: (cell: number) => string;
  readonly clock: Clock;
}

/** How long a connection waits for the number. */
const STORE_WAIT_MS = 250;
