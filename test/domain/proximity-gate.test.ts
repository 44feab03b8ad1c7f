import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { distanceMeters } from '../../src/domain/distance.js';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import { type NearbyFrame, type NearbyFriend, ProximityGate } from '../../src/domain/proximity-gate.js';
import type { UserCard } from '../../src/domain/user.js';

const RADIUS_METERS = 1_000;
const METERS_PER_DEGREE = 111_195.0802;

/** A place on the prime meridian, so many metres north of the equator. */
function at(meters: number, nth = 0): LocationUpdate {
  return {
    id: `update-${nth}`,
    latitude: meters / METERS_PER_DEGREE,
    longitude: 0,
    accuracyMeters: null,
    recordedAtMs: nth,
    receivedAtMs: nth,
  };
}

const card = (id: string): UserCard => ({ id, handle: id, displayName: id.toUpperCase() });

/** A gate with the friends around it, as a subscription keeps them. */
function createSubscriber(enterMeters: number, marginMeters = 0) {
  const visible = new Map<string, UserCard>();
  const limits = new Map<string, number>();
  const newest = new Map<string, LocationUpdate>();
  const gate = new ProximityGate<string>(
    { enterMeters, leaveMeters: enterMeters + marginMeters },
    {
      visibleCard: (friendId) => visible.get(friendId) ?? null,
      maxRadiusMeters: (friendId) => limits.get(friendId) ?? Infinity,
      newest: (friendId) => newest.get(friendId) ?? null,
    },
  );

  function keep(friendId: string, update: LocationUpdate | null): void {
    if (update === null) newest.delete(friendId);
    else newest.set(friendId, update);
  }

  return {
    setOrigin(update: LocationUpdate | null): void {
      gate.setOrigin(update);
      for (const friendId of newest.keys()) gate.place(friendId);
    },
    showFriend(shown: UserCard, update: LocationUpdate | null): void {
      visible.set(shown.id, shown);
      keep(shown.id, update);
      if (update !== null) gate.place(shown.id);
      else gate.takeOff(shown.id);
    },
    moveFriend(friendId: string, update: LocationUpdate | null): void {
      keep(friendId, update);
      if (update !== null) gate.place(friendId);
      else if (visible.has(friendId)) gate.takeOff(friendId);
    },
    limitFriend(friendId: string, meters: number): void {
      limits.set(friendId, meters);
    },
    hideFriend(friendId: string): void {
      visible.delete(friendId);
      gate.takeOff(friendId);
    },
    suspendFriend(friendId: string): void {
      visible.delete(friendId);
      gate.suspend(friendId);
    },
    startOver: () => {
      gate.startOver();
    },
    beginAnew(origin: LocationUpdate | null): void {
      gate.beginAnew();
      this.setOrigin(origin);
    },
    hasChanges: () => gate.hasChanges(),
    takeFrame: () => gate.takeFrame(),
    takeCoalesced: () => gate.takeCoalesced(),
  };
}

