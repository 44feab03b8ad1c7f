/**
 * Schema and resolvers of the GraphQL systems: one event for each friend's move, published on the friend's topic
 * with all that a friend may see, filtered and measured for each viewer in the resolvers.
 */
import { distanceMeters } from '../../../src/domain/distance.js';
import type { Person } from './people.js';
import type { Place } from './place.js';
import { RADIUS_METERS } from './setting.js';
import type { Viewer } from './update-location.js';

export const typeDefs = /* GraphQL */ `
  type Query {
    me: User!
  }
  type Mutation {
    updateLocation(input: UpdateLocationInput!): Boolean!
  }
  type Subscription {
    nearbyFriends: NearbyFriend!
  }
  input UpdateLocationInput {
    latitude: Float!
    longitude: Float!
    accuracyMeters: Float
  }
  type NearbyFriend {
    friend: User!
    distanceMeters: Float!
    location: Location!
    updatedAt: String!
  }
  type User {
    id: ID!
    handle: String!
    displayName: String!
  }
  type Location {
    latitude: Float!
    longitude: Float!
    accuracyMeters: Float
    recordedAt: String!
  }
`;

/** What is published on a user's topic. */
export interface LocationEvent {
  readonly nearbyFriends: {
    readonly friend: Person;
    readonly location: Place;
    readonly updatedAt: string;
  };
}

export const topicOf = (userId: string): string => `location.${userId}`;

export function eventOf({ person }: Viewer, place: Place): LocationEvent {
  return { nearbyFriends: { friend: person, location: place, updatedAt: place.updatedAt } };
}

/** Metres from the viewer to the friend of an event; Infinity while the viewer's own place is not known. */
export function distanceTo({ nearbyFriends }: LocationEvent, viewer: Viewer): number {
  return viewer.place === null ? Infinity : distanceMeters(viewer.place, nearbyFriends.location);
}

/** The filter of the subscription. */
export function isNear(event: LocationEvent, viewer: Viewer): boolean {
  return distanceTo(event, viewer) <= RADIUS_METERS;
}

/** Resolves the field of the subscription: the event and the viewer's own distance. */
export function nearbyFriendOf(event: LocationEvent, viewer: Viewer) {
  return { ...event.nearbyFriends, distanceMeters: distanceTo(event, viewer) };
}
