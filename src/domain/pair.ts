import { DomainError } from './errors.js';
import { MAX_FRIENDS, type FriendRequest, type FriendRequestStatus } from './friendship.js';
import type { AddressedNotification } from './notification.js';
import type { UserCard } from './user.js';

/**
 * The relation between two users, and the rules by which one of them may change it. The rules are pure: the
 * store reads the pair under a lock, calls a rule and writes its changes in the same transaction. For every
 * rule a user who blocked the viewer looks like one who does not exist.
 */
export interface Pair {
  readonly viewer: UserCard;
  readonly other: UserCard;
  readonly friends: boolean;
  readonly viewerBlocks: boolean;
  readonly otherBlocks: boolean;
  /** The one pending request between the two, from either side. */
  readonly pending: FriendRequest | null;
  readonly viewerFriendCount: number;
  readonly otherFriendCount: number;
  /** Whether the other declined a request of the viewer lately: a further one is kept from the other for a while. */
  readonly otherDeclinedLately: boolean;
}

export type PairChange =
  | { readonly kind: 'befriend' }
  | { readonly kind: 'unfriend' }
  | { readonly kind: 'block' }
  | { readonly kind: 'ask'; readonly request: FriendRequest }
  | { readonly kind: 'answer'; readonly request: FriendRequest };

export interface PairDecision<T> {
  readonly result: T;
  readonly changes: readonly PairChange[];
}

/** @throws DomainError 'not-found', 'conflict' */
export function ask(pair: Pair, newId: string, nowMs: number): PairDecision<FriendRequest> {
  if (pair.viewerBlocks || pair.otherBlocks) throw noSuchUser();
  if (pair.friends) throw new DomainError('conflict', 'You are friends already.');
  if (pair.pending?.from.id === pair.viewer.id) return unchanged(pair.pending);
  if (pair.pending !== null) return befriend(pair, pair.pending);
  checkFriendLimit(pair);
  const request: FriendRequest = {
    id: newId,
    from: pair.viewer,
    to: pair.other,
    status: 'PENDING',
    createdAtMs: nowMs,
  };
  return { result: request, changes: [{ kind: 'ask', request }] };
}

/** @throws DomainError 'not-found', 'forbidden', 'conflict' */
export function accept(pair: Pair, request: FriendRequest): PairDecision<FriendRequest> {
  checkAnswerable(pair, request, 'to');
  if (request.status === 'ACCEPTED' && pair.friends) return unchanged(request);
  checkPending(request);
  return befriend(pair, request);
}

/** @throws DomainError 'not-found', 'forbidden', 'conflict' */
export function decline(pair: Pair, request: FriendRequest): PairDecision<FriendRequest> {
  checkAnswerable(pair, request, 'to');
  return answer(request, 'DECLINED');
}

/** @throws DomainError 'not-found', 'forbidden', 'conflict' */
export function cancel(pair: Pair, request: FriendRequest): PairDecision<FriendRequest> {
  checkAnswerable(pair, request, 'from');
  return answer(request, 'CANCELLED');
}

/** The result says whether there was a friendship. @throws DomainError 'not-found' */
export function remove(pair: Pair): PairDecision<boolean> {
  if (pair.otherBlocks) throw noSuchUser();
  return { result: pair.friends, changes: pair.friends ? [{ kind: 'unfriend' }] : [] };
}

/** @throws DomainError 'not-found' */
export function block(pair: Pair): PairDecision<true> {
  if (pair.viewerBlocks) return unchanged(true);
  if (pair.otherBlocks) throw noSuchUser();
  const changes: PairChange[] = [{ kind: 'block' }];
  if (pair.friends) changes.push({ kind: 'unfriend' });
  if (pair.pending !== null) {
    const mine = pair.pending.from.id === pair.viewer.id;
    changes.push(...answer(pair.pending, mine ? 'CANCELLED' : 'DECLINED').changes);
  }
  return { result: true, changes };
}

/** The notifications of the changes, for both sides. A block by itself causes none. */
export function notificationsOf(pair: Pair, changes: readonly PairChange[]): AddressedNotification[] {
  const [viewerId, otherId] = [pair.viewer.id, pair.other.id];
  return changes.flatMap((change): AddressedNotification[] => {
    switch (change.kind) {
      case 'befriend':
      case 'unfriend':
        return [
          { userId: viewerId, notification: { kind: 'relation', friendId: otherId, isFriendship: true } },
          { userId: otherId, notification: { kind: 'relation', friendId: viewerId, isFriendship: true } },
        ];
      case 'ask':
      case 'answer': {
        // The viewer asks, or takes that back: a question that the other has answered already.
        const isRepeated =
          pair.otherDeclinedLately &&
          change.request.from.id === viewerId &&
          change.request.status !== 'ACCEPTED';
        return (isRepeated ? [viewerId] : [viewerId, otherId]).map((userId) => ({
          userId,
          notification: { kind: 'request', request: change.request },
        }));
      }
      case 'block':
        return [];
    }
  });
}

/** A user who blocked the viewer gets the same text as one who does not exist. */
export function noSuchUser(): DomainError {
  return new DomainError('not-found', 'There is no such user.');
}

export function noSuchRequest(): DomainError {
  return new DomainError('not-found', 'There is no such friend request.');
}

function befriend(pair: Pair, request: FriendRequest): PairDecision<FriendRequest> {
  checkFriendLimit(pair);
  const accepted = answer(request, 'ACCEPTED');
  return { ...accepted, changes: [...accepted.changes, { kind: 'befriend' }] };
}

function answer(request: FriendRequest, status: FriendRequestStatus): PairDecision<FriendRequest> {
  checkPending(request);
  const answered = { ...request, status };
  return { result: answered, changes: [{ kind: 'answer', request: answered }] };
}

function unchanged<T>(result: T): PairDecision<T> {
  return { result, changes: [] };
}

function checkAnswerable(pair: Pair, request: FriendRequest, side: 'from' | 'to'): void {
  if (pair.otherBlocks) throw noSuchRequest();
  if (request[side].id !== pair.viewer.id) {
    throw new DomainError('forbidden', `Only the ${side === 'to' ? 'recipient' : 'sender'} may do this.`);
  }
}

function checkPending(request: FriendRequest): void {
  if (request.status !== 'PENDING') {
    throw new DomainError('conflict', `The friend request is ${request.status.toLowerCase()} already.`);
  }
}

function checkFriendLimit(pair: Pair): void {
  if (pair.viewerFriendCount >= MAX_FRIENDS || pair.otherFriendCount >= MAX_FRIENDS) {
    throw new DomainError('conflict', `At most ${MAX_FRIENDS} friends each.`);
  }
}
