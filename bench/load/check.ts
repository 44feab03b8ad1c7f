/**
 * Checks that a system delivers the right changes before it is timed: a short scenario of three friends and a stranger.
 * Compares every field of every delivered change, and expects silence where nothing may be delivered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { distanceMeters } from '../../src/domain/distance.js';
import { openClient } from './client.js';
import type { LoadUser, Target } from './crowd.js';
import { type Delivery, type NearbyEntry, protocols } from './protocols.js';
import type { Place } from './walks.js';

const SQUARE: Place = { latitude: 37.975, longitude: 23.735 };
const MUSEUM: Place = { latitude: 37.989, longitude: 23.732 };
const HARBOUR: Place = { latitude: 37.95, longitude: 23.69 };
const SALONICA: Place = { latitude: 40.63, longitude: 22.95 };

/**
 * @param users ada, ben and cleo, who are friends of each other, and dora, a stranger.
 * @param settleMs how long everything that an update causes may take to arrive.
 * @returns what is wrong.
 */
export async function check(target: Target, users: readonly LoadUser[], settleMs: number): Promise<string[]> {
  const protocol = protocols[target.protocol];
  const problems: string[] = [];
  const opened = await Promise.all(users.map((user) => openClient(target.url, user, protocol)));
  const people = opened.map(({ client }) => {
    const person = { client, places: [] as Place[], received: [] as Delivery[] };
    client.onText = (text) => {
      if (protocol.isError(text)) problems.push(`error: ${text}`);
      const delivery = protocol.parse(text);
      if (delivery.nearby.length + delivery.leftIds.length > 0) person.received.push(delivery);
    };
    return person;
  });
  const [ada, ben, cleo, dora] = people;
  if (ada === undefined || ben === undefined || cleo === undefined || dora === undefined)
    return ['four users'];
  type Person = typeof ada;
  let number = 0;

  async function move(mover: Person, place: Place): Promise<void> {
    for (const person of people) person.received.length = 0;
    mover.places.push(place);
    mover.client.send(protocol.update(place.latitude, place.longitude, ++number));
    await sleep(settleMs);
  }

  /** Expects these entries and no others, as [viewer, friend]. */
  function expectEntries(step: string, ...expected: (readonly [Person, Person])[]): void {
    for (const viewer of people) {
      const entries = viewer.received.flatMap(({ nearby }) => nearby);
      const friends = expected.filter(([who]) => who === viewer).map(([, friend]) => friend);
      const names = inOrder(entries.map(({ friend }) => friend.handle));
      const wanted = inOrder(friends.map(({ client }) => client.user.handle));
      const who = `${step}: ${viewer.client.user.handle}`;
      if (names !== wanted) problems.push(`${who} received [${names}] instead of [${wanted}]`);
      for (const friend of friends) {
        const entry = entries.find(({ friend: { id } }) => id === friend.client.user.id);
        if (entry !== undefined) problems.push(...compare(who, entry, friend, viewer));
      }
    }
  }

  function expectLeft(step: string, viewer: Person, friend: Person): void {
    const left = viewer.received.flatMap(({ leftIds }) => leftIds);
    if (protocol.keepsList && left.join() !== friend.client.user.id) {
      problems.push(`${step}: ${viewer.client.user.handle} received that [${left.join()}] left`);
    }
  }

  const toMover = (mover: Person, ...friends: Person[]): (readonly [Person, Person])[] =>
    protocol.keepsList ? friends.map((friend) => [mover, friend]) : [];

  await move(ada, SQUARE);
  expectEntries('ada appears alone');
  await move(dora, SQUARE);
  expectEntries('a stranger appears');
  await move(cleo, SALONICA);
  expectEntries('a friend appears far away');
  await move(ben, MUSEUM);
  expectEntries('a friend appears near', [ada, ben], ...toMover(ben, ada));
  await move(ben, HARBOUR);
  expectEntries('a friend moves', [ada, ben], ...toMover(ben, ada));
  await move(ada, MUSEUM);
  expectEntries('the viewer moves', [ben, ada], ...toMover(ada, ben));
  await move(ben, SALONICA);
  expectEntries('a friend goes to another city', [cleo, ben], ...toMover(ben, cleo));
  expectLeft('a friend goes to another city', ada, ben);
  await Promise.all(people.map(({ client }) => client.close()));
  return problems;
}

const inOrder = (names: string[]): string => names.sort().join(' ');

const CENTIMETER = 0.01;

interface Walker {
  readonly client: { readonly user: LoadUser };
  readonly places: readonly Place[];
}

function compare(who: string, entry: NearbyEntry, friend: Walker, viewer: Walker): string[] {
  const { user } = friend.client;
  const place = friend.places.at(-1);
  const origin = viewer.places.at(-1);
  if (place === undefined || origin === undefined) return [`${who} has no place`];
  const distance = distanceMeters(origin, place);
  const ages = [entry.location.recordedAt, entry.updatedAt].map((at) => Date.now() - Date.parse(at));
  const wrong = Object.entries({
    id: entry.friend.id === user.id,
    handle: entry.friend.handle === user.handle,
    displayName: entry.friend.displayName === user.displayName,
    latitude: entry.location.latitude === place.latitude,
    longitude: entry.location.longitude === place.longitude,
    accuracyMeters: entry.location.accuracyMeters > 0,
    // An earlier build does not round.
    distanceMeters: Math.abs(entry.distanceMeters - distance) <= CENTIMETER,
    'recordedAt and updatedAt': ages.every((age) => age >= -1_000 && age < 60_000),
  }).filter(([, right]) => !right);
  return wrong.map(([field]) => `${who}: wrong ${field} of ${user.handle}`);
}
