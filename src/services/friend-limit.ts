/**
 * Limits how many strangers a user may look for and ask: handles looked up, by user and by address, and friend
 * requests, in all and to one person.
 */
import { type RateLimiter, rateLimited } from './rate-limiter.js';

export function createFriendLimit(deps: FriendLimitDeps): FriendLimit {
  const { lookups, lookupsOfAddress, requests, requestsToOne } = deps;

  function refuseIfOver(message: string, waits: readonly (number | null)[]): void {
    const longest = Math.max(...waits.map((waitMs) => waitMs ?? 0));
    if (longest === 0) return;
    deps.onRefused();
    throw rateLimited(message, longest);
  }

  async function takeBackRequest(userId: string, otherId: string): Promise<void> {
    await Promise.all([requests.takeBack(userId), requestsToOne.takeBack(`${userId} ${otherId}`)]);
  }

  return {
    async countLookup(userId, address) {
      const waits = [lookups.count(userId), lookupsOfAddress.count(address)];
      refuseIfOver('Too many handles looked up. Try again later.', await Promise.all(waits));
    },

    async countRequest(userId, otherId) {
      const waits = await Promise.all([requests.count(userId), requestsToOne.count(`${userId} ${otherId}`)]);
      // A refused call asks nobody. Counted, those of an impatient app would outlast the outage that caused them.
      if (waits.some((waitMs) => waitMs !== null)) await takeBackRequest(userId, otherId);
      refuseIfOver('Too many friend requests. Try again later.', waits);
    },

    takeBackRequest,
  };
}

/** `count…` throw DomainError 'rate-limited'. */
export interface FriendLimit {
  countLookup(userId: string, address: string): Promise<void>;
  countRequest(userId: string, otherId: string): Promise<void>;
  /** For a call that has asked nobody. */
  takeBackRequest(userId: string, otherId: string): Promise<void>;
}

interface FriendLimitDeps {
  readonly lookups: RateLimiter;
  readonly lookupsOfAddress: RateLimiter;
  readonly requests: RateLimiter;
  readonly requestsToOne: RateLimiter;
  onRefused(): void;
}
