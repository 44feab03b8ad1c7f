/**
 * Puts friends together whose markers would cover each other. Every friend is in one group; a group of one is a
 * friend who stands alone.
 */
import type { NearbyFriend } from 'nearby-friends-client';
import Supercluster from 'supercluster';

/** @param zoom of the map; the whole zoom nearest to it counts. */
export function groupFriends(friends: readonly NearbyFriend[], zoom: number): FriendGroup[] {
  const level = Math.max(0, Math.round(zoom));
  const index = new Supercluster<Member>({ minZoom: level, maxZoom: level, radius: RADIUS, extent: TILE });
  index.load(
    friends.map((friend) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [friend.location.longitude, friend.location.latitude] },
      properties: { friend },
    })),
  );
  return index.getClusters([-180, -90, 180, 90], level).map(({ geometry, properties }) => {
    const [longitude = 0, latitude = 0] = geometry.coordinates;
    const members =
      'cluster_id' in properties
        ? index.getLeaves(properties.cluster_id, Infinity).map((leaf) => leaf.properties.friend)
        : [properties.friend];
    return { members, longitude, latitude };
  });
}

export interface FriendGroup {
  readonly members: readonly NearbyFriend[];
  /** The middle of its members, in degrees. */
  readonly longitude: number;
  readonly latitude: number;
}

interface Member {
  readonly friend: NearbyFriend;
}

/** Markers nearer than this are put together, in pixels; a marker is 30 wide. */
const RADIUS = 40;
/** The width of a tile at its zoom, in pixels. */
const TILE = 512;
