import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserCard as UserCardModel } from '../../domain/user.js';
import type { FriendRequest as FriendRequestModel } from '../../domain/friendship.js';
import type { Sharing as SharingModel } from '../../domain/sharing.js';
import type { SharingState as SharingStateModel, LivePlace as LivePlaceModel } from '../../services/sharing-stream.js';
import type { FriendException as FriendExceptionModel } from '../../services/friends.js';
import type { NearAlert as NearAlertModel } from '../../services/near-alerts.js';
import type { DeviceToken as DeviceTokenModel } from '../../services/device-tokens.js';
import type { OwnSession as OwnSessionModel } from '../../services/account-settings.js';
import type { LocationUpdate as LocationUpdateModel } from '../../domain/location-update.js';
import type { NearbyFriend as NearbyFriendModel, NearbyFrame as NearbyFrameModel, DepartedFriend as DepartedFriendModel } from '../../domain/proximity-gate.js';
import type { PublishedLocation as PublishedLocationModel } from '../../services/publish-location.js';
import type { GraphQLContext } from '../context.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** WGS 84 latitude in decimal degrees: a finite number from -90 to 90. Rounded to 7 decimals, about a centimetre, when it is reported. */
  Latitude: { input: number; output: number; }
  /** WGS 84 longitude in decimal degrees: a finite number from -180 to 180; -180 and 180 are one meridian. Rounded like a latitude. */
  Longitude: { input: number; output: number; }
  /** An instant in UTC as RFC 3339 with milliseconds, e.g. 2026-11-22T05:17:57.123Z, in the years 1 to 9999. */
  DateTime: { input: number; output: number; }
};

