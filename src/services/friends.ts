/**
 * Friendships, requests, blocks and sharing, as the viewer changes them by the rules of domain/pair.ts. Every
 * method throws DomainError: 'invalid' for malformed arguments, and the error of its rule. When a promise
 * resolves, the change is committed and its notifications are delivered, or will be from the outbox.
 */
import {
  handleCursor,
  parseHandleCursor,
  parseTimeCursor,
  timeCursor,
  type TimePlace,
} from '../domain/cursor.js';
import { DomainError } from '../domain/errors.js';
import type { FriendRequest } from '../domain/friendship.js';
import { parseHandle } from '../domain/handle.js';
import { parseId } from '../domain/id.js';
import { checkPageSize, toPage, type Page } from '../domain/page.js';
import { accept, ask, block, cancel, decline, remove, type Pair, type PairDecision } from '../domain/pair.js';
import { parseRadius } from '../domain/radius.js';
import { sharingAt, type Sharing, type SharingChange, type SharingException } from '../domain/sharing.js';
import type { UserCard, Viewer } from '../domain/user.js';
import type { FriendLimit } from './friend-limit.js';
import type { Outbox, Posted } from './outbox.js';
import { createViewerTurns } from './viewer-turns.js';

export function createFriends({ store, outbox, limit, newId, now, onAsked }: FriendsDeps) {
  const inTurn = createViewerTurns();

  function checkUntil({ untilMs }: Pick<SharingException, 'untilMs'>): void {
    if (untilMs !== null && !(untilMs > now())) {
      throw new DomainError('invalid', 'until must lie in the future.');
    }
  }

  async function deliver<T>({ result, posted }: Posted<T>): Promise<T> {
    for (const { userId, notification } of posted) {
      if (notification.kind !== 'request' || notification.request.status !== 'PENDING') continue;
      if (notification.request.to.id === userId) onAsked(notification.request);
    }
    await outbox.deliver(posted);
    return result;
  }

  async function withOther<T>(
    viewer: Viewer,
    userId: string,
    decide: (pair: Pair) => PairDecision<T>,
  ): Promise<T> {
    const otherId = parseId(userId);
    if (otherId === viewer.userId) throw new DomainError('invalid', 'That is your own id.');
    return deliver(await store.changePair(viewer.userId, otherId, decide));
  }

  async function withRequest(
    viewer: Viewer,
    requestId: string,
    decide: (pair: Pair, request: FriendRequest) => PairDecision<FriendRequest>,
  ): Promise<FriendRequest> {
    return deliver(await store.changeRequest(viewer.userId, parseId(requestId), decide));
  }

  return {
    /**
     * Resolves to null for an unknown handle and for a block in either direction. The viewer's own handle
     * works.
     * @param address whose request it is. @throws DomainError 'rate-limited' after too many.
     */
    async findByHandle(viewer: Viewer, handle: string, address: string): Promise<UserCard | null> {
      const parsed = parseHandle(handle);
      await limit.countLookup(viewer.userId, address);
      return store.findByHandle(viewer.userId, parsed);
    },

    /**
     * Resolves to null for an unknown id and for somebody who blocked the viewer.
     * @param address whose request it is. @throws DomainError 'rate-limited' after too many strangers.
     */
    async findById(viewer: Viewer, id: string, address: string): Promise<UserCard | null> {
      const parsed = parseId(id);
      const known = await store.findKnown(viewer.userId, parsed);
      if (known !== null) return known;
      await limit.countLookup(viewer.userId, address);
      return store.findById(viewer.userId, parsed);
    },

    /** Returns friends, ordered by handle. */
    async friendsPage(viewer: Viewer, { first, after }: PageRequest): Promise<CountedPage<UserCard>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseHandleCursor(after);
      const [cards, totalCount] = await inTurn(viewer, () =>
        Promise.all([store.friends(viewer.userId, limit, place), store.countFriends(viewer.userId)]),
      );
      const page = toPage(
        cards,
        first,
        after,
        (card) => handleCursor(card.handle),
        (card) => card,
      );
      return { ...page, totalCount };
    },

    /** Returns pending requests, newest first. */
    async requestsPage(
      viewer: Viewer,
      direction: RequestDirection,
      { first, after }: PageRequest,
    ): Promise<Page<FriendRequest>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseTimeCursor(after);
      const requests = await inTurn(viewer, () =>
        store.pendingRequests(viewer.userId, direction, now(), limit, place),
      );
      const cursorOf = ({ createdAtMs, id }: FriendRequest) => timeCursor({ atMs: createdAtMs, id });
      return toPage(requests, first, after, cursorOf, (request) => request);
    },

    /** Returns blocked users, newest first. */
    async blockedPage(viewer: Viewer, { first, after }: PageRequest): Promise<CountedPage<UserCard>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseTimeCursor(after);
      const [blocks, totalCount] = await inTurn(viewer, () =>
        Promise.all([store.blocked(viewer.userId, limit, place), store.countBlocked(viewer.userId)]),
      );
      const cursorOf = ({ atMs, card }: BlockedUser) => timeCursor({ atMs, id: card.id });
      return { ...toPage(blocks, first, after, cursorOf, ({ card }) => card), totalCount };
    },

    /**
     * Asks, or accepts the other's request. The next request to one who declined is kept back for
     * DECLINE_REST_DAYS; who asks is not told so.
     * @throws DomainError 'rate-limited' after too many.
     */
    async sendRequest(viewer: Viewer, userId: string): Promise<FriendRequest> {
      const [otherId, requestId] = [parseId(userId), newId()];
      await limit.countRequest(viewer.userId, otherId);
      let isCounted = true;
      try {
        const request = await withOther(viewer, otherId, (pair) => ask(pair, requestId, now()));
        isCounted = request.id === requestId;
        return request;
      } catch (error) {
        // Whoever tries again through an outage asks once.
        isCounted = !(error instanceof DomainError && error.kind === 'unavailable');
        throw error;
      } finally {
        if (!isCounted) await limit.takeBackRequest(viewer.userId, otherId);
      }
    },
    accept: (viewer: Viewer, requestId: string) => withRequest(viewer, requestId, accept),
    decline: (viewer: Viewer, requestId: string) => withRequest(viewer, requestId, decline),
    cancel: (viewer: Viewer, requestId: string) => withRequest(viewer, requestId, cancel),
    /** Resolves to true when there was a friendship to end. */
    remove: (viewer: Viewer, userId: string) => withOther(viewer, userId, remove),
    block: (viewer: Viewer, userId: string) => withOther(viewer, userId, block),

    /** Resolves to true when there was a block to lift. It reveals nothing about the other user. */
    async unblock(viewer: Viewer, userId: string): Promise<boolean> {
      return store.unblock(viewer.userId, parseId(userId));
    },

    /** Resolves to the state that applies now: a state whose time is over counts as switched. */
    async sharing(viewer: Viewer): Promise<Sharing> {
      const sharing = await store.sharing(viewer.userId);
      if (sharing === null) throw new DomainError('unauthenticated', 'The account is gone.');
      return sharingAt(sharing, now());
    },

    /**
     * Sets whether the user's location is shared.
     * @param sharing `untilMs` says when the state switches by itself, later than now; null keeps it until it
     * is changed. `maxRadiusMeters` undefined leaves that limit as it is; null lifts it. `precision` undefined
     * leaves it as it is.
     */
    async updateSharing(viewer: Viewer, change: SharingChange): Promise<Sharing> {
      checkUntil(change);
      if (change.maxRadiusMeters != null) parseRadius(change.maxRadiusMeters, 'maxRadiusMeters');
      return deliver(await store.updateSharing(viewer.userId, change));
    },

    /** Returns the exceptions that hold now, ordered by the friends' handles. */
    async exceptionsPage(viewer: Viewer, { first, after }: PageRequest): Promise<Page<FriendException>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseHandleCursor(after);
      const exceptions = await inTurn(viewer, () => store.exceptions(viewer.userId, now(), limit, place));
      const cursorOf = ({ friend }: FriendException) => handleCursor(friend.handle);
      return toPage(exceptions, first, after, cursorOf, (exception) => exception);
    },

    /** @throws DomainError 'not-found' for who is no friend. */
    async setException(
      viewer: Viewer,
      friendId: string,
      exception: SharingException,
    ): Promise<FriendException> {
      checkUntil(exception);
      return deliver(await store.setException(viewer.userId, parseId(friendId), exception));
    },

    /** Resolves to true when there was an exception to clear. */
    async clearException(viewer: Viewer, friendId: string): Promise<boolean> {
      return deliver(await store.clearException(viewer.userId, parseId(friendId), now()));
    },
  };
}

