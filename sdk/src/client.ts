/**
 * The client of Nearby Friends: the live list of nearby friends and one's own location, over one self-healing
 * socket.
 */
import { type Connection, type ConnectionState, createConnection, type VariablesOf } from './connection.js';
import { createDeviceNames } from './device-name.js';
import { clientError, NearbyFriendsError, signedOut } from './errors.js';
import {
  type AuthFieldsFragment,
  ClearLocationDocument,
  DeleteAccountDocument,
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
  UpdateLocationsDocument,
  type UserFieldsFragment,
} from './generated/operations.js';
import { post } from './http.js';
import { type Lifecycle, pageLifecycle } from './lifecycle.js';
import { type Live, liveEvents, liveState } from './live.js';
import { liveSharing, type SharingOptions, type SharingState } from './live-sharing.js';
import { applyFrame, EMPTY_LIST, type NearbyList } from './nearby-list.js';
import { randomId } from './random-id.js';
import { requestOnce } from './request-once.js';
import { createServerClock } from './server-clock.js';
import { createSession } from './session.js';
import {
  type LocationSharing,
  type ReportReceiver,
  shareLocation,
  type ShareLocationOptions,
} from './share-location.js';
import { type AsyncTokenStore, memoryTokens, type TokenStore } from './tokens.js';

export type { ConnectionState } from './connection.js';
export { distanceMeters, type Point } from './distance.js';
export { type ErrorCode, NearbyFriendsError } from './errors.js';
export * from './generated/operations.js';
export {
  historyAsGeoJson,
  historyAsGpx,
  type HistoryExport,
  historyPages,
  type HistoryRange,
} from './history-export.js';
export type { Lifecycle } from './lifecycle.js';
export type { Live } from './live.js';
export type { SharingOptions, SharingState } from './live-sharing.js';
export {
  applyFrame,
  EMPTY_LIST,
  type Location,
  type NearbyFrame,
  type NearbyFriend,
  type NearbyList,
} from './nearby-list.js';
export { DEFAULT_POLICY, type Fix, reportDueAtMs, type ReportPolicy } from './report-policy.js';
export { browserLocation, type LocationSource } from './location-source.js';
export type { LocationSharing, ShareLocationOptions } from './share-location.js';
export {
  type AsyncTextStorage,
  type AsyncTokenStore,
  memoryTokens,
  storedTokens,
  type TextStorage,
  type Tokens,
  type TokenStore,
} from './tokens.js';

