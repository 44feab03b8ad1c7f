import type { UpdateLocationPayloadResolvers } from '../../generated/resolvers.js';

export const UpdateLocationPayload: UpdateLocationPayloadResolvers = {
  near: ({ location }, _args, { services }) => services.placement.near(location),
};
