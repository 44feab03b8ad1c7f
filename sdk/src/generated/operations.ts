/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How exactly a place is shown. */
export type LocationPrecision =
  /** As the device reported it. */
  | 'EXACT'
  /** The middle of a cell of about a kilometre that holds or held it: all that is told (distance, order, coming and going) follows from that middle. recordedAt is to the full minute, and so is the time at which another cell is told; accuracyMeters is the cell's half diagonal. */
  | 'APPROXIMATE';

/** Why a friend left a live list. */
export type DepartureReason =
  /** Still sharing, but farther away than the radius and its margin. */
  | 'OUT_OF_RANGE'
  /** No longer visible: without an update for ten minutes (unless configured otherwise), sharing paused, or no longer a friend. The API does not say which. */
  | 'UNAVAILABLE';

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

/** A new account. */
export type SignUpInput = {
  /** As in User.handle, with at least one letter or digit. Upper case becomes lower case. */
  handle: string;
  /**
   * As in User.displayName, without characters that control text direction, with invisible ones only where emoji and
   * scripts need them, and with at most 4 combining marks in a row. It is composed (NFC), white space around it is
   * removed, and white space in it becomes single spaces.
   */
  displayName: string;
  /** 8 to 256 characters. */
  password: string;
  /** As in Sharing.enabled. An app that asks people first sets it to their answer. */
  sharingEnabled?: boolean;
};

/** The credentials of a user. */
export type SignInInput = {
  /** Upper and lower case are the same. */
  handle: string;
  /** As in SignUpInput. */
  password: string;
};

/** The old and the new password of a user. */
export type ChangePasswordInput = {
  /** The password until now. */
  currentPassword: string;
  /** As in SignUpInput. */
  newPassword: string;
};

/** How a user appears to others from now on. */
export type UpdateProfileInput = {
  /** As in SignUpInput. When left out or null, it stays as it is. */
  displayName?: string | null | undefined;
};

/** The position of a device. */
export type UpdateLocationInput = {
  /** Degrees north of the equator. */
  latitude: number;
  /** Degrees east of Greenwich. */
  longitude: number;
  /** As in Location.accuracyMeters: 0 or more. */
  accuracyMeters?: number | null | undefined;
  /** As in Location.speedMetersPerSecond, at most 10000; below 0 counts as not known, as iOS means it. */
  speedMetersPerSecond?: number | null | undefined;
  /** As in Location.headingDegrees; below 0 and NaN count as not known, 360 as 0. */
  headingDegrees?: number | null | undefined;
  /** When the device took the fix; now when omitted. Up to 60 s ahead of the server's clock counts as now; more is BAD_USER_INPUT, and so is a fix older than the server keeps history. A fix older than the newest known one goes to the history only: live lists never go back in time. So does one that is older than LOCATION_TTL_SECONDS, unless stillHere is true. */
  recordedAt?: string | null | undefined;
  /** A UUID made by the client, which makes a retry safe: the same id twice records one row. The same id with other contents is CONFLICT. Ids are remembered for three days after recordedAt; the same location with its recordedAt and id is recorded once even later. */
  id?: string | null | undefined;
  /** The app's name for this device, such as a UUID that it keeps: 1 to 64 characters. When several devices of a user have names, friends see one of them at a time: the one that moved last, until it is silent. What the others report goes to the history only. A device without a name is always shown. */
  device?: string | null | undefined;
  /** True when the device has no newer fix and is still at this one, however old it is: send the same fix again, with its id and recordedAt. The user then counts as active and updatedAt is now; recordedAt stays that of the fix. */
  stillHere?: boolean | null | undefined;
};

/** Whether friends may see the user from now on, until when, from how far away, and how exactly. */
export type UpdateSharingInput = {
  /** True resumes sharing, false pauses it. */
  enabled: boolean;
  /** When that switches by itself, in the future. When omitted, it lasts until it is changed. */
  until?: string | null | undefined;
  /** As in Sharing.maxRadiusMeters: more than 0 and at most 500000. When omitted, the limit stays as it is; null lifts it. */
  maxRadiusMeters?: number | null | undefined;
  /** How exactly friends see the user from now on; when left out it stays as it is. EXACT at first. */
  precision?: LocationPrecision | null | undefined;
};