describe('one friend', () => {
  let gate: ReturnType<typeof createSubscriber>;
  beforeEach(() => {
    gate = createSubscriber(RADIUS_METERS);
    gate.setOrigin(at(0));
    gate.showFriend(card('ann'), at(500));
    expect(gate.takeFrame()?.nearby).toHaveLength(1);
  });

  test('has changes counted that newer ones replace or that come to nothing', () => {
    expect(gate.takeCoalesced()).toBe(0);
    for (const meters of [510, 520, 530]) gate.moveFriend('ann', at(meters));
    expect([gate.takeCoalesced(), gate.takeCoalesced()]).toEqual([2, 0]);
    gate.moveFriend('ann', at(2_000));
    gate.moveFriend('ann', at(540));
    expect(gate.takeCoalesced()).toBe(2);
    gate.takeFrame();
    gate.showFriend(card('bob'), at(100));
    gate.moveFriend('bob', at(3_000));
    expect([gate.takeFrame(), gate.takeCoalesced()]).toEqual([null, 1]);
  });

  test('is told of with place, distance and origin in the first frame, a snapshot', () => {
    gate = createSubscriber(RADIUS_METERS);
    gate.setOrigin(at(0));
    gate.showFriend(card('ann'), at(500, 1));
    expect(gate.takeFrame()).toEqual({
      snapshot: true,
      nearby: [{ friend: card('ann'), distanceMeters: 500, location: at(500, 1) }],
      left: [],
      origin: at(0),
    });
    expect(gate.takeFrame()).toBeNull();
    expect(gate.hasChanges()).toBe(false);
  });

  test('leaves OUT_OF_RANGE by moving out, once', () => {
    gate.moveFriend('ann', at(1_500));
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'OUT_OF_RANGE' }]);
    gate.moveFriend('ann', at(1_600));
    expect(gate.takeFrame()).toBeNull();
  });

  test('leaves OUT_OF_RANGE when the subscriber moves away', () => {
    gate.setOrigin(at(-1_000));
    expect(gate.takeFrame()).toEqual({
      snapshot: false,
      nearby: [],
      left: [{ friendId: 'ann', reason: 'OUT_OF_RANGE' }],
      origin: at(-1_000),
    });
  });

  test('leaves UNAVAILABLE by silence or by being hidden', () => {
    gate.moveFriend('ann', null);
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
    gate.moveFriend('ann', at(10));
    expect(gate.takeFrame()?.nearby).toHaveLength(1);
    gate.hideFriend('ann');
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
    gate.moveFriend('ann', at(20));
    expect(gate.takeFrame()).toBeNull();
  });

  test('who moved out and was hidden before a frame leaves UNAVAILABLE', () => {
    gate.moveFriend('ann', at(1_500));
    gate.hideFriend('ann');
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
    expect(gate.takeFrame()).toBeNull();
  });

  test('who was suspended and is out of range when shown again leaves OUT_OF_RANGE', () => {
    gate.suspendFriend('ann');
    gate.moveFriend('ann', at(1_500));
    expect(gate.takeFrame()).toBeNull();
    gate.showFriend(card('ann'), at(1_600));
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'OUT_OF_RANGE' }]);
  });

  test('out and in again between two frames is a move, in and out again is silence', () => {
    gate.moveFriend('ann', at(1_500));
    gate.moveFriend('ann', at(600));
    expect(gate.takeFrame()).toMatchObject({ nearby: [{ friend: { id: 'ann' } }], left: [] });
    gate.showFriend(card('bob'), at(100));
    gate.moveFriend('bob', at(1_100));
    expect(gate.hasChanges()).toBe(false);
    expect(gate.takeFrame()).toBeNull();
  });

  test('beyond a limit of their own is not shown, and leaves as one who is not to be seen', () => {
    gate.limitFriend('ann', 450);
    gate.showFriend(card('ann'), at(500));
    expect(gate.takeFrame()?.left).toEqual([]);
    gate.suspendFriend('ann');
    gate.showFriend(card('ann'), at(500));
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
    gate.moveFriend('ann', at(440));
    expect(gate.takeFrame()?.nearby).toHaveLength(1);
    gate.moveFriend('ann', at(460));
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
    gate.setOrigin(at(20));
    expect(gate.takeFrame()?.nearby).toHaveLength(1);
    gate.moveFriend('ann', at(2_000));
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'OUT_OF_RANGE' }]);
    gate.moveFriend('ann', at(900));
    expect(gate.takeFrame()).toBeNull();
  });

  test('at exactly the radius is near', () => {
    const radius = distanceMeters(at(0), at(700));
    gate = createSubscriber(radius);
    gate.setOrigin(at(0));
    gate.showFriend(card('ann'), at(700));
    expect(gate.takeFrame()?.nearby).toHaveLength(1);
  });

  test('who is suspended is not told of until shown or hidden', () => {
    gate.moveFriend('ann', at(400));
    gate.suspendFriend('ann');
    gate.moveFriend('ann', at(1_500));
    gate.setOrigin(at(10));
    expect(gate.takeFrame()).toBeNull();
    gate.hideFriend('ann');
    expect(gate.takeFrame()?.left).toEqual([{ friendId: 'ann', reason: 'UNAVAILABLE' }]);
  });

  test('who is suspended stays off a snapshot, and comes back when shown', () => {
    gate.suspendFriend('ann');
    gate.setOrigin(null);
    gate.setOrigin(at(0));
    expect(gate.takeFrame()).toMatchObject({ snapshot: true, nearby: [] });
    gate.showFriend(card('ann'), at(20));
    expect(gate.takeFrame()).toMatchObject({ snapshot: false, nearby: [{ friend: { id: 'ann' } }] });
  });

  test('is told of again by a snapshot when the last frame did not reach the subscriber', () => {
    gate.startOver();
    expect(gate.hasChanges()).toBe(true);
    expect(gate.takeFrame()).toMatchObject({ snapshot: true, nearby: [{ friend: { id: 'ann' } }] });
    expect(gate.takeFrame()).toBeNull();
  });

  test('losing the origin empties the list by a snapshot; having one again is told even with nobody near', () => {
    gate.setOrigin(null);
    expect(gate.takeFrame()).toEqual({ snapshot: true, nearby: [], left: [], origin: null });
    gate.moveFriend('ann', at(1_500));
    expect(gate.takeFrame()).toBeNull();
    gate.setOrigin(at(0));
    expect(gate.takeFrame()).toEqual({ snapshot: false, nearby: [], left: [], origin: at(0) });
  });
});

