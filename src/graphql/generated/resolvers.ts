import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserCard as UserCardModel } from '../../domain/user.js';
import type { FriendRequest as FriendRequestModel } from '../../domain/friendship.js';
import type { Sharing as SharingModel } from '../../domain/sharing.js';
import type { LocationUpdate as LocationUpdateModel } from '../../domain/location-update.js';
import type { NearbyFriend as NearbyFriendModel, NearbyFrame as NearbyFrameModel, DepartedFriend as DepartedFriendModel } from '../../domain/proximity-gate.js';
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
  /** An instant in UTC as RFC 3339 with milliseconds, e.g. 2026-11-22T05:17:57.123Z. */
  DateTime: { input: number; output: number; }
  /** WGS 84 latitude in decimal degrees: a finite number from -90 to 90. */
  Latitude: { input: number; output: number; }
  /** WGS 84 longitude in decimal degrees: a finite number from -180 to 180; -180 and 180 are one meridian. */
  Longitude: { input: number; output: number; }
};

export type AuthPayload = {
  __typename?: 'AuthPayload';
  /** JWT for 'Authorization: Bearer ...' over HTTP and for {authorization: 'Bearer ...'} in connection_init. */
  accessToken: Scalars['String']['output'];
  accessTokenExpiresAt: Scalars['DateTime']['output'];
  refreshToken: Scalars['String']['output'];
  user: User;
};

export type DepartedFriend = {
  __typename?: 'DepartedFriend';
  friendId: Scalars['ID']['output'];
  reason: DepartureReason;
};

export type DepartureReason =
  /** Still sharing, but farther away than the radius. */
  | 'OUT_OF_RANGE'
  /** No longer visible: inactive for ten minutes, sharing paused, or no longer a friend. Which of them is not told. */
  | 'UNAVAILABLE';

export type FriendRequest = {
  __typename?: 'FriendRequest';
  createdAt: Scalars['DateTime']['output'];
  from: User;
  id: Scalars['ID']['output'];
  status: FriendRequestStatus;
  to: User;
};

export type FriendRequestConnection = {
  __typename?: 'FriendRequestConnection';
  edges: Array<FriendRequestEdge>;
  pageInfo: PageInfo;
};

export type FriendRequestDirection =
  | 'INCOMING'
  | 'OUTGOING';

export type FriendRequestEdge = {
  __typename?: 'FriendRequestEdge';
  cursor: Scalars['String']['output'];
  node: FriendRequest;
};

export type FriendRequestStatus =
  | 'ACCEPTED'
  | 'CANCELLED'
  | 'DECLINED'
  | 'PENDING';

export type Location = {
  __typename?: 'Location';
  /** Radius in metres around the point that holds the true position with 68 % confidence, as the device reported it. */
  accuracyMeters?: Maybe<Scalars['Float']['output']>;
  latitude: Scalars['Latitude']['output'];
  longitude: Scalars['Longitude']['output'];
  /** When the device took the fix. */
  recordedAt: Scalars['DateTime']['output'];
};

export type LocationConnection = {
  __typename?: 'LocationConnection';
  edges: Array<LocationEdge>;
  pageInfo: PageInfo;
};

export type LocationEdge = {
  __typename?: 'LocationEdge';
  cursor: Scalars['String']['output'];
  node: Location;
};

