import type { LivePlaceResolvers } from '../../generated/resolvers.js';

export const LivePlace: LivePlaceResolvers = {
  updatedAt: ({ updatedAtMs }) => updatedAtMs,
};
