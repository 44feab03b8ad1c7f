/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Why a friend left a live list. */
export type DepartureReason =
  /** Still sharing, but farther away than the radius and its margin. */
  | 'OUT_OF_RANGE'
  /** No longer visible: without an update for ten minutes (unless configured otherwise), sharing paused, or no longer a friend. The API does not say which. */
  | 'UNAVAILABLE';

/** The state of a friend request. All states but PENDING are final. */
export type FriendRequestStatus =
  /** The request made the two users friends. */
  | 'ACCEPTED'
  /** The user who asked withdrew the request. */
  | 'CANCELLED'
  /** The user who was asked declined. */
  | 'DECLINED'
  /** The request waits for an answer. */
  | 'PENDING';

/** A new account. */
export type SignUpInput = {
  /**
   * As in User.displayName, without characters that control text direction, with invisible ones only where emoji and
   * scripts need them, and with at most 4 combining marks in a row. It is composed (NFC), white space around it is
   * removed, and white space in it becomes single spaces.
   */
  displayName: string;
  /** As in User.handle, with at least one letter or digit. Upper case becomes lower case. */
  handle: string;
  /** 8 to 256 characters. */
  password: string;
  /** As in Sharing.enabled. An app that asks people first sets it to their answer. */
  sharingEnabled?: boolean;
};

/** The position of a device. */
export type UpdateLocationInput = {
  /** As in Location.accuracyMeters: 0 or more. */
  accuracyMeters?: number | null | undefined;
  /** The app's name for this device, such as a UUID that it keeps: 1 to 64 characters. When several devices of a user have names, friends see one of them at a time: the one that moved last, until it is silent. What the others report goes to the history only. A device without a name is always shown. */
  device?: string | null | undefined;
  /** As in Location.headingDegrees; below 0 and NaN count as not known, 360 as 0. */
  headingDegrees?: number | null | undefined;
  /** A UUID made by the client, which makes a retry safe: the same id twice records one row. The same id with other contents is CONFLICT. */
  id?: string | number | null | undefined;
  /** Degrees north of the equator. */
  latitude: number;
  /** Degrees east of Greenwich. */
  longitude: number;
  /** When the device took the fix; now when omitted. Up to 60 s ahead of the server's clock counts as now; more is BAD_USER_INPUT, and so is a fix older than the server keeps history. A fix older than the newest known one goes to the history only: live lists never go back in time. So does one that is older than LOCATION_TTL_SECONDS, unless stillHere is true. */
  recordedAt?: string | null | undefined;
  /** As in Location.speedMetersPerSecond, at most 10000; below 0 counts as not known, as iOS means it. */
  speedMetersPerSecond?: number | null | undefined;
  /** True when the device has no newer fix and is still at this one, however old it is: send the same fix again, with its id and recordedAt. The user then counts as active and updatedAt is now; recordedAt stays that of the fix. */
  stillHere?: boolean | null | undefined;
};

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { accessToken: string, refreshToken: string, user: { id: string } } };

export type BefriendMutationVariables = Exact<{
  userId: string | number;
}>;


export type BefriendMutation = { sendFriendRequest: { status: FriendRequestStatus } };

export type ShareMutationVariables = Exact<{
  input: UpdateLocationInput;
}>;


export type ShareMutation = { updateLocation: { recorded: boolean } };

export type NearbySubscriptionVariables = Exact<{ [key: string]: never; }>;


export type NearbySubscription = { nearbyFriends: { snapshot: boolean, nearby: Array<{ distanceMeters: number, updatedAt: string, friend: { id: string, handle: string }, location: { latitude: number, longitude: number } }>, left: Array<{ friendId: string, reason: DepartureReason }> } };

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

export const SignUpDocument = new TypedDocumentString(`
    mutation signUp($input: SignUpInput!) {
  signUp(input: $input) {
    user {
      id
    }
    accessToken
    refreshToken
  }
}
    `) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const BefriendDocument = new TypedDocumentString(`
    mutation befriend($userId: ID!) {
  sendFriendRequest(userId: $userId) {
    status
  }
}
    `) as unknown as TypedDocumentString<BefriendMutation, BefriendMutationVariables>;
export const ShareDocument = new TypedDocumentString(`
    mutation share($input: UpdateLocationInput!) {
  updateLocation(input: $input) {
    recorded
  }
}
    `) as unknown as TypedDocumentString<ShareMutation, ShareMutationVariables>;
export const NearbyDocument = new TypedDocumentString(`
    subscription nearby {
  nearbyFriends {
    snapshot
    nearby {
      friend {
        id
        handle
      }
      distanceMeters
      location {
        latitude
        longitude
      }
      updatedAt
    }
    left {
      friendId
      reason
    }
  }
}
    `) as unknown as TypedDocumentString<NearbySubscription, NearbySubscriptionVariables>;