export type Mutation = {
  __typename?: 'Mutation';
  acceptFriendRequest: FriendRequest;
  /** Blocks a user: ends friendship and requests between the two, and neither can find the other any more. */
  blockUser: Scalars['Boolean']['output'];
  cancelFriendRequest: FriendRequest;
  declineFriendRequest: FriendRequest;
  /** Deletes the account with everything it ever recorded. */
  deleteAccount: Scalars['Boolean']['output'];
  /** Deletes the signed-in user's recorded locations in [from, to); everything when both are left out. Returns how many. */
  deleteLocationHistory: Scalars['Int']['output'];
  /** Trades a refresh token for a new pair; the old refresh token stops working. */
  refreshToken: AuthPayload;
  /** Ends a friendship for both; each leaves the other's live list at once. */
  removeFriend: Scalars['Boolean']['output'];
  /** Asks a user to be friends. Asking someone whose request is waiting makes the two friends. */
  sendFriendRequest: FriendRequest;
  /** Errors: UNAUTHENTICATED, the same whether the handle is unknown or the password wrong. */
  signIn: AuthPayload;
  /** Ends the session that the caller's token belongs to: its refresh token stops working and its sockets are closed. */
  signOut: Scalars['Boolean']['output'];
  /** Creates an account and signs in. Errors: BAD_USER_INPUT, CONFLICT (handle taken). */
  signUp: AuthPayload;
  unblockUser: Scalars['Boolean']['output'];
  /** Reports where the signed-in user is. Friends within their radius see it at once. */
  updateLocation: UpdateLocationPayload;
  /** Pauses or resumes sharing. Pausing takes the user off every friend's live list at once. */
  updateSharing: Sharing;
};


export type MutationAcceptFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationBlockUserArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationCancelFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationDeclineFriendRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationDeleteLocationHistoryArgs = {
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


export type MutationRefreshTokenArgs = {
  refreshToken: Scalars['String']['input'];
};


export type MutationRemoveFriendArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationSendFriendRequestArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationSignInArgs = {
  input: SignInInput;
};


export type MutationSignUpArgs = {
  input: SignUpInput;
};


export type MutationUnblockUserArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationUpdateLocationArgs = {
  input: UpdateLocationInput;
};


export type MutationUpdateSharingArgs = {
  input: UpdateSharingInput;
};

export type NearbyFriend = {
  __typename?: 'NearbyFriend';
  /** Great-circle distance from the subscriber in metres (sphere of radius 6371008.8 m). */
  distanceMeters: Scalars['Float']['output'];
  friend: User;
  location: Location;
  /** When the server last heard from this friend. */
  updatedAt: Scalars['DateTime']['output'];
};

export type NearbyFriendsUpdate = {
  __typename?: 'NearbyFriendsUpdate';
  /** Friends to take off the list. */
  left: Array<DepartedFriend>;
  /** Friends to insert or replace, keyed by friend.id; nearest first. */
  nearby: Array<NearbyFriend>;
  /** Where the distances were measured from: the subscriber's own newest location. Null until the first updateLocation, and after ten minutes without one; nearby is then empty. */
  origin?: Maybe<Location>;
  /** True when nearby is the whole list and replaces what the client holds. */
  snapshot: Scalars['Boolean']['output'];
};

export type PageInfo = {
  __typename?: 'PageInfo';
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /** People the signed-in user has blocked, newest first. */
  blockedUsers: UserConnection;
  /** Requests waiting for an answer, newest first. */
  friendRequests: FriendRequestConnection;
  /** The signed-in user's friends, ordered by handle. */
  friends: UserConnection;
  /** The signed-in user's own recorded locations, newest first. Nobody can read anyone else's. */
  locationHistory: LocationConnection;
  /** The signed-in user. */
  me: User;
  /** Nearby friends at this moment, nearest first: the list that a new nearbyFriends subscription would open with. */
  nearbyFriends: Array<NearbyFriend>;
  /** What the signed-in user lets friends see. */
  sharing: Sharing;
  /** A user by exact handle, to send a request to. Null when nobody has it, and also when either side blocked the other: the two can't be told apart. */
  user?: Maybe<User>;
};


export type QueryBlockedUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


export type QueryFriendRequestsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  direction?: FriendRequestDirection;
  first?: Scalars['Int']['input'];
};


export type QueryFriendsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


export type QueryLocationHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


export type QueryNearbyFriendsArgs = {
  radiusMeters?: InputMaybe<Scalars['Float']['input']>;
};


export type QueryUserArgs = {
  handle: Scalars['String']['input'];
};

export type Sharing = {
  __typename?: 'Sharing';
  /** Whether friends can see the user now. */
  enabled: Scalars['Boolean']['output'];
  /** When the present state turns over by itself; null when it lasts until changed. */
  until?: Maybe<Scalars['DateTime']['output']>;
};

