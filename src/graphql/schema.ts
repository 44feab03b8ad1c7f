/**
 * Builds the schema of schema.graphql with the resolver of every field, one file each, named like the field.
 */
import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from 'graphql-yoga';
import type { GraphQLContext } from './context.js';
import type { Resolvers } from './generated/resolvers.js';
import { acceptFriendRequest } from './resolvers/mutation/accept-friend-request.js';
import { addPushSubscription } from './resolvers/mutation/add-push-subscription.js';
import { blockUser } from './resolvers/mutation/block-user.js';
import { cancelFriendRequest } from './resolvers/mutation/cancel-friend-request.js';
import { changePassword } from './resolvers/mutation/change-password.js';
import { clearLocation } from './resolvers/mutation/clear-location.js';
import { clearSharingException } from './resolvers/mutation/clear-sharing-exception.js';
import { createDeviceToken } from './resolvers/mutation/create-device-token.js';
import { declineFriendRequest } from './resolvers/mutation/decline-friend-request.js';
import { deleteAccount } from './resolvers/mutation/delete-account.js';
import { deleteLocationHistory } from './resolvers/mutation/delete-location-history.js';
import { endSession } from './resolvers/mutation/end-session.js';
import { refreshToken } from './resolvers/mutation/refresh-token.js';
import { removeFriend } from './resolvers/mutation/remove-friend.js';
import { removePushSubscription } from './resolvers/mutation/remove-push-subscription.js';
import { renewConnection } from './resolvers/mutation/renew-connection.js';
import { revokeDeviceToken } from './resolvers/mutation/revoke-device-token.js';
import { sendFriendRequest } from './resolvers/mutation/send-friend-request.js';
import { setNearAlert } from './resolvers/mutation/set-near-alert.js';
import { setSharingException } from './resolvers/mutation/set-sharing-exception.js';
import { signIn } from './resolvers/mutation/sign-in.js';
import { signOut } from './resolvers/mutation/sign-out.js';
import { signUp } from './resolvers/mutation/sign-up.js';
import { unblockUser } from './resolvers/mutation/unblock-user.js';
import { updateLocation } from './resolvers/mutation/update-location.js';
import { updateLocations } from './resolvers/mutation/update-locations.js';
import { updateProfile } from './resolvers/mutation/update-profile.js';
import { updateSharing } from './resolvers/mutation/update-sharing.js';
import { blockedUsers } from './resolvers/query/blocked-users.js';
import { deviceTokens } from './resolvers/query/device-tokens.js';
import { friendRequests } from './resolvers/query/friend-requests.js';
import { friends } from './resolvers/query/friends.js';
import { locationHistory } from './resolvers/query/location-history.js';
import { me } from './resolvers/query/me.js';
import { nearAlerts } from './resolvers/query/near-alerts.js';
import { nearbyFriends } from './resolvers/query/nearby-friends.js';
import { node } from './resolvers/query/node.js';
import { server } from './resolvers/query/server.js';
import { sessions } from './resolvers/query/sessions.js';
import { sharing } from './resolvers/query/sharing.js';
import { sharingExceptions } from './resolvers/query/sharing-exceptions.js';
import { user } from './resolvers/query/user.js';
import { friendRequests as subscribeFriendRequests } from './resolvers/subscription/friend-requests.js';
import { nearbyFriends as subscribeNearbyFriends } from './resolvers/subscription/nearby-friends.js';
import { sharing as subscribeSharing } from './resolvers/subscription/sharing.js';
import { DeviceToken } from './resolvers/object/device-token.js';
import { FriendRequest } from './resolvers/object/friend-request.js';
import { LivePlace } from './resolvers/object/live-place.js';
import { Location } from './resolvers/object/location.js';
import { NearbyFriend } from './resolvers/object/nearby-friend.js';
import { Node } from './resolvers/object/node.js';
import { Session } from './resolvers/object/session.js';
import { Sharing } from './resolvers/object/sharing.js';
import { SharingException } from './resolvers/object/sharing-exception.js';
import { UpdateLocationPayload } from './resolvers/object/update-location-payload.js';
import { DateTimeScalar, LatitudeScalar, LongitudeScalar } from './scalars.js';
import { sliceLists } from './sliced-lists.js';
import type { Clock } from '../time/clock.js';

/** @param clock counts how long a list takes; without one, lists are completed in one go. */
export function buildSchema(clock?: Clock): GraphQLSchema {
  const schema = createSchema<GraphQLContext>({ typeDefs: readFileSync(SCHEMA_FILE, 'utf8'), resolvers });
  if (clock !== undefined) sliceLists(schema, clock);
  return schema;
}

const SCHEMA_FILE = new URL('../../schema.graphql', import.meta.url);

const resolvers: Resolvers = {
  Query: {
    blockedUsers,
    deviceTokens,
    friendRequests,
    friends,
    locationHistory,
    me,
    nearAlerts,
    nearbyFriends,
    node,
    server,
    sessions,
    sharing,
    sharingExceptions,
    user,
  },
  Mutation: {
    acceptFriendRequest,
    addPushSubscription,
    blockUser,
    cancelFriendRequest,
    changePassword,
    clearLocation,
    clearSharingException,
    createDeviceToken,
    declineFriendRequest,
    deleteAccount,
    deleteLocationHistory,
    endSession,
    refreshToken,
    removeFriend,
    removePushSubscription,
    renewConnection,
    revokeDeviceToken,
    sendFriendRequest,
    setNearAlert,
    setSharingException,
    signIn,
    signOut,
    signUp,
    unblockUser,
    updateLocation,
    updateLocations,
    updateProfile,
    updateSharing,
  },
  Subscription: {
    friendRequests: subscribeFriendRequests,
    nearbyFriends: subscribeNearbyFriends,
    sharing: subscribeSharing,
  },
  DeviceToken,
  FriendRequest,
  LivePlace,
  Location,
  NearbyFriend,
  Node,
  Session,
  Sharing,
  SharingException,
  UpdateLocationPayload,
  DateTime: DateTimeScalar,
  Latitude: LatitudeScalar,
  Longitude: LongitudeScalar,
};
