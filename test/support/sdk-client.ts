/** The SDK as an app on Node uses it. */
import {
  type ClientOptions,
  createNearbyFriendsClient,
  type NearbyFriendsClient,
  type NearbyState,
  SendFriendRequestDocument,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { act, signUp, type TestUser } from './api.js';
import { query } from './query.js';

/** Where the user of the client is. */
export const HERE = { latitude: 45.81, longitude: 15.98 };
/** An id that no user has. */
export const NOBODY = '00000000-0000-7000-8000-000000000000';
export const PASSWORD = 'correct horse battery';

let handles = 0;
export const newHandle = (): string => `sdk_${process.pid}_${++handles}`;

/** Closed when the test has finished. */
export function openClient(url: string, options: Partial<ClientOptions> = {}): NearbyFriendsClient {
  const client = createNearbyFriendsClient({ url: `${url}/graphql`, webSocketImpl: WebSocket, ...options });
  onTestFinished(() => client.close());
  return client;
}

export interface ClientWithFriend {
  readonly client: NearbyFriendsClient;
  readonly handle: string;
  readonly friend: TestUser;
}

/** A client signed up, whose user is HERE, and a friend who is nowhere yet. */
export async function openWithFriend(
  url: string,
  options: Partial<ClientOptions> = {},
): Promise<ClientWithFriend> {
  const client = openClient(url, options);
  const handle = newHandle();
  const [me, friend] = await Promise.all([
    client.signUp({ handle, displayName: 'Me', password: PASSWORD }),
    signUp(url, undefined, 'Grace'),
  ]);
  await act(url, friend, `sendFriendRequest(userId: "${me.id}") { id }`);
  const request = await client.request(SendFriendRequestDocument, { userId: friend.id });
  expect(request.sendFriendRequest.status).toBe('ACCEPTED');
  await client.request(UpdateLocationDocument, { input: HERE });
  return { client, handle, friend };
}

/** How many locations of the client's user are recorded. */
export async function countRows(database: { url: string }, { userId }: NearbyFriendsClient): Promise<number> {
  const sql = 'SELECT count(*)::int FROM location_history WHERE user_id = $1';
  return (await query<{ count: number }>(database, sql, [userId]))[0]?.count ?? 0;
}

/** All states that a list was in. */
export function follow(client: NearbyFriendsClient, radiusMeters?: number): NearbyState[] {
  const states: NearbyState[] = [];
  onTestFinished(client.nearbyFriends({ radiusMeters }).subscribe((state) => states.push(state)));
  return states;
}

/** The distances of a list, whole metres. */
export const metersOf = (state: NearbyState | undefined): number[] | undefined =>
  state?.friends.map(({ distanceMeters }) => Math.round(distanceMeters));
