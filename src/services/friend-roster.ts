/**
 * The friends whom one subscriber watches, each beside the newest location that the server holds of them.
 * Each message about a friend looks the friend up, and each move of the viewer all of them. A lookup walks a short
 * roster; a longer one keeps an index.
 */
import type { Friend } from '../domain/friendship.js';
import { type LocationPrecision, precisionAt } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import type { TrackedUser } from './user-topics.js';

export class FriendRoster {
  // In no order; the same index in both.
  #users: TrackedUser[] = [];
  #friends: Friend[] = [];
  /** Where the users of a long roster stand; null while nobody has looked one up. */
  #index: Map<TrackedUser, number> | null = null;

  constructor(readonly clock: Clock) {}

  /** Replaces all friends. */
  replace(entries: readonly RosterEntry[]): void {
    this.#users = entries.map(({ user }) => user);
    this.#friends = entries.map(({ friend }) => friend);
    this.#index = null;
  }

  /** Adds a friend, or replaces what was known of the friend. */
  set(friend: Friend, user: TrackedUser): void {
    const known = this.#indexOf(friend.card.id);
    const index = known < 0 ? this.#users.length : known;
    this.#users[index] = user;
    this.#friends[index] = friend;
    this.#index = null;
  }

  delete(friendId: string): void {
    const index = this.#indexOf(friendId);
    if (index < 0) return;
    this.#users.splice(index, 1);
    this.#friends.splice(index, 1);
    this.#index = null;
  }

  /** The card of a friend whom the subscriber sees now. */
  visibleCard(user: TrackedUser): UserCard | null {
    const friend = this.#friendOf(user);
    return friend !== undefined && this.#seenNow(friend) !== null ? friend.card : null;
  }

  /** How exactly the subscriber sees a friend now; null for not at all, and for anybody else. */
  precision(user: TrackedUser): LocationPrecision | null {
    const friend = this.#friendOf(user);
    return friend === undefined ? null : this.#seenNow(friend);
  }

  /** Beyond this distance, in metres, the friend does not want to be seen. */
  maxRadiusMeters(user: TrackedUser): number {
    return this.#friendOf(user)?.sharing.maxRadiusMeters ?? Infinity;
  }

  /** The tracked user of a friend; null for anybody else. */
  userOf(friendId: string): TrackedUser | null {
    return this.#users[this.#indexOf(friendId)] ?? null;
  }

  /** Calls back with each friend who is active. */
  forEachActive(visit: (user: TrackedUser) => void): void {
    for (const user of this.#users) if (user.newest !== null) visit(user);
  }

  /** The ids of the friends of whom the subscriber sees something else at the second of two instants. */
  turnedOver(fromMs: number, toMs: number): string[] {
    const turned = this.#friends.filter((friend) => seenAt(friend, fromMs) !== seenAt(friend, toMs));
    return turned.map(({ card }) => card.id);
  }

  /** When the next timed sharing or exception turns over after an instant; null when none will. */
  nextTurnover(afterMs: number): number | null {
    let earliestMs: number | null = null;
    for (const { sharing, exception } of this.#friends) {
      for (const untilMs of [sharing.untilMs, exception?.untilMs ?? null])
        if (untilMs !== null && untilMs > afterMs) earliestMs = Math.min(earliestMs ?? Infinity, untilMs);
    }
    return earliestMs;
  }

  /** Few friends share for a time, and only for them the clock is asked: it takes longer than all the rest. */
  #seenNow(friend: Friend): LocationPrecision | null {
    return seenAt(friend, isTimed(friend) ? this.clock.now() : 0);
  }

  #friendOf(user: TrackedUser): Friend | undefined {
    if (this.#users.length <= WALKED_FRIENDS) return this.#friends[this.#users.indexOf(user)];
    this.#index ??= new Map(this.#users.map((known, index) => [known, index]));
    return this.#friends[this.#index.get(user) ?? -1];
  }

  #indexOf(friendId: string): number {
    return this.#users.findIndex(({ userId }) => userId === friendId);
  }
}

const isTimed = ({ sharing, exception }: Friend): boolean =>
  sharing.untilMs !== null || (exception !== null && exception.untilMs !== null);

const seenAt = ({ sharing, exception }: Friend, nowMs: number): LocationPrecision | null =>
  precisionAt(sharing, exception, nowMs);

/** To walk so many for each of them takes 15 µs; an index of them would take more memory than the roster. */
const WALKED_FRIENDS = 100;

interface RosterEntry {
  readonly friend: Friend;
  readonly user: TrackedUser;
}
