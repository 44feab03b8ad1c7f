/**
 * Tells friends where users are: that they came, or left the whereabouts that friends knew. It goes to the
 * inboxes of those friends alone who are there. What fails is told again by the user's next update that comes
 * 2 s later, on whatever server (domain/whereabouts.ts `isOverdue`).
 */
import { isNewer, type LocationUpdate, toRecord } from '../domain/location-update.js';
import { parseWhereabouts } from '../domain/whereabouts.js';
import type { Clock } from '../time/clock.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';
import type { FriendReader } from './friend-relations.js';
import type { LocationDispatcher } from './location-dispatcher.js';
import type { LocationStore } from './location-store.js';
import type { PublishNotifications } from './outbox.js';

export function createAnnouncer({
  store,
  dispatcher,
  friends,
  friendsThere,
  publish,
  clock,
  onFailed,
}: AnnouncerOptions): Announcer {
  /** Whom this turn of the event loop has found to be there, by user. */
  const newcomers = new Map<string, Set<string>>();

  const limit = createPerTurnLimit(TOLD_PER_TURN, clock);

  async function tell(
    friendIds: readonly string[],
    userId: string,
    update: LocationUpdate | null,
  ): Promise<void> {
    await new Promise<void>(limit);
    const record = update === null ? null : toRecord(update);
    await publish(
      friendIds.map((friendId) => ({
        userId: friendId,
        notification: { kind: 'whereabouts', friendId: userId, record },
      })),
    );
  }

  async function announce(
    userId: string,
    update: LocationUpdate,
    friendIds: readonly string[],
  ): Promise<void> {
    const whereabouts = parseWhereabouts(update.whereabouts);
    if (whereabouts === null) return;
    await tell(friendIds, userId, update);
    const kept = await store.confirm(userId, whereabouts.madeAtMs);
    // A Redis that failed over has lost what was announced.
    if (kept !== null && isNewer(update, kept)) await tell(friendIds, userId, null);
  }

  async function keptOf(userId: string): Promise<LocationUpdate | null> {
    const [kept = null] = await store.newest([userId]);
    return kept;
  }

  async function friendsInStore(userId: string): Promise<string[]> {
    const { all: friendIds } = await friends.idsOf(userId);
    const kept = await store.newest(friendIds);
    return friendIds.filter((_, index) => kept[index] != null);
  }

  async function handle(userId: string, update: LocationUpdate): Promise<void> {
    // First: a list of the user's that hears of a friend from now on answers with this.
    dispatcher.learn(userId, update);
    const known = await friendsThere(userId);
    const came = parseWhereabouts(update.whereabouts)?.came === true;
    // A list of a user who came has begun anew, and has announced it.
    if (known !== null && came) return;
    await announce(userId, update, known ?? (await friendsInStore(userId)));
  }

  return {
    handle: (userId, update) => void handle(userId, update).catch(onFailed),

    announceKept(userId, friendIds) {
      keptOf(userId)
        .then((kept) => {
          if (kept === null || parseWhereabouts(kept.whereabouts)?.announced !== false) return undefined;
          return announce(userId, kept, friendIds);
        })
        .catch(onFailed);
    },

    answer(userId, friendIds) {
      const waiting = newcomers.get(userId) ?? new Set();
      for (const friendId of friendIds) waiting.add(friendId);
      if (newcomers.has(userId)) return;
      newcomers.set(userId, waiting);
      // All lists of the user hear of a friend in one turn: they answer once.
      clock.soon(() => {
        newcomers.delete(userId);
        keptOf(userId)
          .then((kept) => (kept === null ? undefined : tell([...waiting], userId, kept)))
          .catch(onFailed);
      });
    },
  };
}

export interface Announcer {
  /** Announces an update whose whereabouts friends have to be told of. */
  handle(userId: string, update: LocationUpdate): void;
  /** Announces where a user is, if friends have still to be told, to those whom a list knows to be there. */
  announceKept(userId: string, friendIds: readonly string[]): void;
  /** Tells friends who were not known to be there where a user is. */
  answer(userId: string, friendIds: readonly string[]): void;
}

interface AnnouncerOptions {
  readonly store: Pick<LocationStore, 'newest' | 'confirm'>;
  readonly dispatcher: Pick<LocationDispatcher, 'learn'>;
  readonly friends: Pick<FriendReader, 'idsOf'>;
  /**
   * Resolves to the friends who are there as a list of the user on this server knows them; null where none is
   * complete.
   */
  friendsThere(userId: string): Promise<readonly string[] | null>;
  /** Publishes to inboxes. */
  readonly publish: PublishNotifications;
  readonly clock: Pick<Clock, 'soon' | 'atTurnEnd'>;
  onFailed(error: unknown): void;
}

/**
 * Of how many users friends are told in one turn of the event loop. When a Redis comes back empty everybody comes at once:
 * told of all of them together, hundreds of friends each, some would not be confirmed, and be told again (docs/decisions/156).
 */
const TOLD_PER_TURN = 1;
