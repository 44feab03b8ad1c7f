/** urql, with and without graphcache. */
import { beforeAll, expect, test } from 'vitest';
import { openApp } from './app.js';
import type { Person, SignUp } from './apps/person.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

interface App {
  readonly signUp: SignUp;
  signUpWithCache(
    url: string,
    handle: string,
    keys: Record<string, () => null>,
    warn: (message: string) => void,
  ): Promise<Person>;
}

/** The types of nearbyFriends that are values, and have no key. */
const VALUES = ['NearbyFriendsUpdate', 'NearbyFriend', 'Location', 'DepartedFriend'];

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
  const pair = await befriend(server.url, (url, handle) =>
    app.signUpWithCache(url, handle, keys, (message) => void warnings.push(message)),
  );
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
  const types = warnings.map((message) => /of type `(\w+)`/.exec(message)?.[1] ?? message);
  expect(new Set(types)).toEqual(new Set(warnedOf));
});
