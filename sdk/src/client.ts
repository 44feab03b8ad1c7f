/** Nearby Friends for apps: who is close to me right now, and where I am, over one connection that heals by itself. */
import { type Connection, type ConnectionState, createConnection, type VariablesOf } from './connection.js';
import { NearbyFriendsError, signedOut } from './errors.js';
import {
  type AuthFieldsFragment,
  FriendRequestChangesDocument,
  type FriendRequestFieldsFragment,
  NearbyFriendsDocument,
  RefreshTokenDocument,
  SignInDocument,
  type SignInInput,
  SignOutDocument,
  SignUpDocument,
  type SignUpInput,
  type TypedDocumentString,
  UpdateLocationDocument,
  type UserFieldsFragment,
} from './generated/operations.js';
import { post } from './http.js';
import { type Live, liveEvents, liveState } from './live.js';
import { applyFrame, EMPTY_LIST, type NearbyList } from './nearby-list.js';
import { createSession } from './session.js';
import { type LocationSharing, shareLocation, type ShareLocationOptions } from './share-location.js';
import { memoryTokens, type TokenStore } from './tokens.js';

export type { ConnectionState } from './connection.js';
export { type ErrorCode, NearbyFriendsError } from './errors.js';
export * from './generated/operations.js';
export type { Live } from './live.js';
export {
  applyFrame,
  EMPTY_LIST,
  type Location,
  type NearbyFrame,
  type NearbyFriend,
  type NearbyList,
} from './nearby-list.js';
export { DEFAULT_POLICY, type Fix, reportDueAtMs, type ReportPolicy } from './report-policy.js';
export {
  browserLocation,
  type LocationSharing,
  type LocationSource,
  type ShareLocationOptions,
} from './share-location.js';
export { memoryTokens, storedTokens, type TextStorage, type Tokens, type TokenStore } from './tokens.js';

export function createNearbyFriendsClient(options: ClientOptions) {
  const { url } = options;
  const session = createSession(
    options.tokens ?? memoryTokens(),
    async (refreshToken) => (await post(url, RefreshTokenDocument, { refreshToken }, null)).refreshToken,
    () => options.onSignedOut?.(),
  );
  const connection: Connection = createConnection({ url, session, webSocketImpl: options.webSocketImpl });

  const sharings = new Set<LocationSharing>();

  function begin(payload: AuthFieldsFragment): UserFieldsFragment {
    session.start(payload);
    connection.startOver();
    return payload.user;
  }

  function forget(): void {
    session.end();
    connection.startOver();
  }

  return {
    /** Any query or mutation, typed by its document: `client.request(FriendsDocument, { first: 50 })`. */
    request: connection.request,

    /** @throws NearbyFriendsError 'BAD_USER_INPUT', or 'CONFLICT' when the handle is taken. */
    async signUp(input: SignUpInput): Promise<UserFieldsFragment> {
      return begin((await post(url, SignUpDocument, { input }, null)).signUp);
    },

    /** @throws NearbyFriendsError 'UNAUTHENTICATED' when handle and password don't fit. */
    async signIn(input: SignInInput): Promise<UserFieldsFragment> {
      return begin((await post(url, SignInDocument, { input }, null)).signIn);
    },

    /** Ends the session here, and then on the server if it can be reached. */
    async signOut(): Promise<void> {
      try {
        const token = await session.accessToken().finally(forget);
        if (token !== null) await post(url, SignOutDocument, {}, token);
      } catch (error) {
        if (!(error instanceof NearbyFriendsError)) throw error;
      }
    },

    /** The id of the signed-in user, null when nobody is. */
    get userId(): string | null {
      return session.userId;
    },

    /**
     * Any operation, typed by its document, as a stream of its results. After a lost connection a subscription begins
     * anew by itself.
     */
    subscribe<Result, Variables>(
      document: TypedDocumentString<Result, Variables>,
      ...[variables]: VariablesOf<Variables>
    ): Live<Result> {
      return liveEvents((teller) =>
        connection.subscribe(document, variables, { next: teller.value, end: teller.end }),
      );
    },

    /**
     * The list of nearby friends, live: tells it at every change of it and of the connection. While the connection is
     * away the list stays as it was, with `connection.staleSince`, until there is a new one.
     * @param radiusMeters more than 0 and at most 500,000; the server's default (5 miles) when left out.
     */
    nearbyFriends({ radiusMeters }: { readonly radiusMeters?: number } = {}): Live<NearbyState> {
      return liveState((teller) => {
        let list: NearbyList | null = null;
        const tell = (): void => {
          teller.value({ ...(list ?? EMPTY_LIST), connection: connection.state });
        };
        const stopWatching = connection.onState(({ state }) => {
          // A connection that is back tells the whole list anew; until then the old one is as stale as before.
          if (list !== null && state === 'reconnecting') tell();
        });
        const stop = connection.subscribe(
          NearbyFriendsDocument,
          { radiusMeters },
          {
            next({ nearbyFriends }) {
              list = applyFrame(list ?? EMPTY_LIST, nearbyFriends);
              tell();
            },
            end(error) {
              stopWatching();
              teller.end(error);
            },
          },
        );
        return () => {
          stopWatching();
          stop();
        };
      });
    },

    /** Friend requests to and from the user as they are made and answered; those made before are in FriendRequestsDocument. */
    friendRequestChanges(): Live<FriendRequestFieldsFragment> {
      return liveEvents((teller) =>
        connection.subscribe(
          FriendRequestChangesDocument,
          {},
          { next: ({ friendRequests }) => teller.value(friendRequests), end: teller.end },
        ),
      );
    },

    /** Reports where the device is, as the user who is signed in now and as nobody else, until stopped. */
    shareLocation(options: ShareLocationOptions = {}): LocationSharing {
      const { userId } = session;
      const sharing = shareLocation(
        async (input) => {
          if (session.userId !== userId) throw signedOut();
          await connection.request(UpdateLocationDocument, { input });
        },
        `nearby-friends-reports:${userId ?? ''}`,
        options,
      );
      sharings.add(sharing);
      return sharing;
    },

    /** Whether the connection is there. */
    get connection(): ConnectionState {
      return connection.state;
    },

    /** Calls at every change of the connection; the returned function ends it. */
    onConnection: connection.onState,

    /** Ends everything that is open, and stops sharing. */
    async close(): Promise<void> {
      for (const sharing of sharings) sharing.stop();
      connection.close();
    },
  };
}

export interface ClientOptions {
  /** The GraphQL endpoint, `https://…/graphql`; the WebSocket is at the same place. */
  readonly url: string;
  /** Where the signed-in user's tokens are kept; in memory when left out. */
  readonly tokens?: TokenStore;
  /** A WebSocket constructor, such as that of `ws`, for Node before 22. */
  readonly webSocketImpl?: unknown;
  /** The session ended elsewhere: somebody has to sign in. */
  readonly onSignedOut?: () => void;
}

/** The list, and whether it is up to date. */
export interface NearbyState extends NearbyList {
  readonly connection: ConnectionState;
}

export type NearbyFriendsClient = ReturnType<typeof createNearbyFriendsClient>;