export type SignInInput = {
  handle: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type SignUpInput = {
  displayName: Scalars['String']['input'];
  handle: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type Subscription = {
  __typename?: 'Subscription';
  /** Friend requests to and from the signed-in user as they are made and answered. */
  friendRequests: FriendRequest;
  /**
   * The signed-in user's nearby friends, live.
   *
   * The first message is a snapshot. Every later one carries changes only: friends who came into the radius or moved
   * within it (also when the subscriber moved and their distance changed), and friends who left it. A friend leaves by
   * moving out of the radius, by ten minutes without an update, by pausing sharing, or by ceasing to be a friend.
   * Changes that fall close together share one message, the newest per friend. After the server had to drop or may have missed
   * something it sends a new snapshot: replace the list.
   */
  nearbyFriends: NearbyFriendsUpdate;
};


export type SubscriptionNearbyFriendsArgs = {
  radiusMeters?: InputMaybe<Scalars['Float']['input']>;
};

export type UpdateLocationInput = {
  accuracyMeters?: InputMaybe<Scalars['Float']['input']>;
  /** Client-made UUID that makes a retry safe: the same id twice records one row. The same id with other contents is CONFLICT. */
  id?: InputMaybe<Scalars['ID']['input']>;
  latitude: Scalars['Latitude']['input'];
  longitude: Scalars['Longitude']['input'];
  /** When the device took the fix; now when left out. Up to 60 s ahead of the server counts as now, more is BAD_USER_INPUT. One older than the newest known goes to history only; live lists never step back in time. */
  recordedAt?: InputMaybe<Scalars['DateTime']['input']>;
};

export type UpdateLocationPayload = {
  __typename?: 'UpdateLocationPayload';
  location: Location;
  /** True when the history row is committed. False when the history store was slow or down: friends were told, and the row is kept in memory to be written when it is back. */
  recorded: Scalars['Boolean']['output'];
};

export type UpdateSharingInput = {
  enabled: Scalars['Boolean']['input'];
  until?: InputMaybe<Scalars['DateTime']['input']>;
};

export type User = {
  __typename?: 'User';
  displayName: Scalars['String']['output'];
  /** Unique, 3 to 30 of a-z, 0-9, '_' and '.'; compared without case. */
  handle: Scalars['String']['output'];
  id: Scalars['ID']['output'];
};

export type UserConnection = {
  __typename?: 'UserConnection';
  edges: Array<UserEdge>;
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

export type UserEdge = {
  __typename?: 'UserEdge';
  cursor: Scalars['String']['output'];
  node: User;
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





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AuthPayload: ResolverTypeWrapper<Omit<AuthPayload, 'user'> & { user: ResolversTypes['User'] }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DepartedFriend: ResolverTypeWrapper<DepartedFriendModel>;
  DepartureReason: DepartureReason;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  FriendRequest: ResolverTypeWrapper<FriendRequestModel>;
  FriendRequestConnection: ResolverTypeWrapper<Omit<FriendRequestConnection, 'edges'> & { edges: Array<ResolversTypes['FriendRequestEdge']> }>;
  FriendRequestDirection: FriendRequestDirection;
  FriendRequestEdge: ResolverTypeWrapper<Omit<FriendRequestEdge, 'node'> & { node: ResolversTypes['FriendRequest'] }>;
  FriendRequestStatus: FriendRequestStatus;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Latitude: ResolverTypeWrapper<Scalars['Latitude']['output']>;
  Location: ResolverTypeWrapper<LocationUpdateModel>;
  LocationConnection: ResolverTypeWrapper<Omit<LocationConnection, 'edges'> & { edges: Array<ResolversTypes['LocationEdge']> }>;
  LocationEdge: ResolverTypeWrapper<Omit<LocationEdge, 'node'> & { node: ResolversTypes['Location'] }>;
  Longitude: ResolverTypeWrapper<Scalars['Longitude']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NearbyFriend: ResolverTypeWrapper<NearbyFriendModel>;
  NearbyFriendsUpdate: ResolverTypeWrapper<NearbyFrameModel>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Sharing: ResolverTypeWrapper<SharingModel>;
  SignInInput: SignInInput;
  SignUpInput: SignUpInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateLocationInput: UpdateLocationInput;
  UpdateLocationPayload: ResolverTypeWrapper<Omit<UpdateLocationPayload, 'location'> & { location: ResolversTypes['Location'] }>;
  UpdateSharingInput: UpdateSharingInput;
  User: ResolverTypeWrapper<UserCardModel>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: Array<ResolversTypes['UserEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AuthPayload: Omit<AuthPayload, 'user'> & { user: ResolversParentTypes['User'] };
  Boolean: Scalars['Boolean']['output'];
  DateTime: Scalars['DateTime']['output'];
  DepartedFriend: DepartedFriendModel;
  Float: Scalars['Float']['output'];
  FriendRequest: FriendRequestModel;
  FriendRequestConnection: Omit<FriendRequestConnection, 'edges'> & { edges: Array<ResolversParentTypes['FriendRequestEdge']> };
  FriendRequestEdge: Omit<FriendRequestEdge, 'node'> & { node: ResolversParentTypes['FriendRequest'] };
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Latitude: Scalars['Latitude']['output'];
  Location: LocationUpdateModel;
  LocationConnection: Omit<LocationConnection, 'edges'> & { edges: Array<ResolversParentTypes['LocationEdge']> };
  LocationEdge: Omit<LocationEdge, 'node'> & { node: ResolversParentTypes['Location'] };
  Longitude: Scalars['Longitude']['output'];
  Mutation: Record<PropertyKey, never>;
  NearbyFriend: NearbyFriendModel;
  NearbyFriendsUpdate: NearbyFrameModel;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  Sharing: SharingModel;
  SignInInput: SignInInput;
  SignUpInput: SignUpInput;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  UpdateLocationInput: UpdateLocationInput;
  UpdateLocationPayload: Omit<UpdateLocationPayload, 'location'> & { location: ResolversParentTypes['Location'] };
  UpdateSharingInput: UpdateSharingInput;
  User: UserCardModel;
  UserConnection: Omit<UserConnection, 'edges'> & { edges: Array<ResolversParentTypes['UserEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
};

export type AuthPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['AuthPayload'] = ResolversParentTypes['AuthPayload']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  accessTokenExpiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DepartedFriendResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DepartedFriend'] = ResolversParentTypes['DepartedFriend']> = {
  friendId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['DepartureReason'], ParentType, ContextType>;
};

export type FriendRequestResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequest'] = ResolversParentTypes['FriendRequest']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['FriendRequestStatus'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type FriendRequestConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequestConnection'] = ResolversParentTypes['FriendRequestConnection']> = {
  edges?: Resolver<Array<ResolversTypes['FriendRequestEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type FriendRequestEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['FriendRequestEdge'] = ResolversParentTypes['FriendRequestEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType>;
};

export interface LatitudeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Latitude'], any> {
  name: 'Latitude';
}

export type LocationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Location'] = ResolversParentTypes['Location']> = {
  accuracyMeters?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  latitude?: Resolver<ResolversTypes['Latitude'], ParentType, ContextType>;
  longitude?: Resolver<ResolversTypes['Longitude'], ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type LocationConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LocationConnection'] = ResolversParentTypes['LocationConnection']> = {
  edges?: Resolver<Array<ResolversTypes['LocationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type LocationEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LocationEdge'] = ResolversParentTypes['LocationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
};

export interface LongitudeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Longitude'], any> {
  name: 'Longitude';
}

export type MutationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  acceptFriendRequest?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationAcceptFriendRequestArgs, 'requestId'>>;
  blockUser?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationBlockUserArgs, 'userId'>>;
  cancelFriendRequest?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationCancelFriendRequestArgs, 'requestId'>>;
  declineFriendRequest?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationDeclineFriendRequestArgs, 'requestId'>>;
  deleteAccount?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  deleteLocationHistory?: Resolver<ResolversTypes['Int'], ParentType, ContextType, Partial<MutationDeleteLocationHistoryArgs>>;
  refreshToken?: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationRefreshTokenArgs, 'refreshToken'>>;
  removeFriend?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRemoveFriendArgs, 'userId'>>;
  sendFriendRequest?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType, RequireFields<MutationSendFriendRequestArgs, 'userId'>>;
  signIn?: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationSignInArgs, 'input'>>;
  signOut?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  signUp?: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationSignUpArgs, 'input'>>;
  unblockUser?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationUnblockUserArgs, 'userId'>>;
  updateLocation?: Resolver<ResolversTypes['UpdateLocationPayload'], ParentType, ContextType, RequireFields<MutationUpdateLocationArgs, 'input'>>;
  updateSharing?: Resolver<ResolversTypes['Sharing'], ParentType, ContextType, RequireFields<MutationUpdateSharingArgs, 'input'>>;
};

export type NearbyFriendResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearbyFriend'] = ResolversParentTypes['NearbyFriend']> = {
  distanceMeters?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  friend?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  location?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type NearbyFriendsUpdateResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['NearbyFriendsUpdate'] = ResolversParentTypes['NearbyFriendsUpdate']> = {
  left?: Resolver<Array<ResolversTypes['DepartedFriend']>, ParentType, ContextType>;
  nearby?: Resolver<Array<ResolversTypes['NearbyFriend']>, ParentType, ContextType>;
  origin?: Resolver<Maybe<ResolversTypes['Location']>, ParentType, ContextType>;
  snapshot?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  blockedUsers?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryBlockedUsersArgs, 'first'>>;
  friendRequests?: Resolver<ResolversTypes['FriendRequestConnection'], ParentType, ContextType, RequireFields<QueryFriendRequestsArgs, 'direction' | 'first'>>;
  friends?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryFriendsArgs, 'first'>>;
  locationHistory?: Resolver<ResolversTypes['LocationConnection'], ParentType, ContextType, RequireFields<QueryLocationHistoryArgs, 'first'>>;
  me?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  nearbyFriends?: Resolver<Array<ResolversTypes['NearbyFriend']>, ParentType, ContextType, Partial<QueryNearbyFriendsArgs>>;
  sharing?: Resolver<ResolversTypes['Sharing'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'handle'>>;
};

export type SharingResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Sharing'] = ResolversParentTypes['Sharing']> = {
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  until?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  friendRequests?: SubscriptionResolver<ResolversTypes['FriendRequest'], "friendRequests", ParentType, ContextType>;
  nearbyFriends?: SubscriptionResolver<ResolversTypes['NearbyFriendsUpdate'], "nearbyFriends", ParentType, ContextType, Partial<SubscriptionNearbyFriendsArgs>>;
};

export type UpdateLocationPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UpdateLocationPayload'] = ResolversParentTypes['UpdateLocationPayload']> = {
  location?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
  recorded?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  displayName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
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

export type Resolvers<ContextType = GraphQLContext> = {
  AuthPayload?: AuthPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DepartedFriend?: DepartedFriendResolvers<ContextType>;
  FriendRequest?: FriendRequestResolvers<ContextType>;
  FriendRequestConnection?: FriendRequestConnectionResolvers<ContextType>;
  FriendRequestEdge?: FriendRequestEdgeResolvers<ContextType>;
  Latitude?: GraphQLScalarType;
  Location?: LocationResolvers<ContextType>;
  LocationConnection?: LocationConnectionResolvers<ContextType>;
  LocationEdge?: LocationEdgeResolvers<ContextType>;
  Longitude?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  NearbyFriend?: NearbyFriendResolvers<ContextType>;
  NearbyFriendsUpdate?: NearbyFriendsUpdateResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Sharing?: SharingResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  UpdateLocationPayload?: UpdateLocationPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
};