/** What one friend is to see. */
export type SharingExceptionInput = {
  /** The id of the friend. */
  friendId: string;
  /** False hides the user from this friend. */
  enabled?: boolean;
  /** How exactly the friend sees the user. */
  precision?: LocationPrecision;
  /** When the exception ends by itself, in the future; when left out it lasts until cleared. */
  until?: string | null | undefined;
};

/** A browser that is sent push messages, as the Push API describes it (PushSubscription.toJSON). */
export type PushSubscriptionInput = {
  /** The URL of its push service, at most 2000 characters. Whoever knows it can use up the browser's patience: it is a secret. */
  endpoint: string;
  /** keys.p256dh: an uncompressed point of the curve P-256, base64url. */
  p256dh: string;
  /** keys.auth: 16 bytes, base64url. */
  auth: string;
};

export type DeviceTokenFieldsFragment = { id: string, name: string, createdAt: string, lastUsedAt: string | null };

export type UserFieldsFragment = { id: string, handle: string, displayName: string };

export type LocationFieldsFragment = { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string };

export type NearbyFriendFieldsFragment = { distanceMeters: number, updatedAt: string, precision: LocationPrecision, friend: { id: string, handle: string, displayName: string }, location: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } };

export type FriendRequestFieldsFragment = { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } };

export type SharingFieldsFragment = { enabled: boolean, until: string | null, precision: LocationPrecision, maxRadiusMeters: number | null };

export type NearAlertFieldsFragment = { radiusMeters: number, friend: { id: string, handle: string, displayName: string } };

export type SharingExceptionFieldsFragment = { enabled: boolean, precision: LocationPrecision, until: string | null, friend: { id: string, handle: string, displayName: string } };

export type SharingStateFieldsFragment = { friendsChanged: Array<string> | null, exceptionsChanged: Array<string> | null, sharing: { enabled: boolean, until: string | null, precision: LocationPrecision, maxRadiusMeters: number | null }, place: { updatedAt: string, ofThisDevice: boolean | null } | null };

export type AuthFieldsFragment = { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, user: { id: string, handle: string, displayName: string } };

export type PageFieldsFragment = { hasNextPage: boolean, endCursor: string | null };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, handle: string, displayName: string } };

export type UserQueryVariables = Exact<{
  handle: string;
}>;


export type UserQuery = { user: { id: string, handle: string, displayName: string } | null };

