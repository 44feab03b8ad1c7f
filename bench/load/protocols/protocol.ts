/**
 * How one kind of system is spoken to. What runs for each delivered change is kept to searching the text: every
 * system sends `"accuracyMeters":<n>` with each friend's place, and <n> is the number of the update (see changes.ts).
 */
import type { LoadUser, ProtocolName } from '../commands.js';
import { floor } from './floor.js';
import { graphqlProtocol, PEERS_SUBSCRIPTION, PROJECT_SUBSCRIPTION } from './graphql.js';
import { socketio } from './socketio.js';

export interface Protocol {
  readonly subprotocol: string | null;
  path(user: LoadUser): string;
  /** Sent when the socket is open; null when the path says it all. */
  hello(user: LoadUser): string | null;
  /** The message after which `subscribe` is sent. */
  isWelcome(text: string): boolean;
  readonly subscribe: string | null;
  /** Whether a subscription opens with a message; otherwise it may be taken for open a moment after `subscribe`. */
  readonly snapshots: boolean;
  update(latitude: number, longitude: number, number: number): string;
  /** The server did what `update` asked. */
  isAnswer(text: string): boolean;
  isError(text: string): boolean;
  /** What a message of the server must be answered with, such as a ping; null for all others. */
  reply(text: string): string | null;
  /** The friends in a message, parsed in full: for the check, not for the measurement. */
  parse(text: string): Delivery;
  /** Whether a viewer who moves is told the friends' new distances, and of friends who left. */
  readonly tellsOwnMoves: boolean;
}

export interface Delivery {
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

export function protocolNamed(name: ProtocolName): Protocol {
  switch (name) {
    case 'nearby':
      return graphqlProtocol(PROJECT_SUBSCRIPTION, {
        recorded: '{recorded}',
        token: (user) => ({ authorization: `Bearer ${user.token}` }),
        snapshots: true,
      });
    case 'graphql':
      return graphqlProtocol(PEERS_SUBSCRIPTION, {
        recorded: '',
        token: (user) => ({ user: user.id }),
        snapshots: false,
      });
    case 'floor':
      return floor;
    case 'socketio':
      return socketio;
  }
}
