import type { SharingExceptionResolvers } from '../../generated/resolvers.js';

export const SharingException: SharingExceptionResolvers = {
  until: ({ untilMs }) => untilMs,
};
