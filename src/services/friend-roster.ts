/**
 * The friends of one subscriber, each beside the newest location that the server keeps of them: two words for each, so
 * that four hundred friends of whom most are away cost little. Kept in two arrays; looked up by walking them, which
 * happens only when a friend comes onto the list or a relation changes.
 */
import type { Friend } from '../domain/friendship.js';
import { sharingAt } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import type { WatchedUser } from './location-feed.js';

export class FriendRoster {
  #friends: Friend[] = [];
  #users: WatchedUser[] = [];

  /** Replaces all. @param users those of the friends, in the same order. */
  replace(friends: readonly Friend[], users: readonly WatchedUser[]): void {
    this.#friends = [...friends];
    this.#users = [...users];
  }

  /** Adds a friend, or replaces what was known of the friend. */
  set(friend: Friend, user: WatchedUser): void {
    const index = this.#indexOf(friend.card.id);
    if (index < 0) {
      this.#friends.push(friend);
      this.#users.push(user);
    } else {
      this.#friends[index] = friend;
      this.#users[index] = user;
    }
  }

  delete(friendId: string): void {
    const index = this.#indexOf(friendId);
    if (index < 0) return;
    this.#friends.splice(index, 1);
    this.#users.splice(index, 1);
  }

  /** The card of a friend who shares at `nowMs`. */
  visibleCard(user: WatchedUser, nowMs: number): UserCard | null {
    const friend = this.#friends[this.#users.indexOf(user)];
    return friend !== undefined && sharingAt(friend.sharing, nowMs).enabled ? friend.card : null;
  }

  /** The watched user of a friend; null for anybody else. */
  userOf(friendId: string): WatchedUser | null {
    return this.#users[this.#indexOf(friendId)] ?? null;
  }

  /** The watched users of all friends. */
  get users(): readonly WatchedUser[] {
    return this.#users;
  }

  /** The ids of the friends whose timed sharing turned over between two instants. */
  turnedOver(fromMs: number, toMs: number): string[] {
    const turned = this.#friends.filter(
      ({ sharing: { untilMs } }) => untilMs !== null && untilMs > fromMs && untilMs <= toMs,
    );
    return turned.map(({ card }) => card.id);
  }

  /** When the next timed sharing turns over after an instant; null when none will. */
  nextTurnover(afterMs: number): number | null {
    let earliestMs: number | null = null;
    for (const { sharing } of this.#friends) {
      if (sharing.untilMs === null || sharing.untilMs <= afterMs) continue;
      earliestMs = Math.min(earliestMs ?? Infinity, sharing.untilMs);
    }
    return earliestMs;
  }

  #indexOf(friendId: string): number {
    return this.#friends.findIndex(({ card }) => card.id === friendId);
  }
}
