/** The oracle of the faults finds what is wrong, and takes for right what may be so. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Member } from '../support/crowd.js';
import type { NearbyEntry } from '../support/nearby-list.js';
import { type Place, travel } from '../support/sphere.js';
import { createLedger, type Ledger, pairOf, sessionOf } from './ledger.js';

const HERE = { latitude: 48.21, longitude: 16.37 };
const LATE_MS = 1_250;

let ledger: Ledger;
let ann: Member;
let bob: Member;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  ledger = createLedger(LATE_MS);
  [ann, bob] = [memberOf('ann'), memberOf('bob')];
  ann.friends.push(bob);
  bob.friends.push(ann);
  report(ann, HERE);
});
afterEach(() => vi.useRealTimers());

const memberOf = (id: string): Member => ({ id, token: '', friends: [], place: undefined, placedAtMs: 0 });

const later = (ms: number): void => void vi.advanceTimersByTime(ms);

function report(member: Member, place: Place): void {
  const update = ledger.send(member, place);
  update.outcome = 'recorded';
  update.answeredAtMs = performance.now();
}

function listWith(place: Place, distanceMeters: number): ReadonlyMap<string, NearbyEntry> {
  const friend = { id: bob.id, handle: 'bob', displayName: 'Bob' };
  const [at, location] = ['2026-01-01T00:00:00.000Z', place];
  return new Map([
    [bob.id, { friend, distanceMeters, updatedAt: at, location: { ...location, recordedAt: at } }],
  ]);
}

test('an entry may be as it was for a while, and no longer', () => {
  const [first, second] = [travel(HERE, 45, 100), travel(HERE, 45, 200)];
  report(bob, first);
  later(LATE_MS + 1);
  expect(ledger.wrongEntries(ann, new Map())).toBe(1);
  expect(ledger.wrongEntries(ann, listWith(first, 100))).toBe(0);

  report(bob, second);
  for (const list of [listWith(first, 100), listWith(second, 200)])
    expect(ledger.wrongEntries(ann, list)).toBe(0);
  expect(ledger.isRight(ann, listWith(first, 100))).toBe(false);
  expect(ledger.isRight(ann, listWith(second, 150))).toBe(false);
  expect(ledger.isRight(ann, listWith(second, 200))).toBe(true);
  later(LATE_MS + 1);
  expect(ledger.wrongEntries(ann, listWith(first, 100))).toBe(1);
});

test('who is too far away is missing, and one who is not is wrong', () => {
  const far = travel(HERE, 45, 9_000);
  report(bob, far);
  later(LATE_MS + 1);
  expect(ledger.wrongEntries(ann, new Map())).toBe(0);
  expect(ledger.wrongEntries(ann, listWith(far, 9_000))).toBe(1);
});

test('an update that was not answered may be seen or not', () => {
  const [first, second] = [travel(HERE, 45, 100), travel(HERE, 45, 200)];
  report(bob, first);
  ledger.send(bob, second);
  later(10 * LATE_MS);
  for (const list of [listWith(first, 100), listWith(second, 200)])
    expect(ledger.wrongEntries(ann, list)).toBe(0);
});

test('who has signed out may not be seen, and sees nobody', async () => {
  const there = travel(HERE, 90, 100);
  report(bob, there);
  later(LATE_MS + 1);
  await ledger.change(sessionOf(bob), false, () => Promise.resolve());
  later(1_001);
  for (const [viewer, friend] of [
    [ann, bob],
    [bob, ann],
  ] as const)
    expect(ledger.isForbidden(viewer, friend.id, performance.now())).toBe(true);
  later(LATE_MS);
  expect(ledger.wrongEntries(ann, listWith(there, 100))).toBe(1);
  expect(ledger.isRight(ann, new Map())).toBe(true);
});

test('who may not be seen is forbidden a second after the answer, and not while there is none', async () => {
  const there = travel(HERE, 45, 100);
  report(bob, there);
  later(LATE_MS + 1);
  const lost = ledger.change(pairOf(ann, bob), false, () => Promise.reject(new Error('no answer')));
  await expect(lost).rejects.toThrow();
  later(LATE_MS + 1);
  expect(ledger.isForbidden(ann, bob.id, performance.now())).toBe(false);
  for (const list of [listWith(there, 100), new Map()]) expect(ledger.wrongEntries(ann, list)).toBe(0);

  await ledger.change(pairOf(bob, ann), false, () => Promise.resolve());
  later(999);
  expect(ledger.isForbidden(ann, bob.id, performance.now())).toBe(false);
  later(2);
  expect(ledger.isForbidden(ann, bob.id, performance.now())).toBe(true);
  later(LATE_MS);
  expect(ledger.wrongEntries(ann, listWith(there, 100))).toBe(1);
  expect(ledger.wrongEntries(ann, new Map())).toBe(0);
  expect(ledger.isForbidden(ann, 'a stranger', performance.now())).toBe(true);
});