/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type Query = {
  __typename?: 'Query';
  /** The signed-in user. */
  me: User;
  /** A user by exact handle, to send a friend request to. Null when nobody has the handle, and also when either user blocked the other. RATE_LIMITED after too many handles. */
  user?: Maybe<User>;
  /** What has this id: a user, as user shows them. Null when there is none, and for a user who blocked the signed-in user. RATE_LIMITED after too many users who are no friends. */
  node?: Maybe<Node>;
  /** The signed-in user's friends, ordered by handle. */
  friends: UserConnection;
  /** Pending friend requests, newest first. One by a user whom the signed-in user declined is among them when 30 days have passed since. */
  friendRequests: FriendRequestConnection;
  /** People the signed-in user has blocked, newest first. */
  blockedUsers: UserConnection;
  /** The signed-in user's sessions, newest first: each lasts from a sign-in until it ends. Tokens of an external provider have none. */
  sessions: SessionConnection;
  /** Whether the signed-in user's location is shared with friends. */
  sharing: Sharing;
  /** Friends for whom the signed-in user has made an exception from sharing, ordered by handle. */
  sharingExceptions: SharingExceptionConnection;
  /** The signed-in user's device tokens, newest first. */
  deviceTokens: Array<DeviceToken>;
  /** The friends of whom the signed-in user is told when they come near, ordered by handle. */
  nearAlerts: NearAlertConnection;
  /** What an app needs to know of the server to agree with it on time. A WebSocket learns the same from connection_ack: {serverTime, locationTtlSeconds}, with near as in UpdateLocationPayload where the server knows it. */
  server: ServerInfo;
  /** The nearby friends at this moment, nearest first: the same list as in the first message of a nearbyFriends subscription. */
  nearbyFriends: Array<NearbyFriend>;
  /** The signed-in user's own recorded locations, newest first. Nobody can read anyone else's. */
  locationHistory: LocationConnection;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryUserArgs = {
  handle: Scalars['String']['input'];
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryFriendsArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryFriendRequestsArgs = {
  direction?: FriendRequestDirection;
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryBlockedUsersArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QuerySessionsArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QuerySharingExceptionsArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryNearAlertsArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryNearbyFriendsArgs = {
  radiusMeters?: InputMaybe<Scalars['Float']['input']>;
};


/** Everything that can be read. Every field needs a signed-in user and shows only what that user may see. An operation whose answer could be too large is GRAPHQL_VALIDATION_FAILED: see docs/protocol.md, Cost. */
export type QueryLocationHistoryArgs = {
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  oldestFirst?: Scalars['Boolean']['input'];
};

/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type Mutation = {
  __typename?: 'Mutation';
  /** Creates an account and signs in. Errors: BAD_USER_INPUT, CONFLICT (the handle is taken), RATE_LIMITED (too many new accounts). */
  signUp: AuthPayload;
  /** Signs in. Errors: UNAUTHENTICATED, the same for an unknown handle and a wrong password; RATE_LIMITED after too many failures, or while too many people sign in. */
  signIn: AuthPayload;
  /** Exchanges a refresh token for a new pair of tokens. The old refresh token stops working. For 30 s it is answered again with another pair, as its answer may have been lost; after that, using it again ends the session. */
  refreshToken: AuthPayload;
  /**
   * Lets the WebSocket that it comes over go on with a newer access token of its session, whoever got it: nothing on it
   * is interrupted. Returns when the socket now ends; an older token does not shorten that. A refreshToken that comes over
   * a socket of the same session does the same by itself. Errors: UNAUTHENTICATED, FORBIDDEN (the token of another
   * session), BAD_USER_INPUT over HTTP, where each request brings its token.
   */
  renewConnection: Scalars['DateTime']['output'];
  /** Ends the session of the caller's token: its refresh token stops working and its sockets are closed. It also takes the user's live location back, as clearLocation does. Returns whether there was a session to end: false when it had ended already, as when this is sent again after a lost answer; tokens of an external provider have none. */
  signOut: Scalars['Boolean']['output'];
  /**
   * Ends one of the signed-in user's sessions, as on a phone that was lost: its refresh token stops working and its
   * sockets are closed. With the caller's own session it does what signOut does; with another one the live location
   * stays until it is taken back or expires. Returns whether there was such a session.
   */
  endSession: Scalars['Boolean']['output'];
  /**
   * Changes the password, and ends all sessions of the user but the caller's. Returns true, also when the new password is
   * the current one already, as when this is sent again after a lost answer. Errors: BAD_USER_INPUT; FORBIDDEN (the current
   * password is wrong, or the account has none, as one of an external provider); RATE_LIMITED after too many failures,
   * which count as those of signIn do.
   */
  changePassword: Scalars['Boolean']['output'];
  /** Changes how the signed-in user appears to others. Friends' live lists show it at once. */
  updateProfile: User;
  /** Reports where the signed-in user is. Friends who have the user within their radius get it in their next message. Errors: BAD_USER_INPUT, CONFLICT (the id was used with other contents), UNAVAILABLE (the location could not be kept), RATE_LIMITED (too many updates, or a place that nobody could have come to since the last one). A location that is refused is neither recorded nor shown. */
  updateLocation: UpdateLocationPayload;
  /**
   * Reports up to 500 locations at once, in any order: what waited on a phone without a connection. All are taken or
   * none: those that are not allowed are BAD_USER_INPUT or CONFLICT, with their places in extensions.indexes. Friends
   * are told of the newest alone. The answers are in the order of the inputs.
   */
  updateLocations: Array<UpdateLocationPayload>;
  /**
   * Takes the signed-in user's live location back: the user leaves every friend's live list at once, as after ten minutes
   * without an update. The history stays. What was on its way then does not bring the location back, but the next report
   * does, of whatever device: stop reporting first. Returns whether there was a live location. Errors: UNAVAILABLE (it
   * could not be taken back yet; it will be as soon as possible).
   */
  clearLocation: Scalars['Boolean']['output'];
  /** Asks a user to be friends. When that user's own request is pending, the two become friends. A user who declined a request in the last 30 days sees a new one when these are over, and is not told of it live. RATE_LIMITED after too many requests in a day. */
  sendFriendRequest: FriendRequest;
  /** Makes the two users friends. Errors: FORBIDDEN (one's own request), CONFLICT (answered otherwise, or too many friends). */
  acceptFriendRequest: FriendRequest;
  /** Declines a request. Errors: FORBIDDEN (one's own request), CONFLICT (answered otherwise). */
  declineFriendRequest: FriendRequest;
  /** Withdraws a request. Errors: FORBIDDEN (somebody else's request), CONFLICT (answered). */
  cancelFriendRequest: FriendRequest;
  /** Ends a friendship for both users. Each leaves the other's live list at once. Returns whether there was a friendship. */
  removeFriend: Scalars['Boolean']['output'];
  /** Blocks a user: ends the friendship and requests between the two, and neither can find the other any more. */
  blockUser: Scalars['Boolean']['output'];
  /** Lifts a block. That does not make the two friends again. Returns whether there was a block. */
  unblockUser: Scalars['Boolean']['output'];
  /** Pauses or resumes sharing, and sets from how far away and how exactly friends see the user. A pause removes the user from every friend's live list at once. */
  updateSharing: Sharing;
  /**
   * What one friend sees, whatever the user shares with the others: nothing, the approximate place or the exact one. It
   * lasts until the friendship ends, until it is cleared, or until the given instant. NOT_FOUND for who is no friend.
   * Sharing.maxRadiusMeters holds for this friend, too.
   */
  setSharingException: SharingException;
  /** The friend sees again what the others see. Returns whether there was an exception. */
  clearSharingException: Scalars['Boolean']['output'];
  /**
   * A token with which a location app that knows no GraphQL reports for the signed-in user (OwnTracks, Overland); it allows
   * nothing else. At most 20 each. The secret is told once.
   */
  createDeviceToken: CreatedDeviceToken;
  /** The token stops working at once. Returns whether there was one. */
  revokeDeviceToken: Scalars['Boolean']['output'];
  /**
   * Lets the server send push messages (RFC 8030) to a browser, as long as the caller's session lasts. Send it again at
   * every start of the app: it keeps the subscription, and moves it to the caller's session. A user has 10; of more, those
   * that were sent longest ago end. Each message is JSON: {"kind": "friend-request", "from": {"id", "displayName"}} when
   * somebody asked to be friends, {"kind": "near", "friend": {"id", "displayName"}} when a friend came within the radius
   * of NearAlert. Errors: BAD_USER_INPUT (the endpoint is not one of a push service that this server sends to, or it sends
   * to none); FORBIDDEN (tokens of an external provider have no session). Returns true.
   */
  addPushSubscription: Scalars['Boolean']['output'];
  /** Ends a subscription of the signed-in user. Returns whether there was one. */
  removePushSubscription: Scalars['Boolean']['output'];
  /**
   * Sets or ends the alert for one friend: the signed-in user's browsers get a push message when the friend comes within
   * the radius, by what the user may see of the friend and while the user's own location is known; at most one an hour for
   * each friend. It ends with the friendship. NOT_FOUND for who is no friend. Returns the alert, null when there is none.
   */
  setNearAlert?: Maybe<NearAlert>;
  /** Deletes the signed-in user's recorded locations in [from, to), or all of them when both are omitted. Returns how many. */
  deleteLocationHistory: Scalars['Int']['output'];
  /** Deletes the account and all its recorded locations; the last of a long history may be deleted shortly after the answer. Sent again with the same token after a lost answer, it returns true, too. */
  deleteAccount: Scalars['Boolean']['output'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationSignUpArgs = {
  input: SignUpInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationSignInArgs = {
  input: SignInInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationRefreshTokenArgs = {
  refreshToken: Scalars['String']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationRenewConnectionArgs = {
  accessToken: Scalars['String']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationEndSessionArgs = {
  id: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationUpdateLocationArgs = {
  input: UpdateLocationInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationUpdateLocationsArgs = {
  inputs: Array<UpdateLocationInput>;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationSendFriendRequestArgs = {
  userId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationAcceptFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationDeclineFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationCancelFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationRemoveFriendArgs = {
  userId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationBlockUserArgs = {
  userId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationUnblockUserArgs = {
  userId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationUpdateSharingArgs = {
  input: UpdateSharingInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationSetSharingExceptionArgs = {
  input: SharingExceptionInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationClearSharingExceptionArgs = {
  friendId: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationCreateDeviceTokenArgs = {
  name: Scalars['String']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationRevokeDeviceTokenArgs = {
  id: Scalars['ID']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationAddPushSubscriptionArgs = {
  input: PushSubscriptionInput;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationRemovePushSubscriptionArgs = {
  endpoint: Scalars['String']['input'];
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationSetNearAlertArgs = {
  friendId: Scalars['ID']['input'];
  radiusMeters?: InputMaybe<Scalars['Float']['input']>;
};


/** Everything that can be changed. All fields but signUp, signIn and refreshToken need a signed-in user. */
export type MutationDeleteLocationHistoryArgs = {
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Everything that is sent as it happens. Every field needs a signed-in user. */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * The signed-in user's nearby friends, live.
   *
   * The first message is a snapshot. Later messages carry changes only: friends who came into the radius or moved
   * within it (also when the subscriber moved and their distance changed), and friends who left. A friend leaves by
   * moving out of the radius and its margin, by pausing sharing, by ceasing to be a friend, or when there is no update
   * for ten minutes (unless configured otherwise). Changes close together share one message, with the newest state of each
   * friend. When the server had to drop changes, or may have missed some, it sends a new snapshot, which replaces the
   * list.
   */
  nearbyFriends: NearbyFriendsUpdate;
  /** Friend requests to and from the signed-in user as they are made and answered. */
  friendRequests: FriendRequest;
  /**
   * What friends may see of the signed-in user, and what changes of it on other devices: sent at once, and again whenever it
   * is another, also when timed sharing switches and when a live location expires.
   */
  sharing: SharingState;
};


/** Everything that is sent as it happens. Every field needs a signed-in user. */
export type SubscriptionNearbyFriendsArgs = {
  radiusMeters?: InputMaybe<Scalars['Float']['input']>;
  leaveMarginMeters?: Scalars['Float']['input'];
};


/** Everything that is sent as it happens. Every field needs a signed-in user. */
export type SubscriptionSharingArgs = {
  device?: InputMaybe<Scalars['String']['input']>;
};

/** What friends may see of the signed-in user at this moment. */
export type SharingState = {
  __typename?: 'SharingState';
  /** As Query.sharing answers now. */
  sharing: Sharing;
  /** The live location that friends see while sharing is enabled; null when there is none. */
  place?: Maybe<LivePlace>;
  /** The ids of users with whom a friendship began or ended, and of friends with a new name, since the message before. Null when it is not known of whom, as in the first message: read the friends anew. */
  friendsChanged?: Maybe<Array<Scalars['ID']['output']>>;
  /** The ids of friends for whom an exception was made, changed or cleared since the message before. Null when it is not known for whom: read Query.sharingExceptions anew. One that ends by itself is not told: SharingException.until says when. With a friendship that ends, its exception ends. */
  exceptionsChanged?: Maybe<Array<Scalars['ID']['output']>>;
};

/** That there is a live location. It does not say where. */
export type LivePlace = {
  __typename?: 'LivePlace';
  /** As in NearbyFriend.updatedAt. */
  updatedAt: Scalars['DateTime']['output'];
  /** Whether the device that the subscription names reported it; null when that is not known, as one of them has no name. */
  ofThisDevice?: Maybe<Scalars['Boolean']['output']>;
};

/** One message of a live list: the whole list, or its changes. */
export type NearbyFriendsUpdate = {
  __typename?: 'NearbyFriendsUpdate';
  /** True when nearby is the whole list, which replaces the client's list. */
  snapshot: Scalars['Boolean']['output'];
  /** Friends to insert or replace by friend.id, nearest first. */
  nearby: Array<NearbyFriend>;
  /** Friends to remove from the list. */
  left: Array<DepartedFriend>;
  /** Where distances are measured from: the subscriber's own newest location. Null before the first updateLocation, and after ten minutes without one (unless configured otherwise); nearby is then empty. */
  origin?: Maybe<Location>;
};

/** A friend within the radius, by the friend's newest location. */
export type NearbyFriend = {
  __typename?: 'NearbyFriend';
  /** The friend. */
  friend: User;
  /** Great-circle distance from the subscriber in metres, on a sphere with a radius of 6371008.8 m, to the centimetre. */
  distanceMeters: Scalars['Float']['output'];
  /** Where the friend is. */
  location: Location;
  /** When the server last heard from the friend: of that location, or that the friend is still there; to the full minute where the place is approximate. */
  updatedAt: Scalars['DateTime']['output'];
  /** How exactly the friend lets the viewer see the place. */
  precision: LocationPrecision;
};

/** How exactly a place is shown. */
export type LocationPrecision =
  /** As the device reported it. */
  | 'EXACT'
  /** The middle of a cell of about a kilometre that holds or held it: all that is told (distance, order, coming and going) follows from that middle. recordedAt is to the full minute, and so is the time at which another cell is told; accuracyMeters is the cell's half diagonal. */
  | 'APPROXIMATE';

/** A friend who is no longer on the list. */
export type DepartedFriend = {
  __typename?: 'DepartedFriend';
  /** User.id of the friend. */
  friendId: Scalars['ID']['output'];
  /** The reason, as far as friends may know it. */
  reason: DepartureReason;
};

/** Why a friend left a live list. */
export type DepartureReason =
  /** Still sharing, but farther away than the radius and its margin. */
  | 'OUT_OF_RANGE'
  /** No longer visible: without an update for ten minutes (unless configured otherwise), sharing paused, or no longer a friend. The API does not say which. */
  | 'UNAVAILABLE';

/** A position at an instant, as a device reported it. */
export type Location = {
  __typename?: 'Location';
  /** Degrees north of the equator. */
  latitude: Scalars['Latitude']['output'];
  /** Degrees east of Greenwich. */
  longitude: Scalars['Longitude']['output'];
  /** Radius in metres around the point that likely holds the true position, as the device reported it: Android means 68 % confidence, browsers are asked for 95 % (W3C Geolocation), iOS does not say. */
  accuracyMeters?: Maybe<Scalars['Float']['output']>;
  /** Metres a second over ground, 0 or more; null when the device did not say. Rounded to 3 decimals. */
  speedMetersPerSecond?: Maybe<Scalars['Float']['output']>;
  /** Direction of travel in degrees from true north, clockwise, 0 to below 360; null when still or not known. Rounded to 3 decimals. */
  headingDegrees?: Maybe<Scalars['Float']['output']>;
  /** When the device took the fix. */
  recordedAt: Scalars['DateTime']['output'];
};

/** What an app can read again by its id, as in https://relay.dev/docs/guides/graphql-server-specification/#object-identification. */
export type Node = {
  /** It is never given to another object. */
  id: Scalars['ID']['output'];
};

/** A person with an account, as others see them. */
export type User = Node & {
  __typename?: 'User';
  /** A UUID, which is never given to another user. */
  id: Scalars['ID']['output'];
  /** A unique name of 3 to 30 characters: a-z, 0-9, '_' and '.'. Upper and lower case are the same. */
  handle: Scalars['String']['output'];
  /** The name that people read, 1 to 100 characters, at least one of them visible. */
  displayName: Scalars['String']['output'];
};

/** A user's request to be friends with another user. */
export type FriendRequest = {
  __typename?: 'FriendRequest';
  /** A UUID. */
  id: Scalars['ID']['output'];
  /** The user who asked. */
  from: User;
  /** The user who was asked. */
  to: User;
  /** The state of the request. */
  status: FriendRequestStatus;
  /** When the request was made. */
  createdAt: Scalars['DateTime']['output'];
};

/** The state of a friend request. All states but PENDING are final. */
export type FriendRequestStatus =
  /** The request waits for an answer. */
  | 'PENDING'
  /** The request made the two users friends. */
  | 'ACCEPTED'
  /** The user who was asked declined. */
  | 'DECLINED'
  /** The user who asked withdrew the request. */
  | 'CANCELLED';

/** A side of a friend request. */
export type FriendRequestDirection =
  /** Requests to the signed-in user. */
  | 'INCOMING'
  /** Requests by the signed-in user. */
  | 'OUTGOING';

/** Whether friends can see a user, until when, from how far away, and how exactly. */
export type Sharing = {
  __typename?: 'Sharing';
  /** Whether friends can see the user now. */
  enabled: Scalars['Boolean']['output'];
  /** When the present state switches by itself; null when it lasts until it is changed. */
  until?: Maybe<Scalars['DateTime']['output']>;
  /** A friend who is farther away than this, in metres, does not see the user, whatever radius the friend asks for. Null when the user has set no limit; the server's own limit applies in any case. */
  maxRadiusMeters?: Maybe<Scalars['Float']['output']>;
  /** How exactly friends without an exception see the user. */
  precision: LocationPrecision;
};

/** What one friend sees, where that differs from the others. */
export type SharingException = {
  __typename?: 'SharingException';
  /** The friend. */
  friend: User;
  /** Whether the friend sees the user at all; false hides the user from this friend alone, who is not told so. */
  enabled: Scalars['Boolean']['output'];
  /** How exactly the friend sees the user. */
  precision: LocationPrecision;
  /** When the exception ends by itself; null when it lasts until cleared. */
  until?: Maybe<Scalars['DateTime']['output']>;
};

/** A device that reports with a token of its own. */
export type DeviceToken = {
  __typename?: 'DeviceToken';
  /** The id. */
  id: Scalars['ID']['output'];
  /** The name that the user gave it. */
  name: Scalars['String']['output'];
  /** When it was made. */
  createdAt: Scalars['DateTime']['output'];
  /** Null before the first report; to the full minute. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
};

/** A new token with its secret. */
export type CreatedDeviceToken = {
  __typename?: 'CreatedDeviceToken';
  /** The token. */
  token: DeviceToken;
  /** The password for HTTP Basic, with the user's handle as the user name, or a bearer token. Told once. */
  secret: Scalars['String']['output'];
};

/** A signed-in user and the tokens of the session. */
export type AuthPayload = {
  __typename?: 'AuthPayload';
  /** The user. */
  user: User;
  /** A JWT for 'Authorization: Bearer ...' over HTTP and for {authorization: 'Bearer ...'} in connection_init. */
  accessToken: Scalars['String']['output'];
  /** When the access token expires: it is then refused, and sockets that it opened or renewed last are closed. */
  accessTokenExpiresAt: Scalars['DateTime']['output'];
  /** The argument for Mutation.refreshToken. It is meant to be used once. */
  refreshToken: Scalars['String']['output'];
};

/** A sign-in and what follows from it, on one device as a rule. */
export type Session = {
  __typename?: 'Session';
  /** A UUID, for Mutation.endSession. */
  id: Scalars['ID']['output'];
  /** When the user signed in. */
  createdAt: Scalars['DateTime']['output'];
  /** When its tokens were renewed last, or made. An app that is in use renews them before its access token expires, every half an hour unless configured otherwise. */
  lastUsedAt: Scalars['DateTime']['output'];
  /** Whether it is the session of the caller's token. */
  isCurrent: Scalars['Boolean']['output'];
};

/** What an app needs to know of the server. */
export type ServerInfo = {
  __typename?: 'ServerInfo';
  /** The server's time. The difference to the device's time is what recordedAt, updatedAt and other times are to be corrected by. */
  time: Scalars['DateTime']['output'];
  /** After so many seconds without a report a user leaves all lists. Report at least a few times within it. */
  locationTtlSeconds: Scalars['Int']['output'];
  /** The applicationServerKey for PushManager.subscribe, base64url; null when this server sends no push messages. */
  pushPublicKey?: Maybe<Scalars['String']['output']>;
};

/** That the user wants to be told when a friend comes near. */
export type NearAlert = {
  __typename?: 'NearAlert';
  /** The friend. */
  friend: User;
  /** How near, in metres. Nobody is near beyond what the server allows, or the friend (Sharing.maxRadiusMeters). */
  radiusMeters: Scalars['Float']['output'];
};

/** The result of a reported location. */
export type UpdateLocationPayload = {
  __typename?: 'UpdateLocationPayload';
  /** The location as the server accepted it. */
  location: Location;
  /** True when the history row is committed. False when the history store is slow or down: friends still get the location, and the row is kept in memory until it can be written. */
  recorded: Scalars['Boolean']['output'];
  /** An opaque number, digits, of the neighbourhood of the location: the same for everybody there, and without a meaning elsewhere. Connect with it the next time, as in wss://example.org/graphql?near=1234567890, so that a load balancer can let people who are near each other share a server: see docs/protocol.md. */
  near: Scalars['String']['output'];
};

/** A new account. */
export type SignUpInput = {
  /** As in User.handle, with at least one letter or digit. Upper case becomes lower case. */
  handle: Scalars['String']['input'];
  /**
   * As in User.displayName, without characters that control text direction, with invisible ones only where emoji and
   * scripts need them, and with at most 4 combining marks in a row. It is composed (NFC), white space around it is
   * removed, and white space in it becomes single spaces.
   */
  displayName: Scalars['String']['input'];
  /** 8 to 256 characters. */
  password: Scalars['String']['input'];
  /** As in Sharing.enabled. An app that asks people first sets it to their answer. */
  sharingEnabled?: Scalars['Boolean']['input'];
};

/** The credentials of a user. */
export type SignInInput = {
  /** Upper and lower case are the same. */
  handle: Scalars['String']['input'];
  /** As in SignUpInput. */
  password: Scalars['String']['input'];
};

/** The old and the new password of a user. */
export type ChangePasswordInput = {
  /** The password until now. */
  currentPassword: Scalars['String']['input'];
  /** As in SignUpInput. */
  newPassword: Scalars['String']['input'];
};

/** How a user appears to others from now on. */
export type UpdateProfileInput = {
  /** As in SignUpInput. When left out or null, it stays as it is. */
  displayName?: InputMaybe<Scalars['String']['input']>;
};

/** The position of a device. */
export type UpdateLocationInput = {
  /** Degrees north of the equator. */
  latitude: Scalars['Latitude']['input'];
  /** Degrees east of Greenwich. */
  longitude: Scalars['Longitude']['input'];
  /** As in Location.accuracyMeters: 0 or more. */
  accuracyMeters?: InputMaybe<Scalars['Float']['input']>;
  /** As in Location.speedMetersPerSecond, at most 10000; below 0 counts as not known, as iOS means it. */
  speedMetersPerSecond?: InputMaybe<Scalars['Float']['input']>;
  /** As in Location.headingDegrees; below 0 and NaN count as not known, 360 as 0. */
  headingDegrees?: InputMaybe<Scalars['Float']['input']>;
  /** When the device took the fix; now when omitted. Up to 60 s ahead of the server's clock counts as now; more is BAD_USER_INPUT, and so is a fix older than the server keeps history. A fix older than the newest known one goes to the history only: live lists never go back in time. So does one that is older than LOCATION_TTL_SECONDS, unless stillHere is true. */
  recordedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** A UUID made by the client, which makes a retry safe: the same id twice records one row. The same id with other contents is CONFLICT. Ids are remembered for three days after recordedAt; the same location with its recordedAt and id is recorded once even later. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The app's name for this device, such as a UUID that it keeps: 1 to 64 characters. When several devices of a user have names, friends see one of them at a time: the one that moved last, until it is silent. What the others report goes to the history only. A device without a name is always shown. */
  device?: InputMaybe<Scalars['String']['input']>;
  /** True when the device has no newer fix and is still at this one, however old it is: send the same fix again, with its id and recordedAt. The user then counts as active and updatedAt is now; recordedAt stays that of the fix. */
  stillHere?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Whether friends may see the user from now on, until when, from how far away, and how exactly. */
export type UpdateSharingInput = {
  /** True resumes sharing, false pauses it. */
  enabled: Scalars['Boolean']['input'];
  /** When that switches by itself, in the future. When omitted, it lasts until it is changed. */
  until?: InputMaybe<Scalars['DateTime']['input']>;
  /** As in Sharing.maxRadiusMeters: more than 0 and at most 500000. When omitted, the limit stays as it is; null lifts it. */
  maxRadiusMeters?: InputMaybe<Scalars['Float']['input']>;
  /** How exactly friends see the user from now on; when left out it stays as it is. EXACT at first. */
  precision?: InputMaybe<LocationPrecision>;
};

/** What one friend is to see. */
export type SharingExceptionInput = {
  /** The id of the friend. */
  friendId: Scalars['ID']['input'];
  /** False hides the user from this friend. */
  enabled?: Scalars['Boolean']['input'];
  /** How exactly the friend sees the user. */
  precision?: LocationPrecision;
  /** When the exception ends by itself, in the future; when left out it lasts until cleared. */
  until?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A browser that is sent push messages, as the Push API describes it (PushSubscription.toJSON). */
export type PushSubscriptionInput = {
  /** The URL of its push service, at most 2000 characters. Whoever knows it can use up the browser's patience: it is a secret. */
  endpoint: Scalars['String']['input'];
  /** keys.p256dh: an uncompressed point of the curve P-256, base64url. */
  p256dh: Scalars['String']['input'];
  /** keys.auth: 16 bytes, base64url. */
  auth: Scalars['String']['input'];
};

/** A page of users. Connections follow https://relay.dev/graphql/connections.htm, forward only; first is at most 1000. */
export type UserConnection = {
  __typename?: 'UserConnection';
  edges: Array<UserEdge>;
  pageInfo: PageInfo;
  /** The number of users on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A user in a page. */
export type UserEdge = {
  __typename?: 'UserEdge';
  cursor: Scalars['String']['output'];
  node: User;
};

/** A page of sessions. */
export type SessionConnection = {
  __typename?: 'SessionConnection';
  edges: Array<SessionEdge>;
  pageInfo: PageInfo;
};

/** A session in a page. */
export type SessionEdge = {
  __typename?: 'SessionEdge';
  cursor: Scalars['String']['output'];
  node: Session;
};

/** A page of friend requests. */
export type FriendRequestConnection = {
  __typename?: 'FriendRequestConnection';
  edges: Array<FriendRequestEdge>;
  pageInfo: PageInfo;
};

/** A friend request in a page. */
export type FriendRequestEdge = {
  __typename?: 'FriendRequestEdge';
  cursor: Scalars['String']['output'];
  node: FriendRequest;
};

/** A page of exceptions. */
export type SharingExceptionConnection = {
  __typename?: 'SharingExceptionConnection';
  edges: Array<SharingExceptionEdge>;
  pageInfo: PageInfo;
};

/** An exception in a page. */
export type SharingExceptionEdge = {
  __typename?: 'SharingExceptionEdge';
  cursor: Scalars['String']['output'];
  node: SharingException;
};

/** A page of alerts. */
export type NearAlertConnection = {
  __typename?: 'NearAlertConnection';
  edges: Array<NearAlertEdge>;
  pageInfo: PageInfo;
};

/** An alert in a page. */
export type NearAlertEdge = {
  __typename?: 'NearAlertEdge';
  cursor: Scalars['String']['output'];
  node: NearAlert;
};

/** A page of recorded locations. */
export type LocationConnection = {
  __typename?: 'LocationConnection';
  edges: Array<LocationEdge>;
  pageInfo: PageInfo;
};

/** A recorded location in a page. */
export type LocationEdge = {
  __typename?: 'LocationEdge';
  cursor: Scalars['String']['output'];
  node: Location;
};

/** The place of a page in its list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Whether more items follow. Request them with after: endCursor. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether the page was requested with after, so that items may come before it. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge; null for an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
  /** The cursor of the last edge; null for an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node: ( UserCardModel );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  SharingState: ResolverTypeWrapper<SharingStateModel>;
  LivePlace: ResolverTypeWrapper<LivePlaceModel>;
  NearbyFriendsUpdate: ResolverTypeWrapper<NearbyFrameModel>;
  NearbyFriend: ResolverTypeWrapper<NearbyFriendModel>;
  LocationPrecision: LocationPrecision;
  DepartedFriend: ResolverTypeWrapper<DepartedFriendModel>;
  DepartureReason: DepartureReason;
  Location: ResolverTypeWrapper<LocationUpdateModel>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  User: ResolverTypeWrapper<UserCardModel>;
  FriendRequest: ResolverTypeWrapper<FriendRequestModel>;
  FriendRequestStatus: FriendRequestStatus;
  FriendRequestDirection: FriendRequestDirection;
  Sharing: ResolverTypeWrapper<SharingModel>;
  SharingException: ResolverTypeWrapper<FriendExceptionModel>;
  DeviceToken: ResolverTypeWrapper<DeviceTokenModel>;
  CreatedDeviceToken: ResolverTypeWrapper<Omit<CreatedDeviceToken, 'token'> & { token: ResolversTypes['DeviceToken'] }>;
  AuthPayload: ResolverTypeWrapper<Omit<AuthPayload, 'user'> & { user: ResolversTypes['User'] }>;
  Session: ResolverTypeWrapper<OwnSessionModel>;
  ServerInfo: ResolverTypeWrapper<ServerInfo>;
  NearAlert: ResolverTypeWrapper<NearAlertModel>;
  UpdateLocationPayload: ResolverTypeWrapper<PublishedLocationModel>;
  SignUpInput: SignUpInput;
  SignInInput: SignInInput;
  ChangePasswordInput: ChangePasswordInput;
  UpdateProfileInput: UpdateProfileInput;
  UpdateLocationInput: UpdateLocationInput;
  UpdateSharingInput: UpdateSharingInput;
  SharingExceptionInput: SharingExceptionInput;
  PushSubscriptionInput: PushSubscriptionInput;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: Array<ResolversTypes['UserEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  SessionConnection: ResolverTypeWrapper<Omit<SessionConnection, 'edges'> & { edges: Array<ResolversTypes['SessionEdge']> }>;
  SessionEdge: ResolverTypeWrapper<Omit<SessionEdge, 'node'> & { node: ResolversTypes['Session'] }>;
  FriendRequestConnection: ResolverTypeWrapper<Omit<FriendRequestConnection, 'edges'> & { edges: Array<ResolversTypes['FriendRequestEdge']> }>;
  FriendRequestEdge: ResolverTypeWrapper<Omit<FriendRequestEdge, 'node'> & { node: ResolversTypes['FriendRequest'] }>;
  SharingExceptionConnection: ResolverTypeWrapper<Omit<SharingExceptionConnection, 'edges'> & { edges: Array<ResolversTypes['SharingExceptionEdge']> }>;
  SharingExceptionEdge: ResolverTypeWrapper<Omit<SharingExceptionEdge, 'node'> & { node: ResolversTypes['SharingException'] }>;
  NearAlertConnection: ResolverTypeWrapper<Omit<NearAlertConnection, 'edges'> & { edges: Array<ResolversTypes['NearAlertEdge']> }>;
  NearAlertEdge: ResolverTypeWrapper<Omit<NearAlertEdge, 'node'> & { node: ResolversTypes['NearAlert'] }>;
  LocationConnection: ResolverTypeWrapper<Omit<LocationConnection, 'edges'> & { edges: Array<ResolversTypes['LocationEdge']> }>;
  LocationEdge: ResolverTypeWrapper<Omit<LocationEdge, 'node'> & { node: ResolversTypes['Location'] }>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Latitude: ResolverTypeWrapper<Scalars['Latitude']['output']>;
  Longitude: ResolverTypeWrapper<Scalars['Longitude']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Float: Scalars['Float']['output'];
  Boolean: Scalars['Boolean']['output'];
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  SharingState: SharingStateModel;
  LivePlace: LivePlaceModel;
  NearbyFriendsUpdate: NearbyFrameModel;
  NearbyFriend: NearbyFriendModel;
  DepartedFriend: DepartedFriendModel;
  Location: LocationUpdateModel;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  User: UserCardModel;
  FriendRequest: FriendRequestModel;
  Sharing: SharingModel;
  SharingException: FriendExceptionModel;
  DeviceToken: DeviceTokenModel;
  CreatedDeviceToken: Omit<CreatedDeviceToken, 'token'> & { token: ResolversParentTypes['DeviceToken'] };
  AuthPayload: Omit<AuthPayload, 'user'> & { user: ResolversParentTypes['User'] };
  Session: OwnSessionModel;
  ServerInfo: ServerInfo;
  NearAlert: NearAlertModel;
  UpdateLocationPayload: PublishedLocationModel;
  SignUpInput: SignUpInput;
  SignInInput: SignInInput;
  ChangePasswordInput: ChangePasswordInput;
  UpdateProfileInput: UpdateProfileInput;
  UpdateLocationInput: UpdateLocationInput;
  UpdateSharingInput: UpdateSharingInput;
  SharingExceptionInput: SharingExceptionInput;
  PushSubscriptionInput: PushSubscriptionInput;
  UserConnection: Omit<UserConnection, 'edges'> & { edges: Array<ResolversParentTypes['UserEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  SessionConnection: Omit<SessionConnection, 'edges'> & { edges: Array<ResolversParentTypes['SessionEdge']> };
  SessionEdge: Omit<SessionEdge, 'node'> & { node: ResolversParentTypes['Session'] };
  FriendRequestConnection: Omit<FriendRequestConnection, 'edges'> & { edges: Array<ResolversParentTypes['FriendRequestEdge']> };
  FriendRequestEdge: Omit<FriendRequestEdge, 'node'> & { node: ResolversParentTypes['FriendRequest'] };
  SharingExceptionConnection: Omit<SharingExceptionConnection, 'edges'> & { edges: Array<ResolversParentTypes['SharingExceptionEdge']> };
  SharingExceptionEdge: Omit<SharingExceptionEdge, 'node'> & { node: ResolversParentTypes['SharingException'] };
  NearAlertConnection: Omit<NearAlertConnection, 'edges'> & { edges: Array<ResolversParentTypes['NearAlertEdge']> };
  NearAlertEdge: Omit<NearAlertEdge, 'node'> & { node: ResolversParentTypes['NearAlert'] };
  LocationConnection: Omit<LocationConnection, 'edges'> & { edges: Array<ResolversParentTypes['LocationEdge']> };
  LocationEdge: Omit<LocationEdge, 'node'> & { node: ResolversParentTypes['Location'] };
  PageInfo: PageInfo;
  Latitude: Scalars['Latitude']['output'];
  Longitude: Scalars['Longitude']['output'];
  DateTime: Scalars['DateTime']['output'];
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
};

export type CostDirectiveArgs = {
  weight: Scalars['String']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize: Scalars['Int']['input'];
  slicingArguments?: Maybe<Array<Scalars['String']['input']>>;
  sizedFields?: Maybe<Array<Scalars['String']['input']>>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type QueryResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  me: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  user: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'handle'>>;
  node: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  friends: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryFriendsArgs, 'first'>>;
  friendRequests: Resolver<ResolversTypes['FriendRequestConnection'], ParentType, ContextType, RequireFields<QueryFriendRequestsArgs, 'direction' | 'first'>>;
  blockedUsers: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryBlockedUsersArgs, 'first'>>;
  sessions: Resolver<ResolversTypes['SessionConnection'], ParentType, ContextType, RequireFields<QuerySessionsArgs, 'first'>>;
  sharing: Resolver<ResolversTypes['Sharing'], ParentType, ContextType>;
  sharingExceptions: Resolver<ResolversTypes['SharingExceptionConnection'], ParentType, ContextType, RequireFields<QuerySharingExceptionsArgs, 'first'>>;
  deviceTokens: Resolver<Array<ResolversTypes['DeviceToken']>, ParentType, ContextType>;
  nearAlerts: Resolver<ResolversTypes['NearAlertConnection'], ParentType, ContextType, RequireFields<QueryNearAlertsArgs, 'first'>>;
  server: Resolver<ResolversTypes['ServerInfo'], ParentType, ContextType>;
  nearbyFriends: Resolver<Array<ResolversTypes['NearbyFriend']>, ParentType, ContextType, Partial<QueryNearbyFriendsArgs>>;
  locationHistory: Resolver<ResolversTypes['LocationConnection'], ParentType, ContextType, RequireFields<QueryLocationHistoryArgs, 'first' | 'oldestFirst'>>;
};

export type MutationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  signUp: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationSignUpArgs, 'input'>>;
  signIn: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationSignInArgs, 'input'>>;
  refreshToken: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationRefreshTokenArgs, 'refreshToken'>>;
  renewConnection: Resolver<ResolversTypes['DateTime'], ParentType, ContextType, RequireFields<MutationRenewConnectionArgs, 'accessToken'>>;
  signOut: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endSession: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationEndSessionArgs, 'id'>>;
  changePassword: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'input'>>;
  updateProfile: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationUpdateProfileArgs, 'input'>>;
  updateLocation: Resolver<ResolversTypes['UpdateLocationPayload'], ParentType, ContextType, RequireFields<MutationUpdateLocationArgs, 'input'>>;
  updateLocations: Resolver<Array<ResolversTypes['UpdateLocationPayload']>, ParentType, ContextType, RequireFields<MutationUpdateLocationsArgs, 'inputs'>>;
  clearLocation: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sendFriendRequest: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationSendFriendRequestArgs, 'userId'>>;
  acceptFriendRequest: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationAcceptFriendRequestArgs, 'requestId'>>;
  declineFriendRequest: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationDeclineFriendRequestArgs, 'requestId'>>;
  cancelFriendRequest: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationCancelFriendRequestArgs, 'requestId'>>;
  removeFriend: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRemoveFriendArgs, 'userId'>>;
  blockUser: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationBlockUserArgs, 'userId'>>;
  unblockUser: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationUnblockUserArgs, 'userId'>>;
  updateSharing: Resolver<ResolversTypes['Sharing'], ParentType, ContextType, RequireFields<MutationUpdateSharingArgs, 'input'>>;
  setSharingException: Resolver<ResolversTypes['SharingException'], ParentType, ContextType, RequireFields<MutationSetSharingExceptionArgs, 'input'>>;
  clearSharingException: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationClearSharingExceptionArgs, 'friendId'>>;
  createDeviceToken: Resolver<ResolversTypes['CreatedDeviceToken'], ParentType, ContextType, RequireFields<MutationCreateDeviceTokenArgs, 'name'>>;
  revokeDeviceToken: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeDeviceTokenArgs, 'id'>>;
  addPushSubscription: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationAddPushSubscriptionArgs, 'input'>>;
  removePushSubscription: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRemovePushSubscriptionArgs, 'endpoint'>>;
  setNearAlert: Resolver<Maybe<ResolversTypes['NearAlert']>, ParentType, ContextType, RequireFields<MutationSetNearAlertArgs, 'friendId'>>;
  deleteLocationHistory: Resolver<ResolversTypes['Int'], ParentType, ContextType, Partial<MutationDeleteLocationHistoryArgs>>;
  deleteAccount: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  nearbyFriends: SubscriptionResolver<ResolversTypes['NearbyFriendsUpdate'], "nearbyFriends", ParentType, ContextType, RequireFields<SubscriptionNearbyFriendsArgs, 'leaveMarginMeters'>>;
  friendRequests: SubscriptionResolver<ResolversTypes['FriendRequest'], "friendRequests", ParentType, ContextType>;
  sharing: SubscriptionResolver<ResolversTypes['SharingState'], "sharing", ParentType, ContextType, Partial<SubscriptionSharingArgs>>;
};

export type SharingStateResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SharingState'] = ResolversParentTypes['SharingState']> = {
  sharing?: Resolver<ResolversTypes['Sharing'], ParentType, ContextType>;
  place?: Resolver<Maybe<ResolversTypes['LivePlace']>, ParentType, ContextType>;
  friendsChanged?: Resolver<Maybe<Array<ResolversTypes['ID']>>, ParentType, ContextType>;
  exceptionsChanged?: Resolver<Maybe<Array<ResolversTypes['ID']>>, ParentType, ContextType>;
};

export type LivePlaceResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LivePlace'] = ResolversParentTypes['LivePlace']> = {
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  ofThisDevice?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
};

export type NearbyFriendsUpdateResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearbyFriendsUpdate'] = ResolversParentTypes['NearbyFriendsUpdate']> = {
  snapshot?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  nearby?: Resolver<Array<ResolversTypes['NearbyFriend']>, ParentType, ContextType>;
  left?: Resolver<Array<ResolversTypes['DepartedFriend']>, ParentType, ContextType>;
  origin?: Resolver<Maybe<ResolversTypes['Location']>, ParentType, ContextType>;
};

export type NearbyFriendResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearbyFriend'] = ResolversParentTypes['NearbyFriend']> = {
  friend?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  distanceMeters?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  location?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  precision?: Resolver<ResolversTypes['LocationPrecision'], ParentType, ContextType>;
};

export type DepartedFriendResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DepartedFriend'] = ResolversParentTypes['DepartedFriend']> = {
  friendId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['DepartureReason'], ParentType, ContextType>;
};

export type LocationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Location'] = ResolversParentTypes['Location']> = {
  latitude?: Resolver<ResolversTypes['Latitude'], ParentType, ContextType>;
  longitude?: Resolver<ResolversTypes['Longitude'], ParentType, ContextType>;
  accuracyMeters?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  speedMetersPerSecond?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  headingDegrees?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type NodeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'User', ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  displayName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FriendRequestResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequest'] = ResolversParentTypes['FriendRequest']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['FriendRequestStatus'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SharingResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Sharing'] = ResolversParentTypes['Sharing']> = {
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  until?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  maxRadiusMeters?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  precision?: Resolver<ResolversTypes['LocationPrecision'], ParentType, ContextType>;
};

export type SharingExceptionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SharingException'] = ResolversParentTypes['SharingException']> = {
  friend?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  precision?: Resolver<ResolversTypes['LocationPrecision'], ParentType, ContextType>;
  until?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type DeviceTokenResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DeviceToken'] = ResolversParentTypes['DeviceToken']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type CreatedDeviceTokenResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['CreatedDeviceToken'] = ResolversParentTypes['CreatedDeviceToken']> = {
  token?: Resolver<ResolversTypes['DeviceToken'], ParentType, ContextType>;
  secret?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuthPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['AuthPayload'] = ResolversParentTypes['AuthPayload']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  accessTokenExpiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastUsedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  isCurrent?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type ServerInfoResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['ServerInfo'] = ResolversParentTypes['ServerInfo']> = {
  time?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  locationTtlSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  pushPublicKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type NearAlertResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearAlert'] = ResolversParentTypes['NearAlert']> = {
  friend?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  radiusMeters?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type UpdateLocationPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UpdateLocationPayload'] = ResolversParentTypes['UpdateLocationPayload']> = {
  location?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
  recorded?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  near?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Array<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type SessionConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SessionConnection'] = ResolversParentTypes['SessionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SessionEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SessionEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SessionEdge'] = ResolversParentTypes['SessionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
};

export type FriendRequestConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequestConnection'] = ResolversParentTypes['FriendRequestConnection']> = {
  edges?: Resolver<Array<ResolversTypes['FriendRequestEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type FriendRequestEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequestEdge'] = ResolversParentTypes['FriendRequestEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType>;
};

export type SharingExceptionConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SharingExceptionConnection'] = ResolversParentTypes['SharingExceptionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SharingExceptionEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SharingExceptionEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SharingExceptionEdge'] = ResolversParentTypes['SharingExceptionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['SharingException'], ParentType, ContextType>;
};

export type NearAlertConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearAlertConnection'] = ResolversParentTypes['NearAlertConnection']> = {
  edges?: Resolver<Array<ResolversTypes['NearAlertEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type NearAlertEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearAlertEdge'] = ResolversParentTypes['NearAlertEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['NearAlert'], ParentType, ContextType>;
};

export type LocationConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LocationConnection'] = ResolversParentTypes['LocationConnection']> = {
  edges?: Resolver<Array<ResolversTypes['LocationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type LocationEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LocationEdge'] = ResolversParentTypes['LocationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface LatitudeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Latitude'], any> {
  name: 'Latitude';
}

export interface LongitudeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Longitude'], any> {
  name: 'Longitude';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type Resolvers<ContextType = GraphQLContext> = {
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  SharingState?: SharingStateResolvers<ContextType>;
  LivePlace?: LivePlaceResolvers<ContextType>;
  NearbyFriendsUpdate?: NearbyFriendsUpdateResolvers<ContextType>;
  NearbyFriend?: NearbyFriendResolvers<ContextType>;
  DepartedFriend?: DepartedFriendResolvers<ContextType>;
  Location?: LocationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  FriendRequest?: FriendRequestResolvers<ContextType>;
  Sharing?: SharingResolvers<ContextType>;
  SharingException?: SharingExceptionResolvers<ContextType>;
  DeviceToken?: DeviceTokenResolvers<ContextType>;
  CreatedDeviceToken?: CreatedDeviceTokenResolvers<ContextType>;
  AuthPayload?: AuthPayloadResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  ServerInfo?: ServerInfoResolvers<ContextType>;
  NearAlert?: NearAlertResolvers<ContextType>;
  UpdateLocationPayload?: UpdateLocationPayloadResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  SessionConnection?: SessionConnectionResolvers<ContextType>;
  SessionEdge?: SessionEdgeResolvers<ContextType>;
  FriendRequestConnection?: FriendRequestConnectionResolvers<ContextType>;
  FriendRequestEdge?: FriendRequestEdgeResolvers<ContextType>;
  SharingExceptionConnection?: SharingExceptionConnectionResolvers<ContextType>;
  SharingExceptionEdge?: SharingExceptionEdgeResolvers<ContextType>;
  NearAlertConnection?: NearAlertConnectionResolvers<ContextType>;
  NearAlertEdge?: NearAlertEdgeResolvers<ContextType>;
  LocationConnection?: LocationConnectionResolvers<ContextType>;
  LocationEdge?: LocationEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Latitude?: GraphQLScalarType;
  Longitude?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = GraphQLContext> = {
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
};
