import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const updateLocation: MutationResolvers['updateLocation'] = (_parent, { input }, context) => {
  // A spread of the input, which is a dictionary to V8, would make everything after it slow
  // (docs/decisions/036).
  const { latitude, longitude, accuracyMeters, recordedAt, id } = input;
  const position = { latitude, longitude, accuracyMeters, recordedAtMs: recordedAt, id };
  return context.services.publishLocation(requireViewer(context), position);
};