export type Friends = ReturnType<typeof createFriends>;

export interface FriendsDeps {
  readonly store: FriendStore;
  readonly outbox: Outbox;
  readonly limit: FriendLimit;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
  /** Called for a request that was made, if the one who was asked is told of it live. */
  onAsked(request: FriendRequest): void;
}

export interface PageRequest {
  readonly first: number;
  readonly after?: string | null;
}

export interface CountedPage<T> extends Page<T> {
  readonly totalCount: number;
}

export type RequestDirection = 'INCOMING' | 'OUTGOING';

export interface BlockedUser {
  readonly card: UserCard;
  /** When the block was made. */
  readonly atMs: number;
}

/** The exception for one friend. */
export interface FriendException extends SharingException {
  readonly friend: UserCard;
}

export interface FriendStore {
  findByHandle(viewerId: string, handle: string): Promise<UserCard | null>;
  /** Null for somebody who blocked the viewer. */
  findById(viewerId: string, userId: string): Promise<UserCard | null>;
  /** The viewer or a friend; null for all others. */
  findKnown(viewerId: string, userId: string): Promise<UserCard | null>;
  friends(viewerId: string, limit: number, afterHandle: string | null): Promise<UserCard[]>;
  countFriends(viewerId: string): Promise<number>;
  /** Of those to the viewer, no request by somebody whose last one was declined less than DECLINE_REST_DAYS ago. */
  pendingRequests(
    viewerId: string,
    direction: RequestDirection,
    nowMs: number,
    limit: number,
    after: TimePlace | null,
  ): Promise<FriendRequest[]>;
  blocked(viewerId: string, limit: number, after: TimePlace | null): Promise<BlockedUser[]>;
  countBlocked(viewerId: string): Promise<number>;
  /**
   * Reads the pair, calls `decide` and writes its changes with their notifications, in one transaction that
   * locks both users. When `decide` throws, so does this, and nothing is written.
   * @throws DomainError 'not-found' when there is no other user, 'unauthenticated' when there is no viewer.
   */
  changePair<T>(
    viewerId: string,
    otherId: string,
    decide: (pair: Pair) => PairDecision<T>,
  ): Promise<Posted<T>>;
  /**
   * Does the same for the two users of a request.
   * @throws DomainError 'not-found' when the request is not from or to the viewer.
   */
  changeRequest<T>(
    viewerId: string,
    requestId: string,
    decide: (pair: Pair, request: FriendRequest) => PairDecision<T>,
  ): Promise<Posted<T>>;
  unblock(viewerId: string, otherId: string): Promise<boolean>;
  sharing(viewerId: string): Promise<Sharing | null>;
  /**
   * Writes the change with a notification to every friend. Resolves to what is stored then.
   * @throws DomainError 'unauthenticated' when there is no viewer.
   */
  updateSharing(viewerId: string, change: SharingChange): Promise<Posted<Sharing>>;
  /** Exceptions that are not over at `nowMs`. */
  exceptions(
    viewerId: string,
    nowMs: number,
    limit: number,
    afterHandle: string | null,
  ): Promise<FriendException[]>;
  /** Writes what one friend sees, with notifications to that friend and the viewer. @throws DomainError 'not-found' */
  setException(
    viewerId: string,
    friendId: string,
    exception: SharingException,
  ): Promise<Posted<FriendException>>;
  /** The result says whether there was an exception that is not over at `nowMs`. */
  clearException(viewerId: string, friendId: string, nowMs: number): Promise<Posted<boolean>>;
}
