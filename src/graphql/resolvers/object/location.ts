import type { LocationResolvers } from '../../generated/resolvers.js';

export const Location: LocationResolvers = {
  recordedAt: (location) => location.recordedAtMs,
};
