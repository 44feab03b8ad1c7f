import fc from 'fast-check';
import type { NearbyFriend } from 'nearby-friends-client';
import { describe, expect, it } from 'vitest';
import { groupFriends } from '../../web/src/friend-groups.js';

function friendAt(latitude: number, longitude: number, id: string): NearbyFriend {
  return {
    friend: { id, handle: id, displayName: id },
    distanceMeters: 0,
    updatedAt: '2026-01-01T00:00:00.000Z',
    location: { latitude, longitude, recordedAt: '2026-01-01T00:00:00.000Z' },
  } as NearbyFriend;
}

describe('groupFriends', () => {
  it('has every friend in one group, at every zoom', () => {
    const place = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 60 }),
        fc.double({ min: -2, max: 24, noNaN: true }),
        (places, zoom) => {
          const friends = places.map(({ latitude, longitude }, index) =>
            friendAt(latitude, longitude, String(index)),
          );
          const ids = groupFriends(friends, zoom).flatMap(({ members }) =>
            members.map(({ friend }) => friend.id),
          );
          expect(ids.map(Number).sort((one, other) => one - other)).toEqual([...places.keys()]);
        },
      ),
    );
  });

  it('puts together who is in one house, and nobody who is 60 pixels away', () => {
    // At zoom 14 and 38° north a pixel is 3.8 metres.
    const friends = [
      friendAt(38, 23.7, 'house 1'),
      friendAt(38.00001, 23.70001, 'house 2'),
      friendAt(38.0021, 23.7, 'street'),
    ];
    const names = groupFriends(friends, 14).map(({ members }) =>
      members.map(({ friend }) => friend.id).sort(),
    );
    expect(names.sort()).toEqual([['house 1', 'house 2'], ['street']]);
  });
});
