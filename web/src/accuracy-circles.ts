/** How exactly the places of friends are known: a circle around each whose accuracy is told. */
import type { NearbyFriend } from 'nearby-friends-client';
import { circleAround } from './circle.js';

export function accuracyCircles(friends: readonly NearbyFriend[]): GeoJSON.GeoJSON {
  const rings = friends.flatMap(({ location }) => {
    const meters = location.accuracyMeters ?? 0;
    return meters > 0 ? [[circleAround(location, meters)]] : [];
  });
  return { type: 'MultiPolygon', coordinates: rings };
}
