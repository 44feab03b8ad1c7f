/** urql, with and without graphcache. */
import { beforeAll, expect, test } from 'vitest';
import { openApp } from './app.js';
import type { Message, Person, SignUp } from './apps/person.js';
import { befriend, comeMoveAndLeave, goOn, NEARER, startServer } from './story.js';

interface App {
  readonly signUp: SignUp;
  signUpWithCache(
    url: string,
    handle: string,
    keys: Record<string, () => null>,
    warn: (message: string) => void,
  ): Promise<Person & { look(): Promise<Message['nearby']> }>;
}

/** What the query nearbyFriends gives are values, which have no key. */
const VALUES = ['Location', 'NearbyFriend'];

let app: App;
beforeAll(async () => {
  app = await openApp<App>('urql');
});

test('an app with urql follows a friend', async () => {
  const server = await startServer();
  const pair = await befriend(server.url, app.signUp);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});

test.each([
  ['with keys has nothing to say', VALUES, []],
  ['without keys warns of each', [], VALUES],
])('an app with graphcache %s, and follows a friend', async (_, withoutKey, warnedOf) => {
  const server = await startServer();
  const warnings: string[] = [];
  const keys = Object.fromEntries(withoutKey.map((type) => [type, () => null]));
  const people: Awaited<ReturnType<App['signUpWithCache']>>[] = [];
  const pair = await befriend(server.url, async (url, handle) => {
    const person = await app.signUpWithCache(url, handle, keys, (message) => void warnings.push(message));
    people.push(person);
    return person;
  });
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
  expect(warnings).toEqual([]);
  expect(await people[0]?.look()).toMatchObject([{ friend: { id: pair.bob.id }, location: NEARER }]);
  expect(warnings.map((message) => /config for `(\w+)`/.exec(message)?.[1] ?? message).sort()).toEqual(
    warnedOf,
  );
});
