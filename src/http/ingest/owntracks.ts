/**
 * What OwnTracks sends in its HTTP mode, and what it takes as an answer (https://owntracks.org/booklet/tech/json):
 * one message a request, of many types, of which a location alone says where the phone is. The answer is a list of
 * messages, in which friends are shown on the app's own map.
 */
import type { NearbyFriend } from '../../domain/proximity-gate.js';
import { type AppFix, numberIn } from './app-fix.js';

/** @param message null for an empty body, which the app sends when a friend is deleted in it. */
export function readOwnTracks(message: unknown): readonly AppFix[] {
  if (typeof message !== 'object' || message === null) return [];
  const { _type, lat, lon, tst, acc, vel, cog } = message as Readonly<Record<string, unknown>>;
  if (_type !== 'location') return [];
  return [
    {
      latitude: numberIn(lat),
      longitude: numberIn(lon),
      recordedAtMs: numberIn(tst) * 1_000,
      // 0 is left out by the apps, and stands for what is not known.
      accuracyMeters: numberIn(acc) > 0 ? numberIn(acc) : null,
      speedMetersPerSecond: numberIn(vel) / KMH_PER_METER_PER_SECOND,
      headingDegrees: numberIn(cog),
    },
  ];
}

/**
 * Each friend is a card with the name, and a location. Both apps tell friends apart by `tid` alone, whatever its length,
 * and write its first two letters on the map, so it is the handle (OwnTracks for Android 2.5, for iOS 18.4).
 */
export function writeOwnTracks(friends: readonly NearbyFriend[]): object[] {
  return friends.flatMap(({ friend, location }) => [
    { _type: 'card', tid: friend.handle, name: friend.displayName },
    {
      _type: 'location',
      tid: friend.handle,
      lat: location.latitude,
      lon: location.longitude,
      tst: Math.floor(location.recordedAtMs / 1_000),
      ...whole('acc', location.accuracyMeters),
      ...whole('vel', (location.speedMetersPerSecond ?? 0) * KMH_PER_METER_PER_SECOND),
      ...whole('cog', location.headingDegrees),
    },
  ]);
}

const KMH_PER_METER_PER_SECOND = 3.6;

/** The apps take whole numbers, and leave out what is 0. */
function whole(key: string, value: number | null | undefined): object {
  const rounded = Math.round(value ?? 0);
  return rounded === 0 ? {} : { [key]: rounded };
}