/** Makes a client. It opens no connection until an operation needs one. */
export function createNearbyFriendsClient(options: ClientOptions) {
  const { url, lifecycle = pageLifecycle(), randomUUID: newId = randomId } = options;
  const deviceNames = createDeviceNames(newId);
  const clock = createServerClock();
  const session = createSession(
    options.tokens ?? memoryTokens(),
    clock,
    async (refreshToken) => (await post(url, RefreshTokenDocument, { refreshToken }, null)).refreshToken,
  );
  const connection: Connection = createConnection({
    url,
    session,
    clock,
    lifecycle,
    newId,
    webSocketImpl: options.webSocketImpl,
    onSignedOut: options.onSignedOut,
  });
  const sharings = new Set<LocationSharing>();

  function startSession(payload: AuthFieldsFragment): UserFieldsFragment {
    session.start(payload);
    connection.changeUser();
    return payload.user;
  }

  /** Runs a query or mutation. The tokens of a session that it has ended are forgotten. */
  async function request<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    ...variables: VariablesOf<Variables>
  ): Promise<Result> {
    const result = await connection.request(document, ...variables);
    const endsSession = [DeleteAccountDocument, SignOutDocument].some(
      (ending) => ending === (document as object),
    );
    if (endsSession) {
      session.forget();
      connection.changeUser();
      await session.saved();
    }
    return result;
  }

  return {
    /**
     * Resolves to the id of the user whom the store keeps signed in, or null when nobody is. An asynchronous store has
     * to be read first: until then `userId` is null. Operations wait for it by themselves.
     */
    async ready(): Promise<string | null> {
      await session.loading;
      return session.userId;
    },

    /**
     * Runs a query or mutation, typed by its document: `client.request(FriendsDocument, { first: 50 })`. It
     * waits while the connection is away, and is sent again if it was in progress when the connection was
     * lost.
     * @throws NearbyFriendsError with the server's code; 'SIGNED_OUT' when the session ends, 'UNREACHABLE' on
     * close().
     */
    request,

    /**
     * Makes an account and signs in.
     * @throws NearbyFriendsError 'BAD_USER_INPUT'; 'CONFLICT' when the handle is taken; 'UNREACHABLE' without
     * an answer within 10 s.
     */
    async signUp(input: SignUpInput): Promise<UserFieldsFragment> {
      return startSession((await post(url, SignUpDocument, { input }, null)).signUp);
    },

    /**
     * Signs in. Operations in progress as another user end with 'SIGNED_OUT'.
     * @throws NearbyFriendsError 'UNAUTHENTICATED' when the handle or the password is wrong; 'RATE_LIMITED'
     * after too many failures; 'UNREACHABLE' without an answer within 10 s.
     */
    async signIn(input: SignInInput): Promise<UserFieldsFragment> {
      return startSession((await post(url, SignInDocument, { input }, null)).signIn);
    },

    /**
     * Ends the session here, and then on the server, which also takes the user's live location back. A server that
     * cannot be reached is no error.
     */
    async signOut(): Promise<void> {
      if (session.loading !== null) await session.loading;
      try {
        const ending = session.end();
        connection.changeUser();
        const token = await ending;
        if (token !== null) await post(url, SignOutDocument, {}, token);
      } catch (error) {
        if (!(error instanceof NearbyFriendsError) || error.code === 'CLIENT_ERROR') throw error;
      } finally {
        await session.saved();
      }
    },

    /** The id of the signed-in user; null when nobody is signed in, or before `ready()`. */
    get userId(): string | null {
      return session.userId;
    },

    /**
     * Runs any operation, typed by its document, as a stream of its results. After a lost connection a
     * subscription starts again by itself. An error of the operation ends the stream.
     */
    subscribe<Result, Variables>(
      document: TypedDocumentString<Result, Variables>,
      ...[variables]: VariablesOf<Variables>
    ): Live<Result> {
      return liveEvents((sink) => connection.subscribe(document, variables, sink));
    },

    /**
     * Returns the live list of nearby friends. Its stream has the whole list at every change of the list or
     * of the connection. While the connection is away the list stays as it was, with `connection.staleSince`.
     * The stream ends with 'BAD_USER_INPUT' for a radius or margin that is not allowed, and with 'SIGNED_OUT'
     * at the end of the session.
     */
    nearbyFriends(radius: ListRadius = {}): Live<NearbyState> {
      return liveState((sink) => {
        let list: NearbyList | null = null;
        const publish = (): void => {
          sink.next({ ...(list ?? EMPTY_LIST), connection: connection.state });
        };
        const removeListener = connection.onState(({ state }) => {
          // A new connection sends the whole list; until then the old list is as stale as it was.
          if (list !== null && state === 'reconnecting') publish();
        });
        const stop = connection.subscribe(NearbyFriendsDocument, radius, {
          next({ nearbyFriends }) {
            list = applyFrame(list ?? EMPTY_LIST, nearbyFriends);
            publish();
          },
          end(error) {
            removeListener();
            sink.end(error);
          },
        });
        return () => {
          removeListener();
          stop();
        };
      });
    },

    /**
     * Returns the stream of friend requests to and from the user, as they are made and answered. For the
     * requests that were made before, use FriendRequestsDocument.
     */
    friendRequestChanges(): Live<FriendRequestFieldsFragment> {
      return liveEvents((sink) =>
        connection.subscribe(
          FriendRequestChangesDocument,
          {},
          { next: ({ friendRequests }) => sink.next(friendRequests), end: sink.end },
        ),
      );
    },

    /**
     * Reports the device's location until it is stopped, as the user who is signed in now and as nobody else.
     * Errors go to `options.onError`.
     * @throws NearbyFriendsError 'CLIENT_ERROR' before `ready()`, and where the platform has no geolocation and
     * `options` no source.
     */
    shareLocation(options: ShareLocationOptions = {}): LocationSharing {
      if (session.loading !== null) {
        throw clientError('The tokens are still being read. Await `client.ready()` before.');
      }
      const { userId } = session;
      const checkUser = (): void => {
        if (session.userId === userId) return;
        connection.checkUser();
        throw signedOut();
      };
      const server: ReportReceiver = {
        async ready() {
          checkUser();
          await connection.ready();
        },
        async send(inputs, signal) {
          checkUser();
          const [input, ...more] = inputs;
          if (input !== undefined && more.length === 0) {
            await requestOnce(connection, UpdateLocationDocument, { input }, signal);
          } else await requestOnce(connection, UpdateLocationsDocument, { inputs: [...inputs] }, signal);
        },
      };
      const storageKey = `nearby-friends-reports:${userId ?? ''}`;
      const sharing = shareLocation({ server, clock, lifecycle, newId, deviceNames, storageKey }, options);
      sharings.add(sharing);
      return sharing;
    },

    /**
     * Stops every `shareLocation()` of this client and takes the user's live location back: friends lose it at
     * once. Another device that goes on to report brings it back. It waits while the connection is away.
     * Resolves to whether there was a live location.
     * @throws NearbyFriendsError 'UNAVAILABLE' when the server could not do it yet; it will as soon as it can.
     */
    async clearLocation(): Promise<boolean> {
      for (const sharing of sharings) sharing.stop();
      return (await request(ClearLocationDocument)).clearLocation;
    },

    /**
     * Returns what friends may see of the user, as a stream of each change: whether the user shares, whether there
     * is a live location, and whose friendship began or ended (null when that is to be read anew). While the
     * connection is away the state stays as it was, with `connection.staleSince`.
     */
    sharing: (options: SharingOptions = {}): Live<SharingState> =>
      liveSharing(connection, deviceNames, options),

    /**
     * The server's time in milliseconds since the epoch, as the last connection told it; the device's until
     * then. Measure the age of an `updatedAt` against it: the device's clock may be wrong.
     */
    now: (): number => clock.now(),

    /** The state of the connection. */
    get connection(): ConnectionState {
      return connection.state;
    },

    /** Calls the listener at every change of the connection. The returned function removes it. */
    onConnection: connection.onState,

    /**
     * Ends all operations in progress, closes the connection and stops sharing. The client can be used again.
     */
    async close(): Promise<void> {
      for (const sharing of sharings) sharing.stop();
      connection.close();
    },
  };
}

