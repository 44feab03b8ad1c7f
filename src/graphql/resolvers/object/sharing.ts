import type { SharingResolvers } from '../../generated/resolvers.js';

export const Sharing: SharingResolvers = {
  until: ({ untilMs }) => untilMs,
};
