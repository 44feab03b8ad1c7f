/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation signUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      user {\n        id\n      }\n      accessToken\n      refreshToken\n    }\n  }\n": typeof types.SignUpDocument,
    "\n  mutation befriend($userId: ID!) {\n    sendFriendRequest(userId: $userId) {\n      status\n    }\n  }\n": typeof types.BefriendDocument,
    "\n  mutation share($input: UpdateLocationInput!) {\n    updateLocation(input: $input) {\n      recorded\n    }\n  }\n": typeof types.ShareDocument,
    "\n  subscription nearby {\n    nearbyFriends {\n      snapshot\n      nearby {\n        friend {\n          id\n          handle\n        }\n        distanceMeters\n        location {\n          latitude\n          longitude\n        }\n        updatedAt\n      }\n      left {\n        friendId\n        reason\n      }\n    }\n  }\n": typeof types.NearbyDocument,
};
const documents: Documents = {
    "\n  mutation signUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      user {\n        id\n      }\n      accessToken\n      refreshToken\n    }\n  }\n": types.SignUpDocument,
    "\n  mutation befriend($userId: ID!) {\n    sendFriendRequest(userId: $userId) {\n      status\n    }\n  }\n": types.BefriendDocument,
    "\n  mutation share($input: UpdateLocationInput!) {\n    updateLocation(input: $input) {\n      recorded\n    }\n  }\n": types.ShareDocument,
    "\n  subscription nearby {\n    nearbyFriends {\n      snapshot\n      nearby {\n        friend {\n          id\n          handle\n        }\n        distanceMeters\n        location {\n          latitude\n          longitude\n        }\n        updatedAt\n      }\n      left {\n        friendId\n        reason\n      }\n    }\n  }\n": types.NearbyDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation signUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      user {\n        id\n      }\n      accessToken\n      refreshToken\n    }\n  }\n"): typeof import('./graphql').SignUpDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation befriend($userId: ID!) {\n    sendFriendRequest(userId: $userId) {\n      status\n    }\n  }\n"): typeof import('./graphql').BefriendDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation share($input: UpdateLocationInput!) {\n    updateLocation(input: $input) {\n      recorded\n    }\n  }\n"): typeof import('./graphql').ShareDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription nearby {\n    nearbyFriends {\n      snapshot\n      nearby {\n        friend {\n          id\n          handle\n        }\n        distanceMeters\n        location {\n          latitude\n          longitude\n        }\n        updatedAt\n      }\n      left {\n        friendId\n        reason\n      }\n    }\n  }\n"): typeof import('./graphql').NearbyDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
