/** GraphQL over WebSocket, subprotocol graphql-transport-ws, without a client library. */
import type { LoadUser } from '../commands.js';
import type { Delivery, NearbyEntry, Protocol } from './protocol.js';

const FRIEND = `friend{id handle displayName} distanceMeters
  location{latitude longitude accuracyMeters recordedAt} updatedAt`;

/** The project's own schema: frames with a list. */
export const PROJECT_SUBSCRIPTION = `subscription{nearbyFriends{snapshot nearby{${FRIEND}} left{friendId}}}`;

/** The schema of the compared systems: one friend a message. */
export const PEERS_SUBSCRIPTION = `subscription{nearbyFriends{${FRIEND}}}`;

const SUBSCRIPTION_ID = 'nearby';

interface GraphQLProtocolOptions {
  /** Selection of updateLocation's answer. */
  readonly recorded: string;
  token(user: LoadUser): Record<string, string>;
  readonly snapshots: boolean;
}

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: { readonly nearbyFriends?: Frame | NearbyEntry } };
}

interface Frame {
  readonly nearby: readonly NearbyEntry[];
  readonly left: readonly { readonly friendId: string }[];
}

export function graphqlProtocol(subscription: string, options: GraphQLProtocolOptions): Protocol {
  const mutation = JSON.stringify(
    `mutation($input:UpdateLocationInput!){updateLocation(input:$input)${options.recorded}}`,
  );

  return {
    subprotocol: 'graphql-transport-ws',
    path: () => '/graphql',
    hello: (user) => JSON.stringify({ type: 'connection_init', payload: options.token(user) }),
    isWelcome: (text) => text.includes('"connection_ack"'),
    subscribe: JSON.stringify({ id: SUBSCRIPTION_ID, type: 'subscribe', payload: { query: subscription } }),
    snapshots: options.snapshots,
    // Like a client library's, an id is no number: V8 keeps an object with numbers for keys as a sparse array.
    update: (latitude, longitude, number) =>
      `{"id":"update-${number}","type":"subscribe","payload":{"query":${mutation},"variables":{"input":` +
      `{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${number}}}}}`,
    isAnswer: (text) => text.includes('"updateLocation"') && !text.includes('"errors"'),
    isError: (text) => text.includes('"type":"error"') || text.includes('"errors"'),
    reply: (text) => (text.includes('"type":"ping"') ? '{"type":"pong"}' : null),
    parse(text): Delivery {
      const nearbyFriends = (JSON.parse(text) as Message).payload?.data?.nearbyFriends;
      if (nearbyFriends === undefined) return { nearby: [], leftIds: [] };
      if ('friend' in nearbyFriends) return { nearby: [nearbyFriends], leftIds: [] };
      return { nearby: nearbyFriends.nearby, leftIds: nearbyFriends.left.map(({ friendId }) => friendId) };
    },
    tellsOwnMoves: options.snapshots,
  };
}