/** Options of `createNearbyFriendsClient`. */
export interface ClientOptions {
  /**
   * The GraphQL endpoint, such as `https://example.org/graphql`. The WebSocket has the same address, with
   * `ws`.
   */
  readonly url: string;
  /** Keeps the signed-in user's tokens. Default: memory. After an asynchronous one, await `ready()`. */
  readonly tokens?: TokenStore | AsyncTokenStore;
  /** Tells when the app is hidden and when it wakes. Default: the page, in a browser. */
  readonly lifecycle?: Lifecycle;
  /**
   * Makes UUIDs for location reports and for the device, such as `randomUUID` of expo-crypto. Default: random ones by
   * `crypto.getRandomValues`; where there is none, UUIDs of version 7 by the time and `Math.random`.
   */
  readonly randomUUID?: () => string;
  /**
   * A WebSocket constructor, such as that of `ws`, for Node before 22. Default: the built-in one. Where there is
   * none, operations end with 'CLIENT_ERROR'.
   */
  readonly webSocketImpl?: unknown;
  /**
   * Called when the session turns out to have ended elsewhere: the server refuses to renew it, or another tab
   * that shares the tokens signed out, or in as somebody else. `userId` then says who is signed in. It is not
   * called after `signOut()`.
   */
  readonly onSignedOut?: () => void;
}

/** How near friends come onto a list, and how far away they leave it. */
export interface ListRadius {
  /** In metres, more than 0 and at most 500,000. Default: the server's, which is 5 miles if not set. */
  readonly radiusMeters?: number | undefined;
  /**
   * A friend on the list leaves it only beyond the radius and this together, so that one at the edge does not come
   * and go with every fix. In metres, 0 to 100,000. Default: 0. A new connection begins with the radius alone.
   */
  readonly leaveMarginMeters?: number | undefined;
}

/** The list and the connection, which says whether the list is up to date. */
export interface NearbyState extends NearbyList {
  readonly connection: ConnectionState;
}

/** A client as `createNearbyFriendsClient` makes it. */
export type NearbyFriendsClient = ReturnType<typeof createNearbyFriendsClient>;
