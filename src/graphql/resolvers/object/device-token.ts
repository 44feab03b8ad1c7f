import type { DeviceTokenResolvers } from '../../generated/resolvers.js';

export const DeviceToken: DeviceTokenResolvers = {
  createdAt: ({ createdAtMs }) => createdAtMs,
  lastUsedAt: ({ lastUsedAtMs }) => lastUsedAtMs,
};
