/**
 * The friends of one subscriber, each beside the newest location that the server keeps of them: one word for each, so
 * that four hundred friends of whom most are away cost little. Looked up by walking them, which happens only when a
 * friend comes onto the list or a relation changes.
 */
import type { Friend } from '../domain/friendship.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { sharingAt } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import type { WatchedUser } from './user-topics.js';

/** Never changed: all subscribers who know the same of a friend have it in common. */
interface RosterEntry {
  readonly friend: Friend;
  readonly user: WatchedUser;
}

const newestEntries = new WeakMap<WatchedUser, RosterEntry>();

function entryOf(friend: Friend, user: WatchedUser): RosterEntry {
  const before = newestEntries.get(user);
  if (before?.friend === friend) return before;
  const entry = { friend, user };
  newestEntries.set(user, entry);
  return entry;
}

export class FriendRoster {
  #entries: RosterEntry[] = [];

  /** Replaces all. @param users those of the friends, in the same order. */
  replace(friends: readonly Friend[], users: readonly WatchedUser[]): void {
    const entries: RosterEntry[] = [];
    users.forEach((user, index) => {
      const friend = friends[index];
      if (friend !== undefined) entries.push(entryOf(friend, user));
    });
    // A copy has no room to grow.
    this.#entries = entries.slice();
  }

  /** Adds a friend, or replaces what was known of the friend. */
  set(friend: Friend, user: WatchedUser): void {
    const index = this.#indexOf(friend.card.id);
    this.#entries[index < 0 ? this.#entries.length : index] = entryOf(friend, user);
  }

  delete(friendId: string): void {
    const index = this.#indexOf(friendId);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** The card of a friend who shares at `nowMs`. */
  visibleCard(user: WatchedUser, nowMs: number): UserCard | null {
    for (const { user: known, friend } of this.#entries) {
      if (known === user) return sharingAt(friend.sharing, nowMs).enabled ? friend.card : null;
    }
    return null;
  }

  /** The watched user of a friend; null for anybody else. */
  userOf(friendId: string): WatchedUser | null {
    return this.#entries[this.#indexOf(friendId)]?.user ?? null;
  }

  /** The ids of all friends. */
  ids(): string[] {
    return this.#entries.map(({ user }) => user.userId);
  }

  /** Calls back with the newest location of each friend who is active. */
  forEachActive(visit: (user: WatchedUser, newest: LocationUpdate) => void): void {
    for (const { user } of this.#entries) if (user.newest !== null) visit(user, user.newest);
  }

  /** The ids of the friends whose timed sharing turned over between two instants. */
  turnedOver(fromMs: number, toMs: number): string[] {
    const turned = this.#entries.filter(({ friend }) => {
      const { untilMs } = friend.sharing;
      return untilMs !== null && untilMs > fromMs && untilMs <= toMs;
    });
    return turned.map(({ user }) => user.userId);
  }

  /** When the next timed sharing turns over after an instant; null when none will. */
  nextTurnover(afterMs: number): number | null {
    let earliestMs: number | null = null;
    for (const { friend } of this.#entries) {
      const { untilMs } = friend.sharing;
      if (untilMs !== null && untilMs > afterMs) earliestMs = Math.min(earliestMs ?? Infinity, untilMs);
    }
    return earliestMs;
  }

  #indexOf(friendId: string): number {
    return this.#entries.findIndex(({ user }) => user.userId === friendId);
  }
}
