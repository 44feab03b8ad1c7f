import { DomainError } from '../../../domain/errors.js';
import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const renewConnection: MutationResolvers['renewConnection'] = (_parent, { accessToken }, context) => {
  requireViewer(context);
  if (context.socket === null) {
    throw new DomainError(
      'invalid',
      'Over HTTP there is no socket to renew: send each request with a token.',
    );
  }
  return context.socket.renew(accessToken);
};
