/** For clients that take operations as they are written, with no types of their own for them. */
import type { Message } from './person.js';
import type { Tokens } from './session.js';

export const SIGN_UP = `mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) { user { id } accessToken refreshToken }
}`;
export interface SignedUp {
  readonly signUp: Tokens & { readonly user: { readonly id: string } };
}

export const BEFRIEND = `mutation Befriend($userId: ID!) { sendFriendRequest(userId: $userId) { id status } }`;

export const SHARE = `mutation Share($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }`;

export const NEARBY = `subscription Nearby {
  nearbyFriends {
    snapshot
    nearby { friend { id handle } distanceMeters location { latitude longitude } updatedAt }
    left { friendId reason }
  }
}`;
export interface Nearby {
  readonly nearbyFriends: Message;
}
