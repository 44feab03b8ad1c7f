import fc from 'fast-check';
import { applyFrame, EMPTY_LIST, type NearbyFrame, type NearbyFriend } from 'nearby-friends-client';
import { expect, test } from 'vitest';

const ids = ['ann', 'bob', 'cleo', 'dan'];

const entry: fc.Arbitrary<NearbyFriend> = fc
  .record({ id: fc.constantFrom(...ids), distanceMeters: fc.integer({ min: 0, max: 5 }) })
  .map(({ id, distanceMeters }) => ({
    friend: { id, handle: id, displayName: id },
    distanceMeters,
    location: {
      latitude: 0,
      longitude: 0,
      accuracyMeters: null,
      speedMetersPerSecond: null,
      headingDegrees: null,
      recordedAt: '2026-11-23T00:00:00.000Z',
    },
    updatedAt: '2026-11-23T00:00:00.000Z',
    precision: 'EXACT',
  }));

/** As servers make them: a friend is in a message once. */
const frame: fc.Arbitrary<NearbyFrame> = fc
  .record({
    snapshot: fc.boolean(),
    nearby: fc.uniqueArray(entry, { selector: ({ friend }) => friend.id }),
    gone: fc.subarray(ids),
  })
  .map(({ snapshot, nearby, gone }) => ({
    snapshot,
    nearby,
    left: gone
      .filter((friendId) => nearby.every(({ friend }) => friend.id !== friendId))
      .map((friendId) => ({ friendId, reason: 'OUT_OF_RANGE' as const })),
    origin: null,
  }));

test('after any messages the list holds who was told last to be near, nearest first', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
      let list = EMPTY_LIST;
      for (const next of frames) list = applyFrame(list, next);
      for (const id of ids) {
        // The newest message that says anything about the friend; a snapshot says of everybody.
        const telling = frames.findLast(
          ({ snapshot, nearby, left }) =>
            snapshot ||
            nearby.some(({ friend }) => friend.id === id) ||
            left.some(({ friendId }) => friendId === id),
        );
        const expected = telling?.nearby.find(({ friend }) => friend.id === id);
        expect(list.friends.find(({ friend }) => friend.id === id)).toBe(expected);
      }
      const distances = list.friends.map(({ distanceMeters }) => distanceMeters);
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    }),
  );
});
