/** Limits how many live subscriptions a user has on this server at a time, whatever their kind and transport. */
import { DomainError } from '../domain/errors.js';
import { createQuota } from './quota.js';

/** @param limit of one user, 1 or more. */
export function createSubscriptionQuota(limit: number, onRefused = (): void => undefined): SubscriptionQuota {
  const quota = createQuota(limit);
  return {
    open(userId) {
      if (quota.take(userId)) return;
      onRefused();
      throw new DomainError('rate-limited', 'Too many subscriptions at once.');
    },
    close: quota.release,
  };
}

export interface SubscriptionQuota {
  /** Counts one, to be closed once. @throws DomainError 'rate-limited' when the user has too many. */
  open(userId: string): void;
  close(userId: string): void;
}
