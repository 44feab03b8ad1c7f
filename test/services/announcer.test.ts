import { beforeEach, expect, test } from 'vitest';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import { createAnnouncer, type Announcer } from '../../src/services/announcer.js';
import { createFakeClock, settle as turnOver } from '../support/fake-clock.js';
import { uuidFrom } from '../support/uuid.js';

/** What happens, in order. */
let steps: string[];
let announcer: Announcer;
/** Whom a list on this server knows; null where none is complete. */
let known: string[] | null;
let kept: LocationUpdate | null;
let fails: boolean;
/** Of the user's friends, those of whom a location is kept. */
const THERE = new Set(['bob', 'cid']);

const at = (recordedAtMs: number, bits = 0): LocationUpdate => ({
  id: uuidFrom(String(recordedAtMs)),
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs,
  receivedAtMs: recordedAtMs,
  whereabouts: `1,2,500,${recordedAtMs},${bits}`,
});

/** Friends of one user are told in each turn of the event loop; no test tells of more than three. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await turnOver();
}

beforeEach(() => {
  steps = [];
  known = null;
  kept = at(5);
  fails = false;
  announcer = createAnnouncer({
    dispatcher: {
      learn: (userId, { recordedAtMs }) => void steps.push(`${userId}’s lists hear of ${recordedAtMs}`),
    },
    async friendsThere() {
      steps.push('a list is asked');
      return known;
    },
    friends: {
      async idsOf(userId) {
        steps.push(`the database is asked for friends of ${userId}`);
        return { all: ['bob', 'absent', 'cid'], approximate: [] };
      },
    },
    store: {
      newest: async (userIds) =>
        userIds.map((userId) => (userId === 'ann' ? kept : THERE.has(userId) ? at(1) : null)),
      async confirm(userId, madeAtMs) {
        steps.push(`${madeAtMs} of ${userId} is confirmed`);
        return kept;
      },
    },
    async publish(notifications) {
      for (const { userId, notification } of notifications) {
        if (fails) throw new Error('inboxes down');
        const record = notification.kind === 'whereabouts' ? notification.record : undefined;
        steps.push(`${userId} is told ${record === null ? 'to read again' : 'where ann is'}`);
      }
    },
    clock: createFakeClock(),
    onFailed: (error) => steps.push(String(error)),
  });
});

test('a user’s own lists hear first, then friends who are there are told, and then it is confirmed', async () => {
  announcer.handle('ann', at(5));
  await settle();
  expect(steps).toEqual([
    'ann’s lists hear of 5',
    'a list is asked',
    'the database is asked for friends of ann',
    'bob is told where ann is',
    'cid is told where ann is',
    '5 of ann is confirmed',
  ]);
});

test('a list on this server says who is there; when its user came, it has announced that itself', async () => {
  known = ['cid'];
  announcer.handle('ann', at(5));
  await settle();
  expect(steps.slice(2)).toEqual(['cid is told where ann is', '5 of ann is confirmed']);
  announcer.handle('ann', at(6, 1));
  await settle();
  expect(steps.slice(4)).toEqual(['ann’s lists hear of 6', 'a list is asked']);
});

test('what could not be published is not confirmed', async () => {
  fails = true;
  announcer.handle('ann', at(5));
  await settle();
  expect(steps.slice(3)).toEqual(['Error: inboxes down']);
});

test('when Redis has lost what was announced, the same friends are told to read again', async () => {
  known = ['cid'];
  kept = at(4);
  announcer.handle('ann', at(5));
  await settle();
  expect(steps.slice(2)).toEqual([
    'cid is told where ann is',
    '5 of ann is confirmed',
    'cid is told to read again',
  ]);
});

test('friends are told of one user in each turn of the event loop, so that a crowd that comes does not hold up Redis', async () => {
  known = ['bob'];
  const users = ['ann', 'dan', 'eve'];
  for (const userId of users) announcer.handle(userId, at(5, 2));
  const told = (): number => steps.filter((step) => step.startsWith('bob is told')).length;
  const toldByTurn = [];
  for (const _ of users) {
    await turnOver();
    toldByTurn.push(told());
  }
  expect(toldByTurn).toEqual([1, 2, 3]);
});

test('what is kept is announced if nobody has confirmed it, and given as an answer in any case', async () => {
  announcer.announceKept('ann', ['bob']);
  await settle();
  expect(steps.splice(0)).toEqual(['bob is told where ann is', '5 of ann is confirmed']);
  kept = at(5, 2);
  announcer.announceKept('ann', ['bob']);
  await settle();
  expect(steps).toEqual([]);
  announcer.answer('ann', ['bob']);
  await settle();
  expect(steps.splice(0)).toEqual(['bob is told where ann is']);
  // Two lists of a user hear of the same friend.
  announcer.answer('ann', ['bob']);
  announcer.answer('ann', ['bob', 'cid']);
  await settle();
  expect(steps.splice(0)).toEqual(['bob is told where ann is', 'cid is told where ann is']);
  kept = null;
  announcer.answer('ann', ['bob']);
  await settle();
  expect(steps).toEqual([]);
});
