/**
 * The friends whom one list watches, each beside the newest location that the server holds of them and what is known
 * of the relation. Each message about a friend looks the friend up, and each move of the viewer walks the roster. A
 * lookup walks a short roster; a longer one keeps an index.
 */
import type { Friend } from '../domain/friendship.js';
import { type LocationPrecision, precisionAt } from '../domain/sharing.js';
import { swapRemove } from '../domain/swap-remove.js';
import type { UserCard } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import type { TrackedUser } from './user-topics.js';

export class FriendRoster {
  // In no order; the same index in both.
  readonly #users: TrackedUser[] = [];
  /** Null while the relation is not known, or when there is none: nothing is shown. */
  readonly #friends: (Friend | null)[] = [];
  /** Where the friends of a long roster stand, by id; null while nobody has looked one up. */
  #index: Map<string, number> | null = null;

  constructor(readonly clock: Clock) {}

  /** Adds a friend. The relation is not known, unless the friend was there already. */
  watch(user: TrackedUser): void {
    const known = this.#indexOf(user.userId);
    const index = known < 0 ? this.#users.length : known;
    this.#users[index] = user;
    this.#friends[index] ??= null;
    this.#index?.set(user.userId, index);
  }

  delete(friendId: string): void {
    const index = this.#indexOf(friendId);
    if (index < 0) return;
    swapRemove(this.#users, index);
    swapRemove(this.#friends, index);
    const moved = this.#users[index];
    this.#index?.delete(friendId);
    if (moved !== undefined) this.#index?.set(moved.userId, index);
  }

  clear(): void {
    this.#users.length = this.#friends.length = 0;
    this.#index = null;
  }

  /** Replaces what is known of the relations to all who are watched. */
  setRelations(friends: readonly (Friend | null)[]): void {
    this.#friends.fill(null);
    for (const friend of friends) if (friend !== null) this.setRelation(friend.card.id, friend);
  }

  /** Sets what is known of the relation to a friend, if the friend is watched. */
  setRelation(friendId: string, friend: Friend | null): void {
    const index = this.#indexOf(friendId);
    if (index >= 0) this.#friends[index] = friend;
  }

  /** Those who are watched. */
  users(): readonly TrackedUser[] {
    return this.#users;
  }

  /** The card of a friend whom the subscriber sees now. */
  visibleCard(user: TrackedUser): UserCard | null {
    const friend = this.#friendOf(user);
    return friend !== null && this.#seenNow(friend) !== null ? friend.card : null;
  }

  /** How exactly the subscriber sees a friend now; null for not at all, and for anybody else. */
  precision(user: TrackedUser): LocationPrecision | null {
    const friend = this.#friendOf(user);
    return friend === null ? null : this.#seenNow(friend);
  }

  /** Beyond this distance, in metres, the friend does not want to be seen. */
  maxRadiusMeters(user: TrackedUser): number {
    return this.#friendOf(user)?.sharing.maxRadiusMeters ?? Infinity;
  }

  /** A friend who is watched; null for anybody else. */
  userOf(friendId: string): TrackedUser | null {
    return this.#users[this.#indexOf(friendId)] ?? null;
  }

  /** Calls back with each friend who is active and seen now, and how exactly. */
  forEachSeen(visit: (user: TrackedUser, precision: LocationPrecision) => void): void {
    this.#users.forEach((user, index) => {
      const friend = this.#friends[index] ?? null;
      const precision = user.newest === null || friend === null ? null : this.#seenNow(friend);
      if (precision !== null) visit(user, precision);
    });
  }

  /** The ids of the friends of whom the subscriber sees something else at the second of two instants. */
  turnedOver(fromMs: number, toMs: number): string[] {
    return this.#friends.flatMap((friend) =>
      friend === null || seenAt(friend, fromMs) === seenAt(friend, toMs) ? [] : friend.card.id,
    );
  }

  /** When the next timed sharing or exception turns over after an instant; null when none will. */
  nextTurnover(afterMs: number): number | null {
    let earliestMs: number | null = null;
    for (const friend of this.#friends) {
      for (const untilMs of [friend?.sharing.untilMs ?? null, friend?.exception?.untilMs ?? null])
        if (untilMs !== null && untilMs > afterMs) earliestMs = Math.min(earliestMs ?? Infinity, untilMs);
    }
    return earliestMs;
  }

  /** Few friends share for a time, and only for them the clock is asked: it takes longer than all the rest. */
  #seenNow(friend: Friend): LocationPrecision | null {
    return seenAt(friend, isTimed(friend) ? this.clock.now() : 0);
  }

  #friendOf(user: TrackedUser): Friend | null {
    const isShort = this.#users.length <= WALKED_FRIENDS;
    const index = isShort ? this.#users.indexOf(user) : this.#indexOf(user.userId);
    return this.#friends[index] ?? null;
  }

  #indexOf(friendId: string): number {
    if (this.#users.length <= WALKED_FRIENDS)
      return this.#users.findIndex(({ userId }) => userId === friendId);
    this.#index ??= new Map(this.#users.map(({ userId }, index) => [userId, index]));
    return this.#index.get(friendId) ?? -1;
  }
}

const isTimed = ({ sharing, exception }: Friend): boolean =>
  sharing.untilMs !== null || (exception !== null && exception.untilMs !== null);

const seenAt = ({ sharing, exception }: Friend, nowMs: number): LocationPrecision | null =>
  precisionAt(sharing, exception, nowMs);

/** To walk so many for each of them takes 15 µs; an index of them would take more memory than the roster. */
const WALKED_FRIENDS = 100;
