import type { SessionResolvers } from '../../generated/resolvers.js';

export const Session: SessionResolvers = {
  createdAt: ({ createdAtMs }) => createdAtMs,
  lastUsedAt: ({ lastUsedAtMs }) => lastUsedAtMs,
};
