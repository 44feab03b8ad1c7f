/** The job of one update, the same for every compared system: keep the place with a TTL, publish it, record it. */
import type { Redis } from 'ioredis';
import type { History } from './history.js';
import type { Person } from './people.js';
import { type Place, type PlaceInput, placeOf } from './place.js';
import { LOCATION_TTL_SECONDS } from './setting.js';

/** Who is connected, and where they are by what they last said. */
export interface Viewer {
  readonly person: Person;
  place: Place | null;
}

export const positionKey = (userId: string): string => `position:${userId}`;

export function createUpdateLocation(
  redis: Redis,
  history: History,
  publish: (viewer: Viewer, place: Place) => Promise<void>,
) {
  return async function updateLocation(viewer: Viewer, input: PlaceInput): Promise<true> {
    const now = new Date();
    const place = placeOf(input, now);
    viewer.place = place;
    await Promise.all([
      redis.set(positionKey(viewer.person.id), JSON.stringify(place), 'EX', LOCATION_TTL_SECONDS),
      publish(viewer, place),
      history.record(viewer.person.id, input, now),
    ]);
    return true;
  };
}
