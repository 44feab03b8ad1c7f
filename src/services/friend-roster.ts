/**
 * The friends of one subscriber, each beside the newest location that the server holds of them. A roster
 * takes one word for each friend, so that four hundred friends, most of them absent, cost little. Lookups
 * walk the roster: they are rare, made when a friend comes onto the list or a relation changes. Only a long
 * roster, of which thousands may come onto the list at once, keeps an index.
 */
import type { Friend } from '../domain/friendship.js';
import { sharingAt } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import type { TrackedUser } from './user-topics.js';

export class FriendRoster {
  #entries: RosterEntry[] = [];
  /** The entries of a long roster; null while nobody has looked one up. */
  #index: Map<TrackedUser, RosterEntry> | null = null;

  /** @param shared entries of all rosters of the server. */
  constructor(readonly shared: SharedEntries) {}

  /** Replaces all friends. */
  replace(entries: readonly RosterEntry[]): void {
    this.#entries = entries.map(({ friend, user }) => this.#entryOf(friend, user));
    this.#index = null;
  }

  /** Adds a friend, or replaces what was known of the friend. */
  set(friend: Friend, user: TrackedUser): void {
    const index = this.#indexOf(friend.card.id);
    this.#entries[index < 0 ? this.#entries.length : index] = this.#entryOf(friend, user);
    this.#index = null;
  }

  delete(friendId: string): void {
    const index = this.#indexOf(friendId);
    if (index >= 0) this.#entries.splice(index, 1);
    this.#index = null;
  }

  /** The card of a friend who shares at `nowMs`. */
  visibleCard(user: TrackedUser, nowMs: number): UserCard | null {
    const friend = this.#entryFor(user)?.friend;
    return friend !== undefined && sharingAt(friend.sharing, nowMs).enabled ? friend.card : null;
  }

  /** Beyond this distance, in metres, the friend does not want to be seen. */
  maxRadiusMeters(user: TrackedUser): number {
    return this.#entryFor(user)?.friend.sharing.maxRadiusMeters ?? Infinity;
  }

  /** The tracked user of a friend; null for anybody else. */
  userOf(friendId: string): TrackedUser | null {
    return this.#entries[this.#indexOf(friendId)]?.user ?? null;
  }

  /** Calls back with each friend who is active. */
  forEachActive(visit: (user: TrackedUser) => void): void {
    for (const { user } of this.#entries) if (user.newest !== null) visit(user);
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

  #entryFor(user: TrackedUser): RosterEntry | undefined {
    if (this.#entries.length <= WALKED_FRIENDS) return this.#entries.find((entry) => entry.user === user);
    this.#index ??= new Map(this.#entries.map((entry) => [entry.user, entry]));
    return this.#index.get(user);
  }

  #entryOf(friend: Friend, user: TrackedUser): RosterEntry {
    const known = this.shared.get(user);
    if (known?.friend === friend) return known;
    const entry = { friend, user };
    this.shared.set(user, entry);
    return entry;
  }

  #indexOf(friendId: string): number {
    return this.#entries.findIndex(({ user }) => user.userId === friendId);
  }
}

/** Walking so many takes a microsecond; an index of them would take more memory than the roster. */
const WALKED_FRIENDS = 1_000;

/** The newest entry of each user, for all rosters of a server. */
export type SharedEntries = WeakMap<TrackedUser, RosterEntry>;

/** Immutable: all subscribers who know the same of a friend share it. */
interface RosterEntry {
  readonly friend: Friend;
  readonly user: TrackedUser;
}
