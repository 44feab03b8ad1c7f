import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  emitLegacyCommonJSImports: false,
  config: { sort: false }, // What is generated keeps the order of the schema.
  generates: {
    'src/graphql/generated/resolvers.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        contextType: '../context.js#GraphQLContext',
        // A field of the contract without a resolver does not compile.
        avoidOptionals: { query: true, mutation: true, subscription: true },
        scalars: {
          ID: 'string',
          Latitude: 'number',
          Longitude: 'number',
          // Milliseconds since the epoch inside, RFC 3339 on the wire: see src/graphql/scalars.ts.
          DateTime: 'number',
        },
        mapperTypeSuffix: 'Model',
        mappers: {
          User: '../../domain/user.js#UserCard',
          FriendRequest: '../../domain/friendship.js#FriendRequest',
          Sharing: '../../domain/sharing.js#Sharing',
          SharingState: '../../services/sharing-stream.js#SharingState',
          LivePlace: '../../services/sharing-stream.js#LivePlace',
          SharingException: '../../services/friends.js#FriendException',
          NearAlert: '../../services/near-alerts.js#NearAlert',
          DeviceToken: '../../services/device-tokens.js#DeviceToken',
          Session: '../../services/account-settings.js#OwnSession',
          Location: '../../domain/location-update.js#LocationUpdate',
          NearbyFriend: '../../domain/proximity-gate.js#NearbyFriend',
          NearbyFriendsUpdate: '../../domain/proximity-gate.js#NearbyFrame',
          UpdateLocationPayload: '../../services/publish-location.js#PublishedLocation',
          DepartedFriend: '../../domain/proximity-gate.js#DepartedFriend',
        },
      },
    },
    'docs/api.md': { plugins: ['./scripts/api-reference.mjs'] },
    'sdk/src/generated/operations.ts': {
      documents: 'sdk/src/operations.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentMode: 'string',
        pureMagicComment: true, // A bundler leaves out the documents that an app does not use.
        useTypeImports: true,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        skipTypename: true,
        scalars: { ID: 'string', Latitude: 'number', Longitude: 'number', DateTime: 'string' },
      },
    },
  },
};

export default config;
