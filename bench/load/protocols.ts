/**
 * How each kind of system is spoken to, without a client library. What runs for each delivered change only searches the
 * text: every system sends `"accuracyMeters":<n>` with each friend's place, where <n> is the number of the update.
 */
import type { LoadUser } from './crowd.js';

export type ProtocolName = 'nearby' | 'graphql' | 'floor';

export interface Protocol {
  readonly subprotocol: string | null;
  path(user: LoadUser): string;
  /** The message to send when the socket is open; null when the path says everything. */
  hello(user: LoadUser): string | null;
  /** Recognizes the message after which `subscribe` is sent. */
  isWelcome(text: string): boolean;
  readonly subscribe: string | null;
  /**
   * Whether a subscription starts with a snapshot, and a viewer who moves is told the friends' new distances and who
   * left. Otherwise a subscription counts as open a moment after `subscribe`.
   */
  readonly keepsList: boolean;
  update(latitude: number, longitude: number, number: number): string;
  /** Recognizes the answer to a recorded update. */
  isAnswer(text: string): boolean;
  isError(text: string): boolean;
  /** The answer that a message of the server needs, such as a pong; null for all others. */
  reply(text: string): string | null;
  /** Parses a message in full: for the check, not for the measurement. */
  parse(text: string): Delivery;
}

export interface Delivery {
  /** The entries are the whole list. */
  readonly isWhole: boolean;
  readonly nearby: readonly NearbyEntry[];
  readonly leftIds: readonly string[];
}

export interface NearbyEntry {
  readonly friend: { readonly id: string; readonly handle: string; readonly displayName: string };
  readonly distanceMeters: number;
  readonly location: {
    readonly latitude: number;
    readonly longitude: number;
    readonly accuracyMeters: number;
    readonly recordedAt: string;
  };
  readonly updatedAt: string;
}

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  nearby: graphql({
    subscription: (friend) => `snapshot nearby{${friend}} left{friendId}`,
    recorded: '{recorded}',
    token: (user) => ({ authorization: `Bearer ${user.token}` }),
    keepsList: true,
  }),
  graphql: graphql({
    subscription: (friend) => friend,
    recorded: '',
    token: (user) => ({ user: user.id }),
    keepsList: false,
  }),
  floor: {
    subprotocol: null,
    path: (user) => `/?user=${user.id}`,
    hello: () => null,
    isWelcome: () => true,
    subscribe: null,
    keepsList: true,
    update: (latitude, longitude, number) =>
      `{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${number}}`,
    isAnswer: (text) => text === '{"recorded":true}',
    isError: () => false,
    reply: () => null,
    parse(text) {
      const { nearby = [], left = [] } = JSON.parse(text) as { nearby?: NearbyEntry[]; left?: string[] };
      return { isWhole: false, nearby, leftIds: left };
    },
  },
};

interface GraphQLOptions {
  /** @returns the selection of nearbyFriends. */
  subscription(friend: string): string;
  /** The selection of updateLocation's answer. */
  readonly recorded: string;
  token(user: LoadUser): Record<string, string>;
  readonly keepsList: boolean;
}

interface Message {
  readonly payload?: { readonly data?: { readonly nearbyFriends?: Frame | NearbyEntry } };
}

interface Frame {
  readonly snapshot: boolean;
  readonly nearby: readonly NearbyEntry[];
  readonly left: readonly { readonly friendId: string }[];
}

/** GraphQL over WebSocket, subprotocol graphql-transport-ws. */
function graphql({ subscription, recorded, token, keepsList }: GraphQLOptions): Protocol {
  const friend = `friend{id handle displayName} distanceMeters
    location{latitude longitude accuracyMeters recordedAt} updatedAt`;
  const query = `subscription{nearbyFriends{${subscription(friend)}}}`;
  const mutation = JSON.stringify(
    `mutation($input:UpdateLocationInput!){updateLocation(input:$input)${recorded}}`,
  );

  return {
    subprotocol: 'graphql-transport-ws',
    path: () => '/graphql',
    hello: (user) => JSON.stringify({ type: 'connection_init', payload: token(user) }),
    isWelcome: (text) => text.includes('"connection_ack"'),
    subscribe: JSON.stringify({ id: 'nearby', type: 'subscribe', payload: { query } }),
    keepsList,
    // Like a client library's, an id is no number: V8 keeps an object with numbers for keys as a sparse array.
    update: (latitude, longitude, number) =>
      `{"id":"update-${number}","type":"subscribe","payload":{"query":${mutation},"variables":{"input":` +
      `{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${number}}}}}`,
    isAnswer: (text) => text.includes('"updateLocation"') && !text.includes('"errors"'),
    isError: (text) => text.includes('"type":"error"') || text.includes('"errors"'),
    reply: (text) => (text.includes('"type":"ping"') ? '{"type":"pong"}' : null),
    parse(text) {
      const nearbyFriends = (JSON.parse(text) as Message).payload?.data?.nearbyFriends;
      if (nearbyFriends === undefined) return { isWhole: false, nearby: [], leftIds: [] };
      if ('friend' in nearbyFriends) return { isWhole: false, nearby: [nearbyFriends], leftIds: [] };
      const { snapshot, nearby, left } = nearbyFriends;
      return { isWhole: snapshot, nearby, leftIds: left.map(({ friendId }) => friendId) };
    },
  };
}
