import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';
import { toPosition } from './update-location.js';

export const updateLocations: MutationResolvers['updateLocations'] = (_parent, { inputs }, context) =>
  context.services.locations.publishAll(requireViewer(context), inputs.map(toPosition));