describe('a friend at the edge, with a margin', () => {
  const MARGIN_METERS = 100;
  const [inside, atEdge, beyond] = [at(990), at(1_050), at(1_101)];
  let gate: ReturnType<typeof createSubscriber>;
  beforeEach(() => {
    gate = createSubscriber(RADIUS_METERS, MARGIN_METERS);
    gate.setOrigin(at(0));
    gate.showFriend(card('ann'), atEdge);
    expect(gate.takeFrame()?.nearby).toEqual([]);
  });

  const told = () => {
    const frame = gate.takeFrame();
    return frame === null ? null : { nearby: frame.nearby.length, left: frame.left };
  };
  const left = [{ friendId: 'ann', reason: 'OUT_OF_RANGE' }];

  test('comes by the radius alone, and leaves beyond both', () => {
    gate.moveFriend('ann', atEdge);
    expect(told()).toBeNull();
    gate.moveFriend('ann', inside);
    expect(told()).toEqual({ nearby: 1, left: [] });
    for (let step = 0; step < 3; step++) {
      for (const place of [atEdge, inside]) {
        gate.moveFriend('ann', place);
        expect(told()).toEqual({ nearby: 1, left: [] });
      }
    }
    gate.moveFriend('ann', beyond);
    expect(told()).toEqual({ nearby: 0, left });
    gate.moveFriend('ann', atEdge);
    expect(told()).toBeNull();
  });

  test('who comes and goes back before a frame is not mentioned, and who leaves and comes back has moved', () => {
    gate.moveFriend('ann', inside);
    gate.moveFriend('ann', atEdge);
    expect(told()).toBeNull();
    gate.moveFriend('ann', inside);
    expect(told()).toEqual({ nearby: 1, left: [] });
    gate.moveFriend('ann', beyond);
    gate.moveFriend('ann', atEdge);
    expect(told()).toEqual({ nearby: 1, left: [] });
  });

  test('stays when the list begins anew, and has to come again after the origin was lost', () => {
    gate.moveFriend('ann', inside);
    gate.takeFrame();
    gate.beginAnew(at(-50));
    expect(gate.takeFrame()).toMatchObject({ snapshot: true, nearby: [{ distanceMeters: 1_040 }] });
    gate.setOrigin(null);
    gate.takeFrame();
    gate.setOrigin(at(-50));
    expect(told()).toEqual({ nearby: 0, left: [] });
  });

  test('has no margin beyond their own limit', () => {
    gate.limitFriend('ann', 1_020);
    gate.showFriend(card('ann'), inside);
    expect(told()).toEqual({ nearby: 1, left: [] });
    gate.moveFriend('ann', at(1_015));
    expect(told()).toEqual({ nearby: 1, left: [] });
    gate.moveFriend('ann', atEdge);
    expect(told()).toEqual({ nearby: 0, left: [{ friendId: 'ann', reason: 'UNAVAILABLE' }] });
  });
});

type Operation =
  | { readonly kind: 'origin'; readonly meters: number | null }
  | { readonly kind: 'show' | 'move'; readonly friend: string; readonly meters: number | null }
  | { readonly kind: 'hide' | 'suspend'; readonly friend: string }
  | { readonly kind: 'frame' }
  | { readonly kind: 'startOver' }
  | { readonly kind: 'beginAnew' };

const friend = fc.constantFrom('ann', 'bob', 'cid', 'dee');
const meters = fc.option(fc.integer({ min: -1_000, max: 1_000 }), { freq: 6 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('origin' as const), meters }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('show' as const), friend, meters }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('move' as const), friend, meters }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hide', 'suspend'), friend }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'frame' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'startOver' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'beginAnew' } as const) },
);

/** What the friends are to the subscriber, without any thought of frames. */
interface Known {
  update: LocationUpdate | null;
  state: 'visible' | 'suspended' | 'hidden';
}

