import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.js';
import { MAX_FRIENDS, type FriendRequest } from '../../src/domain/friendship.js';
import * as rules from '../../src/domain/pair.js';
import type { Pair, PairChange, PairDecision } from '../../src/domain/pair.js';

const ann = { id: 'ann', handle: 'ann', displayName: 'Ann' };
const bob = { id: 'bob', handle: 'bob', displayName: 'Bob' };

const STRANGERS: Pair = {
  viewer: ann,
  other: bob,
  friends: false,
  viewerBlocks: false,
  otherBlocks: false,
  pending: null,
  viewerFriendCount: 0,
  otherFriendCount: 0,
  otherDeclinedLately: false,
};

interface World {
  pair: Pair;
  /** The newest request that was made, whatever became of it. */
  request: FriendRequest | null;
}

const ACTS = {
  ask: ({ pair }: World) => rules.ask(pair, `request ${Math.random()}`, 0),
  accept: ({ pair, request }: World) => request && rules.accept(pair, request),
  decline: ({ pair, request }: World) => request && rules.decline(pair, request),
  cancel: ({ pair, request }: World) => request && rules.cancel(pair, request),
  remove: ({ pair }: World) => rules.remove(pair),
  block: ({ pair }: World) => rules.block(pair),
};

const steps = fc.array(
  fc.record({ swapped: fc.boolean(), act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])) }),
  { maxLength: 30 },
);

test('whatever the two do, friendship, request and block exclude each other', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const world: World = { pair: STRANGERS, request: null };
      for (const { swapped, act } of sequence) {
        if (swapped) world.pair = seenFromOther(world.pair);
        const decision = attempt<unknown>(() => ACTS[act](world));
        for (const change of decision?.changes ?? []) apply(world, change);
        const { friends, pending, viewerBlocks, otherBlocks } = world.pair;
        expect([friends, pending !== null, viewerBlocks || otherBlocks].filter(Boolean).length).toBeLessThan(
          2,
        );
        expect(viewerBlocks && otherBlocks).toBe(false);
        if (pending !== null) expect(world.request).toEqual(pending);
        if (friends) expect(world.request?.status).toBe('ACCEPTED');
      }
    }),
    { numRuns: 500 },
  );
});

test('every change is told to both sides, but a block to nobody', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const world: World = { pair: STRANGERS, request: null };
      for (const { swapped, act } of sequence) {
        if (swapped) world.pair = seenFromOther(world.pair);
        const changes = attempt<unknown>(() => ACTS[act](world))?.changes ?? [];
        const notifications = rules.notificationsOf(world.pair, changes);
        const told = changes.filter(({ kind }) => kind !== 'block').length;
        for (const { id } of [ann, bob])
          expect(notifications.filter(({ userId }) => userId === id)).toHaveLength(told);
        for (const change of changes) apply(world, change);
      }
    }),
  );
});

test('who declined lately is told of no further request, nor that it was taken back, but that it is answered', () => {
  const declined = { ...STRANGERS, otherDeclinedLately: true };
  const { result, changes } = rules.ask(declined, 'id', 0);
  const toldOf = (pair: Pair, made: readonly PairChange[]) =>
    rules.notificationsOf(pair, made).map(({ userId }) => userId);
  expect(toldOf(declined, changes)).toEqual(['ann']);
  const asked = { ...declined, pending: result };
  expect(toldOf(asked, rules.cancel(asked, result).changes)).toEqual(['ann']);
  const bobs = { ...seenFromOther(asked), otherDeclinedLately: false };
  expect(toldOf(bobs, rules.decline(bobs, result).changes)).toEqual(['bob', 'ann']);
  // Bob asks in turn, which accepts: Ann had declined one of his, too.
  const both = { ...bobs, otherDeclinedLately: true };
  expect(toldOf(both, rules.ask(both, 'another', 0).changes)).toEqual(['bob', 'ann', 'bob', 'ann']);
  expect(toldOf(both, rules.decline(both, result).changes)).toEqual(['bob', 'ann']);
});

test('the limit counts for both sides, at asking and at accepting', () => {
  const request: FriendRequest = { id: 'r', from: bob, to: ann, status: 'PENDING', createdAtMs: 0 };
  for (const counts of [{ viewerFriendCount: MAX_FRIENDS }, { otherFriendCount: MAX_FRIENDS }]) {
    const full = { ...STRANGERS, ...counts };
    expect(() => rules.ask(full, 'id', 0)).toThrow('At most');
    expect(() => rules.accept({ ...full, pending: request }, request)).toThrow('At most');
    expect(rules.decline({ ...full, pending: request }, request).result.status).toBe('DECLINED');
  }
  const almost = { ...STRANGERS, viewerFriendCount: MAX_FRIENDS - 1, pending: request };
  expect(rules.accept(almost, request).result.status).toBe('ACCEPTED');
});

function attempt<T>(act: () => PairDecision<T> | null): PairDecision<T> | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

function apply(world: World, change: PairChange): void {
  switch (change.kind) {
    case 'befriend':
    case 'unfriend':
      world.pair = { ...world.pair, friends: change.kind === 'befriend' };
      return;
    case 'block':
      world.pair = { ...world.pair, viewerBlocks: true };
      return;
    case 'ask':
    case 'answer': {
      world.request = change.request;
      world.pair = { ...world.pair, pending: change.kind === 'ask' ? change.request : null };
      return;
    }
  }
}

function seenFromOther(pair: Pair): Pair {
  return {
    ...pair,
    viewer: pair.other,
    other: pair.viewer,
    viewerBlocks: pair.otherBlocks,
    otherBlocks: pair.viewerBlocks,
    viewerFriendCount: pair.otherFriendCount,
    otherFriendCount: pair.viewerFriendCount,
  };
}