export type FriendsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FriendsQuery = { friends: { totalCount: number, edges: Array<{ node: { id: string, handle: string, displayName: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type FriendRequestsQueryVariables = Exact<{
  direction: FriendRequestDirection;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FriendRequestsQuery = { friendRequests: { edges: Array<{ node: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type BlockedUsersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type BlockedUsersQuery = { blockedUsers: { totalCount: number, edges: Array<{ node: { id: string, handle: string, displayName: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type DeviceTokensQueryVariables = Exact<{ [key: string]: never; }>;


export type DeviceTokensQuery = { deviceTokens: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }> };

export type SessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SessionsQuery = { sessions: { edges: Array<{ node: { id: string, createdAt: string, lastUsedAt: string, isCurrent: boolean } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type SharingQueryVariables = Exact<{ [key: string]: never; }>;


export type SharingQuery = { sharing: { enabled: boolean, until: string | null, precision: LocationPrecision, maxRadiusMeters: number | null } };

export type SharingExceptionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SharingExceptionsQuery = { sharingExceptions: { edges: Array<{ node: { enabled: boolean, precision: LocationPrecision, until: string | null, friend: { id: string, handle: string, displayName: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ServerQueryVariables = Exact<{ [key: string]: never; }>;


export type ServerQuery = { server: { time: string, locationTtlSeconds: number } };

export type PushPublicKeyQueryVariables = Exact<{ [key: string]: never; }>;


export type PushPublicKeyQuery = { server: { pushPublicKey: string | null } };

export type NearAlertsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type NearAlertsQuery = { nearAlerts: { edges: Array<{ node: { radiusMeters: number, friend: { id: string, handle: string, displayName: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type NearbyFriendsNowQueryVariables = Exact<{
  radiusMeters?: number | null | undefined;
}>;


export type NearbyFriendsNowQuery = { nearbyFriends: Array<{ distanceMeters: number, updatedAt: string, precision: LocationPrecision, friend: { id: string, handle: string, displayName: string }, location: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } }> };

export type LocationHistoryQueryVariables = Exact<{
  from?: string | null | undefined;
  to?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type LocationHistoryQuery = { locationHistory: { edges: Array<{ node: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type LocationHistoryUpwardsQueryVariables = Exact<{
  from?: string | null | undefined;
  to?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type LocationHistoryUpwardsQuery = { locationHistory: { edges: Array<{ node: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, user: { id: string, handle: string, displayName: string } } };

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, user: { id: string, handle: string, displayName: string } } };

export type RefreshTokenMutationVariables = Exact<{
  refreshToken: string;
}>;


export type RefreshTokenMutation = { refreshToken: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, user: { id: string, handle: string, displayName: string } } };

export type RenewConnectionMutationVariables = Exact<{
  accessToken: string;
}>;


export type RenewConnectionMutation = { renewConnection: string };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: boolean };

export type CreateDeviceTokenMutationVariables = Exact<{
  name: string;
}>;


export type CreateDeviceTokenMutation = { createDeviceToken: { secret: string, token: { id: string, name: string, createdAt: string, lastUsedAt: string | null } } };

export type RevokeDeviceTokenMutationVariables = Exact<{
  id: string;
}>;


export type RevokeDeviceTokenMutation = { revokeDeviceToken: boolean };

export type EndSessionMutationVariables = Exact<{
  id: string;
}>;


export type EndSessionMutation = { endSession: boolean };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword: boolean };

export type UpdateProfileMutationVariables = Exact<{
  input: UpdateProfileInput;
}>;


export type UpdateProfileMutation = { updateProfile: { id: string, handle: string, displayName: string } };

export type UpdateLocationMutationVariables = Exact<{
  input: UpdateLocationInput;
}>;


export type UpdateLocationMutation = { updateLocation: { recorded: boolean, near: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } } };

export type UpdateLocationsMutationVariables = Exact<{
  inputs: Array<UpdateLocationInput> | UpdateLocationInput;
}>;


export type UpdateLocationsMutation = { updateLocations: Array<{ recorded: boolean, location: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } }> };

export type ClearLocationMutationVariables = Exact<{ [key: string]: never; }>;


export type ClearLocationMutation = { clearLocation: boolean };

export type SendFriendRequestMutationVariables = Exact<{
  userId: string;
}>;


export type SendFriendRequestMutation = { sendFriendRequest: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } };

export type AcceptFriendRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type AcceptFriendRequestMutation = { acceptFriendRequest: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } };

export type DeclineFriendRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type DeclineFriendRequestMutation = { declineFriendRequest: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } };

export type CancelFriendRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type CancelFriendRequestMutation = { cancelFriendRequest: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } };

export type RemoveFriendMutationVariables = Exact<{
  userId: string;
}>;


export type RemoveFriendMutation = { removeFriend: boolean };

export type BlockUserMutationVariables = Exact<{
  userId: string;
}>;


export type BlockUserMutation = { blockUser: boolean };

export type UnblockUserMutationVariables = Exact<{
  userId: string;
}>;


export type UnblockUserMutation = { unblockUser: boolean };

export type UpdateSharingMutationVariables = Exact<{
  input: UpdateSharingInput;
}>;


export type UpdateSharingMutation = { updateSharing: { enabled: boolean, until: string | null, precision: LocationPrecision, maxRadiusMeters: number | null } };

export type SetSharingExceptionMutationVariables = Exact<{
  input: SharingExceptionInput;
}>;


export type SetSharingExceptionMutation = { setSharingException: { enabled: boolean, precision: LocationPrecision, until: string | null, friend: { id: string, handle: string, displayName: string } } };

export type AddPushSubscriptionMutationVariables = Exact<{
  input: PushSubscriptionInput;
}>;


export type AddPushSubscriptionMutation = { addPushSubscription: boolean };

export type RemovePushSubscriptionMutationVariables = Exact<{
  endpoint: string;
}>;


export type RemovePushSubscriptionMutation = { removePushSubscription: boolean };

export type SetNearAlertMutationVariables = Exact<{
  friendId: string;
  radiusMeters?: number | null | undefined;
}>;


export type SetNearAlertMutation = { setNearAlert: { radiusMeters: number, friend: { id: string, handle: string, displayName: string } } | null };

export type ClearSharingExceptionMutationVariables = Exact<{
  friendId: string;
}>;


export type ClearSharingExceptionMutation = { clearSharingException: boolean };

export type DeleteLocationHistoryMutationVariables = Exact<{
  from?: string | null | undefined;
  to?: string | null | undefined;
}>;


export type DeleteLocationHistoryMutation = { deleteLocationHistory: number };

export type DeleteAccountMutationVariables = Exact<{ [key: string]: never; }>;


export type DeleteAccountMutation = { deleteAccount: boolean };

export type NearbyFriendsSubscriptionVariables = Exact<{
  radiusMeters?: number | null | undefined;
  leaveMarginMeters?: number;
}>;


export type NearbyFriendsSubscription = { nearbyFriends: { snapshot: boolean, nearby: Array<{ distanceMeters: number, updatedAt: string, precision: LocationPrecision, friend: { id: string, handle: string, displayName: string }, location: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } }>, left: Array<{ friendId: string, reason: DepartureReason }>, origin: { latitude: number, longitude: number, accuracyMeters: number | null, speedMetersPerSecond: number | null, headingDegrees: number | null, recordedAt: string } | null } };

export type SharingChangesSubscriptionVariables = Exact<{
  device?: string | null | undefined;
}>;


export type SharingChangesSubscription = { sharing: { friendsChanged: Array<string> | null, exceptionsChanged: Array<string> | null, sharing: { enabled: boolean, until: string | null, precision: LocationPrecision, maxRadiusMeters: number | null }, place: { updatedAt: string, ofThisDevice: boolean | null } | null } };

export type FriendRequestChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type FriendRequestChangesSubscription = { friendRequests: { id: string, status: FriendRequestStatus, createdAt: string, from: { id: string, handle: string, displayName: string }, to: { id: string, handle: string, displayName: string } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const DeviceTokenFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment DeviceTokenFields on DeviceToken {
  id
  name
  createdAt
  lastUsedAt
}
    `, {"fragmentName":"DeviceTokenFields"}) as unknown as TypedDocumentString<DeviceTokenFieldsFragment, unknown>;
export const UserFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment UserFields on User {
  id
  handle
  displayName
}
    `, {"fragmentName":"UserFields"}) as unknown as TypedDocumentString<UserFieldsFragment, unknown>;
export const LocationFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}
    `, {"fragmentName":"LocationFields"}) as unknown as TypedDocumentString<LocationFieldsFragment, unknown>;
export const NearbyFriendFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment NearbyFriendFields on NearbyFriend {
  friend {
    ...UserFields
  }
  distanceMeters
  location {
    ...LocationFields
  }
  updatedAt
  precision
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}`, {"fragmentName":"NearbyFriendFields"}) as unknown as TypedDocumentString<NearbyFriendFieldsFragment, unknown>;
export const FriendRequestFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}
    fragment UserFields on User {
  id
  handle
  displayName
}`, {"fragmentName":"FriendRequestFields"}) as unknown as TypedDocumentString<FriendRequestFieldsFragment, unknown>;
export const NearAlertFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment NearAlertFields on NearAlert {
  friend {
    ...UserFields
  }
  radiusMeters
}
    fragment UserFields on User {
  id
  handle
  displayName
}`, {"fragmentName":"NearAlertFields"}) as unknown as TypedDocumentString<NearAlertFieldsFragment, unknown>;
export const SharingExceptionFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment SharingExceptionFields on SharingException {
  friend {
    ...UserFields
  }
  enabled
  precision
  until
}
    fragment UserFields on User {
  id
  handle
  displayName
}`, {"fragmentName":"SharingExceptionFields"}) as unknown as TypedDocumentString<SharingExceptionFieldsFragment, unknown>;
export const SharingFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment SharingFields on Sharing {
  enabled
  until
  precision
  maxRadiusMeters
}
    `, {"fragmentName":"SharingFields"}) as unknown as TypedDocumentString<SharingFieldsFragment, unknown>;
export const SharingStateFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment SharingStateFields on SharingState {
  sharing {
    ...SharingFields
  }
  place {
    updatedAt
    ofThisDevice
  }
  friendsChanged
  exceptionsChanged
}
    fragment SharingFields on Sharing {
  enabled
  until
  precision
  maxRadiusMeters
}`, {"fragmentName":"SharingStateFields"}) as unknown as TypedDocumentString<SharingStateFieldsFragment, unknown>;
export const AuthFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment AuthFields on AuthPayload {
  user {
    ...UserFields
  }
  accessToken
  accessTokenExpiresAt
  refreshToken
}
    fragment UserFields on User {
  id
  handle
  displayName
}`, {"fragmentName":"AuthFields"}) as unknown as TypedDocumentString<AuthFieldsFragment, unknown>;
export const PageFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}
    `, {"fragmentName":"PageFields"}) as unknown as TypedDocumentString<PageFieldsFragment, unknown>;
export const MeDocument = /*#__PURE__*/ new TypedDocumentString(`
    query me {
  me {
    ...UserFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}`) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const UserDocument = /*#__PURE__*/ new TypedDocumentString(`
    query user($handle: String!) {
  user(handle: $handle) {
    ...UserFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}`) as unknown as TypedDocumentString<UserQuery, UserQueryVariables>;
export const FriendsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query friends($first: Int, $after: String) {
  friends(first: $first, after: $after) {
    edges {
      node {
        ...UserFields
      }
    }
    pageInfo {
      ...PageFields
    }
    totalCount
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<FriendsQuery, FriendsQueryVariables>;
export const FriendRequestsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query friendRequests($direction: FriendRequestDirection!, $first: Int, $after: String) {
  friendRequests(direction: $direction, first: $first, after: $after) {
    edges {
      node {
        ...FriendRequestFields
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<FriendRequestsQuery, FriendRequestsQueryVariables>;
export const BlockedUsersDocument = /*#__PURE__*/ new TypedDocumentString(`
    query blockedUsers($first: Int, $after: String) {
  blockedUsers(first: $first, after: $after) {
    edges {
      node {
        ...UserFields
      }
    }
    pageInfo {
      ...PageFields
    }
    totalCount
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<BlockedUsersQuery, BlockedUsersQueryVariables>;
export const DeviceTokensDocument = /*#__PURE__*/ new TypedDocumentString(`
    query deviceTokens {
  deviceTokens {
    ...DeviceTokenFields
  }
}
    fragment DeviceTokenFields on DeviceToken {
  id
  name
  createdAt
  lastUsedAt
}`) as unknown as TypedDocumentString<DeviceTokensQuery, DeviceTokensQueryVariables>;
export const SessionsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query sessions($first: Int, $after: String) {
  sessions(first: $first, after: $after) {
    edges {
      node {
        id
        createdAt
        lastUsedAt
        isCurrent
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<SessionsQuery, SessionsQueryVariables>;
export const SharingDocument = /*#__PURE__*/ new TypedDocumentString(`
    query sharing {
  sharing {
    ...SharingFields
  }
}
    fragment SharingFields on Sharing {
  enabled
  until
  precision
  maxRadiusMeters
}`) as unknown as TypedDocumentString<SharingQuery, SharingQueryVariables>;
export const SharingExceptionsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query sharingExceptions($first: Int, $after: String) {
  sharingExceptions(first: $first, after: $after) {
    edges {
      node {
        ...SharingExceptionFields
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment SharingExceptionFields on SharingException {
  friend {
    ...UserFields
  }
  enabled
  precision
  until
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<SharingExceptionsQuery, SharingExceptionsQueryVariables>;
export const ServerDocument = /*#__PURE__*/ new TypedDocumentString(`
    query server {
  server {
    time
    locationTtlSeconds
  }
}
    `) as unknown as TypedDocumentString<ServerQuery, ServerQueryVariables>;
export const PushPublicKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    query pushPublicKey {
  server {
    pushPublicKey
  }
}
    `) as unknown as TypedDocumentString<PushPublicKeyQuery, PushPublicKeyQueryVariables>;
export const NearAlertsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query nearAlerts($first: Int, $after: String) {
  nearAlerts(first: $first, after: $after) {
    edges {
      node {
        ...NearAlertFields
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment NearAlertFields on NearAlert {
  friend {
    ...UserFields
  }
  radiusMeters
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<NearAlertsQuery, NearAlertsQueryVariables>;
export const NearbyFriendsNowDocument = /*#__PURE__*/ new TypedDocumentString(`
    query nearbyFriendsNow($radiusMeters: Float) {
  nearbyFriends(radiusMeters: $radiusMeters) {
    ...NearbyFriendFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}
fragment NearbyFriendFields on NearbyFriend {
  friend {
    ...UserFields
  }
  distanceMeters
  location {
    ...LocationFields
  }
  updatedAt
  precision
}`) as unknown as TypedDocumentString<NearbyFriendsNowQuery, NearbyFriendsNowQueryVariables>;
export const LocationHistoryDocument = /*#__PURE__*/ new TypedDocumentString(`
    query locationHistory($from: DateTime, $to: DateTime, $first: Int, $after: String) {
  locationHistory(from: $from, to: $to, first: $first, after: $after) {
    edges {
      node {
        ...LocationFields
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<LocationHistoryQuery, LocationHistoryQueryVariables>;
export const LocationHistoryUpwardsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query locationHistoryUpwards($from: DateTime, $to: DateTime, $first: Int!, $after: String) {
  locationHistory(
    from: $from
    to: $to
    first: $first
    after: $after
    oldestFirst: true
  ) {
    edges {
      node {
        ...LocationFields
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}
fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}`) as unknown as TypedDocumentString<LocationHistoryUpwardsQuery, LocationHistoryUpwardsQueryVariables>;
export const SignUpDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation signUp($input: SignUpInput!) {
  signUp(input: $input) {
    ...AuthFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment AuthFields on AuthPayload {
  user {
    ...UserFields
  }
  accessToken
  accessTokenExpiresAt
  refreshToken
}`) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const SignInDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation signIn($input: SignInInput!) {
  signIn(input: $input) {
    ...AuthFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment AuthFields on AuthPayload {
  user {
    ...UserFields
  }
  accessToken
  accessTokenExpiresAt
  refreshToken
}`) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
export const RefreshTokenDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation refreshToken($refreshToken: String!) {
  refreshToken(refreshToken: $refreshToken) {
    ...AuthFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment AuthFields on AuthPayload {
  user {
    ...UserFields
  }
  accessToken
  accessTokenExpiresAt
  refreshToken
}`) as unknown as TypedDocumentString<RefreshTokenMutation, RefreshTokenMutationVariables>;
export const RenewConnectionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation renewConnection($accessToken: String!) {
  renewConnection(accessToken: $accessToken)
}
    `) as unknown as TypedDocumentString<RenewConnectionMutation, RenewConnectionMutationVariables>;
export const SignOutDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation signOut {
  signOut
}
    `) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const CreateDeviceTokenDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation createDeviceToken($name: String!) {
  createDeviceToken(name: $name) {
    token {
      ...DeviceTokenFields
    }
    secret
  }
}
    fragment DeviceTokenFields on DeviceToken {
  id
  name
  createdAt
  lastUsedAt
}`) as unknown as TypedDocumentString<CreateDeviceTokenMutation, CreateDeviceTokenMutationVariables>;
export const RevokeDeviceTokenDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation revokeDeviceToken($id: ID!) {
  revokeDeviceToken(id: $id)
}
    `) as unknown as TypedDocumentString<RevokeDeviceTokenMutation, RevokeDeviceTokenMutationVariables>;
export const EndSessionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation endSession($id: ID!) {
  endSession(id: $id)
}
    `) as unknown as TypedDocumentString<EndSessionMutation, EndSessionMutationVariables>;
export const ChangePasswordDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation changePassword($input: ChangePasswordInput!) {
  changePassword(input: $input)
}
    `) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;
export const UpdateProfileDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation updateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    ...UserFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}`) as unknown as TypedDocumentString<UpdateProfileMutation, UpdateProfileMutationVariables>;
export const UpdateLocationDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation updateLocation($input: UpdateLocationInput!) {
  updateLocation(input: $input) {
    location {
      ...LocationFields
    }
    recorded
    near
  }
}
    fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}`) as unknown as TypedDocumentString<UpdateLocationMutation, UpdateLocationMutationVariables>;
export const UpdateLocationsDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation updateLocations($inputs: [UpdateLocationInput!]!) {
  updateLocations(inputs: $inputs) {
    location {
      ...LocationFields
    }
    recorded
  }
}
    fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}`) as unknown as TypedDocumentString<UpdateLocationsMutation, UpdateLocationsMutationVariables>;
export const ClearLocationDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation clearLocation {
  clearLocation
}
    `) as unknown as TypedDocumentString<ClearLocationMutation, ClearLocationMutationVariables>;
export const SendFriendRequestDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation sendFriendRequest($userId: ID!) {
  sendFriendRequest(userId: $userId) {
    ...FriendRequestFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}`) as unknown as TypedDocumentString<SendFriendRequestMutation, SendFriendRequestMutationVariables>;
export const AcceptFriendRequestDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation acceptFriendRequest($requestId: ID!) {
  acceptFriendRequest(requestId: $requestId) {
    ...FriendRequestFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}`) as unknown as TypedDocumentString<AcceptFriendRequestMutation, AcceptFriendRequestMutationVariables>;
export const DeclineFriendRequestDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation declineFriendRequest($requestId: ID!) {
  declineFriendRequest(requestId: $requestId) {
    ...FriendRequestFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}`) as unknown as TypedDocumentString<DeclineFriendRequestMutation, DeclineFriendRequestMutationVariables>;
export const CancelFriendRequestDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation cancelFriendRequest($requestId: ID!) {
  cancelFriendRequest(requestId: $requestId) {
    ...FriendRequestFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}`) as unknown as TypedDocumentString<CancelFriendRequestMutation, CancelFriendRequestMutationVariables>;
export const RemoveFriendDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation removeFriend($userId: ID!) {
  removeFriend(userId: $userId)
}
    `) as unknown as TypedDocumentString<RemoveFriendMutation, RemoveFriendMutationVariables>;
export const BlockUserDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation blockUser($userId: ID!) {
  blockUser(userId: $userId)
}
    `) as unknown as TypedDocumentString<BlockUserMutation, BlockUserMutationVariables>;
export const UnblockUserDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation unblockUser($userId: ID!) {
  unblockUser(userId: $userId)
}
    `) as unknown as TypedDocumentString<UnblockUserMutation, UnblockUserMutationVariables>;
export const UpdateSharingDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation updateSharing($input: UpdateSharingInput!) {
  updateSharing(input: $input) {
    ...SharingFields
  }
}
    fragment SharingFields on Sharing {
  enabled
  until
  precision
  maxRadiusMeters
}`) as unknown as TypedDocumentString<UpdateSharingMutation, UpdateSharingMutationVariables>;
export const SetSharingExceptionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation setSharingException($input: SharingExceptionInput!) {
  setSharingException(input: $input) {
    ...SharingExceptionFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment SharingExceptionFields on SharingException {
  friend {
    ...UserFields
  }
  enabled
  precision
  until
}`) as unknown as TypedDocumentString<SetSharingExceptionMutation, SetSharingExceptionMutationVariables>;
export const AddPushSubscriptionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation addPushSubscription($input: PushSubscriptionInput!) {
  addPushSubscription(input: $input)
}
    `) as unknown as TypedDocumentString<AddPushSubscriptionMutation, AddPushSubscriptionMutationVariables>;
export const RemovePushSubscriptionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation removePushSubscription($endpoint: String!) {
  removePushSubscription(endpoint: $endpoint)
}
    `) as unknown as TypedDocumentString<RemovePushSubscriptionMutation, RemovePushSubscriptionMutationVariables>;
export const SetNearAlertDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation setNearAlert($friendId: ID!, $radiusMeters: Float) {
  setNearAlert(friendId: $friendId, radiusMeters: $radiusMeters) {
    ...NearAlertFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment NearAlertFields on NearAlert {
  friend {
    ...UserFields
  }
  radiusMeters
}`) as unknown as TypedDocumentString<SetNearAlertMutation, SetNearAlertMutationVariables>;
export const ClearSharingExceptionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation clearSharingException($friendId: ID!) {
  clearSharingException(friendId: $friendId)
}
    `) as unknown as TypedDocumentString<ClearSharingExceptionMutation, ClearSharingExceptionMutationVariables>;
export const DeleteLocationHistoryDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation deleteLocationHistory($from: DateTime, $to: DateTime) {
  deleteLocationHistory(from: $from, to: $to)
}
    `) as unknown as TypedDocumentString<DeleteLocationHistoryMutation, DeleteLocationHistoryMutationVariables>;
export const DeleteAccountDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation deleteAccount {
  deleteAccount
}
    `) as unknown as TypedDocumentString<DeleteAccountMutation, DeleteAccountMutationVariables>;
export const NearbyFriendsDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription nearbyFriends($radiusMeters: Float, $leaveMarginMeters: Float! = 0) {
  nearbyFriends(
    radiusMeters: $radiusMeters
    leaveMarginMeters: $leaveMarginMeters
  ) {
    snapshot
    nearby {
      ...NearbyFriendFields
    }
    left {
      friendId
      reason
    }
    origin {
      ...LocationFields
    }
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment LocationFields on Location {
  latitude
  longitude
  accuracyMeters
  speedMetersPerSecond
  headingDegrees
  recordedAt
}
fragment NearbyFriendFields on NearbyFriend {
  friend {
    ...UserFields
  }
  distanceMeters
  location {
    ...LocationFields
  }
  updatedAt
  precision
}`) as unknown as TypedDocumentString<NearbyFriendsSubscription, NearbyFriendsSubscriptionVariables>;
export const SharingChangesDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription sharingChanges($device: String) {
  sharing(device: $device) {
    ...SharingStateFields
  }
}
    fragment SharingFields on Sharing {
  enabled
  until
  precision
  maxRadiusMeters
}
fragment SharingStateFields on SharingState {
  sharing {
    ...SharingFields
  }
  place {
    updatedAt
    ofThisDevice
  }
  friendsChanged
  exceptionsChanged
}`) as unknown as TypedDocumentString<SharingChangesSubscription, SharingChangesSubscriptionVariables>;
export const FriendRequestChangesDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription friendRequestChanges {
  friendRequests {
    ...FriendRequestFields
  }
}
    fragment UserFields on User {
  id
  handle
  displayName
}
fragment FriendRequestFields on FriendRequest {
  id
  from {
    ...UserFields
  }
  to {
    ...UserFields
  }
  status
  createdAt
}`) as unknown as TypedDocumentString<FriendRequestChangesSubscription, FriendRequestChangesSubscriptionVariables>;