/** A client's list, kept as the schema says, with what must hold of every frame. */
function createClient() {
  const list = new Map<string, NearbyFriend>();
  let origin: LocationUpdate | null = null;
  return {
    list,
    get origin() {
      return origin;
    },
    apply(frame: NearbyFrame, known: ReadonlyMap<string, Known>): void {
      if (frame.snapshot) {
        list.clear();
        expect(frame.left).toEqual([]);
      } else {
        expect(
          frame.nearby.length + frame.left.length > 0 || (origin === null) !== (frame.origin === null),
        ).toBe(true);
      }
      origin = frame.origin;
      const distances = frame.nearby.map(({ distanceMeters }) => distanceMeters);
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
      for (const entry of frame.nearby) {
        expect(known.get(entry.friend.id)?.state).toBe('visible');
        expect(frame.left.map(({ friendId }) => friendId)).not.toContain(entry.friend.id);
        list.set(entry.friend.id, entry);
      }
      for (const { friendId, reason } of frame.left) {
        expect(list.delete(friendId)).toBe(true);
        const { state, update } = known.get(friendId) ?? { state: 'hidden', update: null };
        expect(state).not.toBe('suspended');
        expect(reason).toBe(state === 'visible' && update !== null ? 'OUT_OF_RANGE' : 'UNAVAILABLE');
      }
    },
  };
}

test('the nearest come first, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: RADIUS_METERS - 1 }), { maxLength: 150 }), (places) => {
      const subscriber = createSubscriber(RADIUS_METERS);
      subscriber.setOrigin(at(0));
      places.forEach((place, nth) => {
        subscriber.showFriend(card(`friend-${nth}`), at(place, nth));
      });
      const nearby = subscriber.takeFrame()?.nearby ?? [];
      expect(nearby.map(({ distanceMeters }) => Math.round(distanceMeters))).toEqual(
        [...places].sort((a, b) => a - b),
      );
      expect(new Set(nearby.map(({ friend }) => friend.id)).size).toBe(places.length);
    }),
  );
});

test('a client that applies the frames holds what brute force gives, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 60 }),
      fc.constantFrom(0, 300),
      (operations, marginMeters) => {
        const gate = createSubscriber(RADIUS_METERS, marginMeters);
        const client = createClient();
        /** Who leaves only beyond the margin. */
        let onList = new Set<string>();
        const known = new Map<string, Known>();
        let origin: LocationUpdate | null = null;
        let nth = 0;
        const place = (value: number | null) => (value === null ? null : at(value, ++nth));

        const takeFrame = (): void => {
          const hadChanges = gate.hasChanges();
          const frame = gate.takeFrame();
          expect(hadChanges).toBe(frame !== null);
          if (frame !== null) client.apply(frame, known);
          expect(gate.takeFrame()).toBeNull();
          const expected = [...known].flatMap(([id, { update, state }]) => {
            if (state !== 'visible' || update === null || origin === null) return [];
            const distance = distanceMeters(origin, update);
            const radius = onList.has(id) ? RADIUS_METERS + marginMeters : RADIUS_METERS;
            return distance <= radius ? [{ id, update, distance: Number(distance.toFixed(2)) }] : [];
          });
          // What is told of a suspended friend may be old: it is left as it is.
          const held = [...client.list.values()]
            .filter(({ friend }) => known.get(friend.id)?.state !== 'suspended')
            .map(({ friend, location, distanceMeters }) => ({
              id: friend.id,
              update: location,
              distance: distanceMeters,
            }));
          const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
          expect(held.sort(byId)).toEqual(expected.sort(byId));
          expect(client.origin === null).toBe(origin === null);
          if (held.length > 0) expect(client.origin).toBe(origin);
          onList = new Set(client.list.keys());
        };

        for (const step of operations) {
          if (step.kind === 'frame') {
            takeFrame();
          } else if (step.kind === 'startOver') {
            gate.startOver();
          } else if (step.kind === 'beginAnew') {
            gate.beginAnew(origin);
          } else if (step.kind === 'origin') {
            origin = place(step.meters);
            if (origin === null) onList.clear();
            gate.setOrigin(origin);
          } else if (step.kind === 'show') {
            const update = place(step.meters);
            known.set(step.friend, { update, state: 'visible' });
            gate.showFriend(card(step.friend), update);
          } else if (step.kind === 'move') {
            const update = place(step.meters);
            const entry = known.get(step.friend);
            if (entry?.state === 'visible') entry.update = update;
            gate.moveFriend(step.friend, update);
          } else if (step.kind === 'hide') {
            if (known.has(step.friend)) known.set(step.friend, { update: null, state: 'hidden' });
            gate.hideFriend(step.friend);
          } else {
            const entry = known.get(step.friend);
            if (entry !== undefined) entry.state = 'suspended';
            gate.suspendFriend(step.friend);
          }
        }
        takeFrame();
      },
    ),
    { numRuns: 500 },
  );
});
