import { DomainError } from '../domain/errors.js';
import type { Viewer } from '../domain/user.js';
import type { LogIds } from '../log.js';
import type { AccountSettings } from '../services/account-settings.js';
import type { Accounts } from '../services/accounts.js';
import type { DeviceTokens } from '../services/device-tokens.js';
import type { Friends } from '../services/friends.js';
import type { LocationHistory } from '../services/location-history.js';
import type { NearAlerts } from '../services/near-alerts.js';
import type { Client, NearbyFriends } from '../services/nearby-friends.js';
import type { Placement } from '../services/placement.js';
import type { PublishLocation } from '../services/publish-location.js';
import type { PushNotifications } from '../services/push-notifications.js';
import type { SharingStream } from '../services/sharing-stream.js';
import type { ServerInfo } from './generated/resolvers.js';
import type { FriendRequestStream } from '../services/friend-request-stream.js';

/** The use cases that resolvers call, wired in node.ts. */
export interface Services {
  readonly accounts: Accounts;
  readonly accountSettings: AccountSettings;
  readonly deviceTokens: DeviceTokens;
  readonly friends: Friends;
  readonly locations: PublishLocation;
  readonly placement: Placement;
  /** What apps need to know of the server. */
  readonly serverInfo: () => ServerInfo;
  readonly locationHistory: LocationHistory;
  readonly nearbyFriends: NearbyFriends;
  readonly nearAlerts: NearAlerts;
  readonly push: Pick<PushNotifications, 'subscribe' | 'unsubscribe'>;
  readonly friendRequestStream: FriendRequestStream;
  readonly sharingStream: SharingStream;
}

export interface GraphQLContext {
  readonly services: Services;
  /** Null for an operation without a token, such as signing up, signing in and refreshing a token. */
  readonly viewer: Viewer | null;
  /**
   * Whose token is ours and has not expired, but whose session has ended. It may only ask again for what ended it,
   * as when the first answer was lost.
   */
  readonly formerViewer: Viewer | null;
  /** Whose request it is, as far as limits go: see http/client-address.ts. */
  readonly address: string;
  /** The connection of the request or the socket. */
  readonly client: Client;
  /** Null over HTTP, where each request brings its token. */
  readonly socket: RenewedSocket | null;
  /** Identify the request or the socket of the operation in the log. */
  readonly logIds: LogIds;
}

/** A socket that goes on with another token of its session. */
export interface RenewedSocket {
  /**
   * Resolves to when the socket ends, milliseconds since the epoch: an older token does not shorten that.
   * @throws DomainError 'unauthenticated' for a token that does not hold; 'forbidden' for that of another session.
   */
  renew(accessToken: string): Promise<number>;
  /** Goes on until the viewer's token ends. @returns false, and does nothing, when it is that of another session. */
  goOnAs(viewer: Viewer): boolean;
}

/** @throws DomainError 'unauthenticated' when nobody is signed in. */
export function requireViewer(context: GraphQLContext): Viewer {
  if (context.viewer === null) throw new DomainError('unauthenticated', 'Sign in first.');
  return context.viewer;
}
