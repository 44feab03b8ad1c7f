import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const updateLocation: MutationResolvers['updateLocation'] = (_parent, { input }, context) => {
  // Not spread: the input is a dictionary to V8, and so would be all that is made of it (docs/decisions/012).
  const { latitude, longitude, accuracyMeters, recordedAt, id } = input;
  const position = { latitude, longitude, accuracyMeters, recordedAtMs: recordedAt, id };
  return context.services.publishLocation(requireViewer(context), position);
};
