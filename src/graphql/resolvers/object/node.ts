import type { NodeResolvers } from '../../generated/resolvers.js';

export const Node: NodeResolvers = {
  __resolveType: () => 'User',
};
