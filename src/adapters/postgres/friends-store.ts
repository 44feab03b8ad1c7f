/**
 * Friendships, requests, blocks and sharing in PostgreSQL. A change and its notifications are one
 * transaction.
 */
import { DomainError } from '../../domain/errors.js';
import { DECLINE_REST_DAYS, type FriendRequest } from '../../domain/friendship.js';
import { noSuchRequest, type Pair, type PairDecision } from '../../domain/pair.js';
import type { LocationPrecision, Sharing } from '../../domain/sharing.js';
import type { UserCard } from '../../domain/user.js';
import type { FriendException, FriendStore } from '../../services/friends.js';
import type { Posted } from '../../services/outbox.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { evenly } from '../../time/even-answers.js';
import { databaseStore } from './failures.js';
import { postNotifications, postToFriends } from './outbox-store.js';
import { applyDecision, readLockedPair } from './pair-transaction.js';
import { CARD, type PrismaClient, type Transaction } from './prisma.js';

export function createFriendsStore(prisma: PrismaClient, clock: Clock = systemClock): FriendStore {
  /** Makes "blocked me" look like "does not exist" to a viewer with a stopwatch. */
  const even = <T>(work: () => Promise<T>): Promise<T> => evenly(clock, EVEN_STEP_MS, work, foundNothing);

  const store: FriendStore = {
    findByHandle(viewerId, handle) {
      return even(() =>
        prisma.user.findFirst({
          where: {
            handle,
            blocks: { none: { blockedId: viewerId } },
            blockedBy: { none: { blockerId: viewerId } },
          },
          select: CARD,
        }),
      );
    },

    findById: (viewerId, id) =>
      even(() =>
        prisma.user.findFirst({ where: { id, blocks: { none: { blockedId: viewerId } } }, select: CARD }),
      ),

    findKnown: (viewerId, id) =>
      prisma.user.findFirst({
        where: { id, OR: [{ id: viewerId }, { befriendedBy: { some: { userId: viewerId } } }] },
        select: CARD,
      }),

    async friends(viewerId, limit, afterHandle) {
      const rows = await prisma.friendship.findMany({
        where: { userId: viewerId, ...(afterHandle !== null && { friend: { handle: { gt: afterHandle } } }) },
        orderBy: { friend: { handle: 'asc' } },
        take: limit,
        select: { friend: { select: CARD } },
      });
      return rows.map(({ friend }) => friend);
    },

    countFriends: (viewerId) => prisma.friendship.count({ where: { userId: viewerId } }),

    async pendingRequests(viewerId, direction, nowMs, limit, after) {
      const rows = await prisma.friendRequest.findMany({
        where: {
          ...(direction === 'INCOMING'
            ? { toId: viewerId, from: { requestsMade: { none: declinedLately(viewerId, nowMs) } } }
            : { fromId: viewerId }),
          status: 'PENDING',
          ...(after !== null && {
            OR: [
              { createdAt: { lt: new Date(after.atMs) } },
              { createdAt: new Date(after.atMs), id: { lt: after.id } },
            ],
          }),
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit,
        select: REQUEST,
      });
      return rows.map(requestOf);
    },

    async blocked(viewerId, limit, after) {
      const rows = await prisma.block.findMany({
        where: {
          blockerId: viewerId,
          ...(after !== null && {
            OR: [
              { createdAt: { lt: new Date(after.atMs) } },
              { createdAt: new Date(after.atMs), blockedId: { lt: after.id } },
            ],
          }),
        },
        orderBy: [{ createdAt: 'desc' }, { blockedId: 'desc' }],
        take: limit,
        select: { createdAt: true, blocked: { select: CARD } },
      });
      return rows.map(({ createdAt, blocked }) => ({ card: blocked, atMs: createdAt.getTime() }));
    },

    countBlocked: (viewerId) => prisma.block.count({ where: { blockerId: viewerId } }),

    changePair(viewerId, otherId, decide) {
      return even(() =>
        prisma.$transaction(async (transaction) => {
          const pair = await readLockedPair(transaction, viewerId, otherId);
          return applyDecision(transaction, pair, decide(pair));
        }),
      );
    },

    changeRequest<T>(
      viewerId: string,
      requestId: string,
      decide: (pair: Pair, request: FriendRequest) => PairDecision<T>,
    ): Promise<Posted<T>> {
      return even(async () => {
        // The two users of a request never change, so they may be read before the lock; the status may not.
        const sides = await prisma.friendRequest.findFirst({
          where: { id: requestId, OR: [{ fromId: viewerId }, { toId: viewerId }] },
          select: { fromId: true, toId: true },
        });
        if (sides === null) throw noSuchRequest();
        const otherId = sides.fromId === viewerId ? sides.toId : sides.fromId;
        return prisma.$transaction(async (transaction) => {
          const pair = await readLockedPair(transaction, viewerId, otherId);
          const row = await transaction.friendRequest.findUnique({
            where: { id: requestId },
            select: REQUEST,
          });
          if (row === null) throw noSuchRequest();
          return applyDecision(transaction, pair, decide(pair, requestOf(row)));
        });
      });
    },

    async unblock(viewerId, otherId) {
      const { count } = await prisma.block.deleteMany({ where: { blockerId: viewerId, blockedId: otherId } });
      return count > 0;
    },

    async sharing(viewerId) {
      const row = await prisma.user.findUnique({
        where: { id: viewerId },
        select: SHARING,
      });
      return row && sharingOf(row);
    },

    updateSharing(viewerId, change) {
      return prisma.$transaction(async (transaction) => {
        const [row] = await transaction.user.updateManyAndReturn({
          where: { id: viewerId },
          data: {
            sharingEnabled: change.enabled,
            sharingUntil: change.untilMs === null ? null : new Date(change.untilMs),
            ...(change.maxRadiusMeters !== undefined && { sharingMaxRadiusMeters: change.maxRadiusMeters }),
            ...(change.precision !== undefined && { sharingPrecision: change.precision }),
          },
          select: SHARING,
        });
        if (row === undefined) throw new DomainError('unauthenticated', 'The account is gone.');
        // The update waited for friendships that were being made. A statement after it sees them.
        const posted = [
          ...(await postToFriends(transaction, viewerId)),
          ...(await postNotifications(transaction, [
            { userId: viewerId, notification: { kind: 'sharing' } },
          ])),
        ];
        return { result: sharingOf(row), posted };
      });
    },

    async exceptions(viewerId, nowMs, limit, afterHandle) {
      const rows = await prisma.friendship.findMany({
        where: {
          friendId: viewerId,
          ...exceptionAt(nowMs),
          ...(afterHandle !== null && { user: { handle: { gt: afterHandle } } }),
        },
        orderBy: { user: { handle: 'asc' } },
        take: limit,
        select: { user: { select: CARD }, ...EXCEPTION },
      });
      return rows.flatMap((row) => exceptionOf(row) ?? []);
    },

    setException(viewerId, friendId, { enabled, precision, untilMs }) {
      return prisma.$transaction(async (transaction) => {
        const [row] = await transaction.friendship.updateManyAndReturn({
          where: { userId: friendId, friendId: viewerId },
          data: {
            exceptionEnabled: enabled,
            exceptionPrecision: precision,
            exceptionUntil: untilMs === null ? null : new Date(untilMs),
          },
          select: { user: { select: CARD }, ...EXCEPTION },
        });
        const result = row === undefined ? null : exceptionOf(row);
        if (result === null) throw new DomainError('not-found', 'There is no such friend.');
        return { result, posted: await postException(transaction, viewerId, friendId) };
      });
    },

    clearException(viewerId, friendId, nowMs) {
      return prisma.$transaction(async (transaction) => {
        const { count } = await transaction.friendship.updateMany({
          where: { userId: friendId, friendId: viewerId, ...exceptionAt(nowMs) },
          data: { exceptionEnabled: null, exceptionPrecision: null, exceptionUntil: null },
        });
        const posted = count === 0 ? [] : await postException(transaction, viewerId, friendId);
        return { result: count > 0, posted };
      });
    },
  };
  return databaseStore(store, clock);
}

/** Longer than such answers take, so that nearly all come after one step. */
const EVEN_STEP_MS = 20;

function foundNothing(outcome: PromiseSettledResult<unknown>): boolean {
  return outcome.status === 'fulfilled'
    ? outcome.value === null
    : outcome.reason instanceof DomainError && outcome.reason.kind === 'not-found';
}

const REQUEST = {
  id: true,
  status: true,
  createdAt: true,
  from: { select: CARD },
  to: { select: CARD },
} as const;

/** As in pair-transaction.ts: servers of the version before do not write when a request was answered. */
function declinedLately(toId: string, nowMs: number) {
  const since = { gt: new Date(nowMs - DECLINE_REST_DAYS * DAY_MS) };
  return {
    toId,
    status: 'DECLINED' as const,
    OR: [{ answeredAt: since }, { answeredAt: null, createdAt: since }],
  };
}

const DAY_MS = 86_400_000;

const SHARING = {
  sharingEnabled: true,
  sharingUntil: true,
  sharingMaxRadiusMeters: true,
  sharingPrecision: true,
} as const;

const EXCEPTION = { exceptionEnabled: true, exceptionPrecision: true, exceptionUntil: true } as const;

/** What is over counts as cleared. */
const exceptionAt = (nowMs: number) => ({
  exceptionEnabled: { not: null },
  OR: [{ exceptionUntil: null }, { exceptionUntil: { gt: new Date(nowMs) } }],
});

function sharingOf(row: {
  sharingEnabled: boolean;
  sharingUntil: Date | null;
  sharingMaxRadiusMeters: number | null;
  sharingPrecision: LocationPrecision;
}): Sharing {
  return {
    enabled: row.sharingEnabled,
    untilMs: row.sharingUntil?.getTime() ?? null,
    maxRadiusMeters: row.sharingMaxRadiusMeters,
    precision: row.sharingPrecision,
  };
}

function exceptionOf(row: {
  user: UserCard;
  exceptionEnabled: boolean | null;
  exceptionPrecision: LocationPrecision | null;
  exceptionUntil: Date | null;
}): FriendException | null {
  const { user, exceptionEnabled, exceptionPrecision, exceptionUntil } = row;
  if (exceptionEnabled === null || exceptionPrecision === null) return null;
  return {
    friend: user,
    enabled: exceptionEnabled,
    precision: exceptionPrecision,
    untilMs: exceptionUntil?.getTime() ?? null,
  };
}

/** The user and the friend are told: nobody else sees anything else of the user. */
const postException = (transaction: Transaction, userId: string, friendId: string) =>
  postNotifications(transaction, [
    { userId: friendId, notification: { kind: 'relation', friendId: userId } },
    { userId, notification: { kind: 'sharing', friendId } },
  ]);

function requestOf({
  createdAt,
  ...request
}: Omit<FriendRequest, 'createdAtMs'> & { createdAt: Date }): FriendRequest {
  return { ...request, createdAtMs: createdAt.getTime() };
}
