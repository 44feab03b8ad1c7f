import type { PositionInput } from '../../../domain/position.js';
import { requireViewer } from '../../context.js';
import type { MutationResolvers, UpdateLocationInput } from '../../generated/resolvers.js';

export const updateLocation: MutationResolvers['updateLocation'] = (_parent, { input }, context) => {
  return context.services.locations.publish(requireViewer(context), toPosition(input));
};

/**
 * A spread of the input, which is a dictionary to V8, would make everything after it slow
 * (docs/decisions/036).
 */
export function toPosition(input: UpdateLocationInput): PositionInput {
  const { latitude, longitude, accuracyMeters, speedMetersPerSecond, headingDegrees } = input;
  const { recordedAt: recordedAtMs, id, device, stillHere } = input;
  return {
    latitude,
    longitude,
    accuracyMeters,
    speedMetersPerSecond,
    headingDegrees,
    recordedAtMs,
    id,
    device,
    stillHere,
  };
}
