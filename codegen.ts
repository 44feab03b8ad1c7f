import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  emitLegacyCommonJSImports: false,
  generates: {
    'src/graphql/generated/resolvers.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        contextType: '../context.js#GraphQLContext',
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
          Location: '../../domain/location-update.js#LocationUpdate',
          NearbyFriend: '../../domain/proximity-gate.js#NearbyFriend',
          NearbyFriendsUpdate: '../../domain/proximity-gate.js#NearbyFrame',
          DepartedFriend: '../../domain/proximity-gate.js#DepartedFriend',
        },
      },
    },
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
