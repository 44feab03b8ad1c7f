/**
 * The friends of one nearbyFriends session, as they may be seen now. A notification that a relation changed
 * carries no state: the relation is read again, and until the answer is there nothing is sent about the
 * friend. Timed sharing turns over at its time without a notification.
 */
import type { Friend } from '../domain/friendship.js';
import type { UserCard } from '../domain/user.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import type { PerTurnLimit } from '../time/per-turn-limit.js';
import { FriendRoster, type SharedEntries } from './friend-roster.js';
import type { LocationDispatcher } from './location-dispatcher.js';
import type { LocationSubscriber, TrackedUser } from './user-topics.js';

/**
 * Reading a relation takes a while, and more notifications may come meanwhile. The naive way, one read for
 * each notification, can show a friend by an old answer that arrives after a newer one. So each friend has
 * one read at a time, which is repeated when a notification came during it, and everything read before
 * `startRound` is thrown away.
 */
export class FriendRelations {
  readonly #roster: FriendRoster;
  /** The viewer and the friends, as the server knows them, while the round is complete. */
  #viewer: TrackedUser | null = null;
  #isComplete = false;
  #round = 0;
  /** Friends who are hidden while their relation is read; true when it changed again meanwhile. */
  #refreshing: Map<string, boolean> | null = null;
  #cancelTurnover: (() => void) | null = null;
  /** Timed sharing has turned over up to this instant. */
  #turnedOverUntilMs = 0;

  constructor(
    readonly viewerId: string,
    readonly deps: FriendRelationsDeps,
    readonly list: RelationList,
  ) {
    this.#roster = new FriendRoster(deps.sharedEntries);
  }

  /** Whether all friends and their locations are known; nothing may be sent otherwise. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get viewer(): TrackedUser | null {
    return this.#viewer;
  }

  /** Starts to read everything anew. @returns the number of the round, for `isCurrent`. */
  startRound(): number {
    this.#isComplete = false;
    this.#refreshing = null;
    return ++this.#round;
  }

  isCurrent(round: number): boolean {
    return round === this.#round;
  }

  /** Forgets the notifications so far: what is read from now on is newer than they are. */
  forgetNotifications(): void {
    this.#refreshing = null;
  }

  /** Subscribes to the viewer and exactly these friends. Resolves when their newest locations are known. */
  async load(friends: readonly Friend[]): Promise<void> {
    const { dispatcher } = this.deps;
    const before = this.#roster.ids();
    const ids = [this.viewerId, ...friends.map(({ card }) => card.id)];
    const tracked = dispatcher.subscribe(ids, this.list);
    const [viewer = null, ...users] = tracked;
    this.#viewer = viewer;
    this.#roster.replace(friends, users);
    const kept = new Set(before.length > 0 ? this.#roster.ids() : []);
    dispatcher.unsubscribe(
      before.filter((userId) => !kept.has(userId)),
      this.list,
    );
    await dispatcher.whenLoaded(tracked);
  }

  /**
   * Completes the round. Friends of whom a notification came during it stay hidden until they are read again.
   */
  complete(): void {
    this.#isComplete = true;
    this.#turnedOverUntilMs = this.deps.clock.now();
    const changed = [...(this.#refreshing?.keys() ?? [])];
    this.#refreshing = null;
    for (const friendId of changed) void this.#refresh(friendId);
    this.#scheduleTurnover();
  }

  /** A notification says that the relation to a friend changed. */
  changed(friendId: string): void {
    if (this.#isComplete) void this.#refresh(friendId);
    else (this.#refreshing ??= new Map()).set(friendId, true);
  }

  /** The card of a friend who may be shown now, null for anybody else. */
  visibleCard(user: TrackedUser): UserCard | null {
    if (this.#refreshing?.has(user.userId) === true) return null;
    return this.#roster.visibleCard(user, this.deps.clock.now());
  }

  /** Beyond this distance, in metres, the friend does not want to be seen. */
  maxRadiusMeters(user: TrackedUser): number {
    return this.#roster.maxRadiusMeters(user);
  }

  forEachActive(visit: (user: TrackedUser) => void): void {
    this.#roster.forEachActive(visit);
  }

  end(): void {
    this.startRound();
    this.#cancelTurnover?.();
    const subscribed = [this.viewerId, ...this.#roster.ids()];
    this.#roster.replace([], []);
    this.deps.leaveLimit(() => {
      this.deps.dispatcher.unsubscribe(subscribed, this.list);
    });
  }

  async #refresh(friendId: string): Promise<void> {
    const known = this.#roster.userOf(friendId);
    this.list.withdraw(known);
    const refreshing = (this.#refreshing ??= new Map<string, boolean>());
    if (refreshing.has(friendId)) {
      refreshing.set(friendId, true);
      return;
    }
    const round = this.#round;
    try {
      do {
        refreshing.set(friendId, false);
        const friend = await this.deps.friends.friend(this.viewerId, friendId);
        if (!this.isCurrent(round)) return;
        if (friend === null) this.#remove(friendId);
        else await this.#add(friend);
        if (!this.isCurrent(round)) return;
      } while (refreshing.get(friendId) === true);
      refreshing.delete(friendId);
      this.#show(friendId, known);
    } catch (error) {
      if (this.isCurrent(round)) this.list.readFailed(error);
    }
  }

  #remove(friendId: string): void {
    this.#roster.delete(friendId);
    this.deps.dispatcher.unsubscribe([friendId], this.list);
  }

  async #add(friend: Friend): Promise<void> {
    const users = this.deps.dispatcher.subscribe([friend.card.id], this.list);
    for (const user of users) this.#roster.set(friend, user);
    await this.deps.dispatcher.whenLoaded(users);
  }

  /** @param known the friend as the list knows them, who may have left the roster. */
  #show(friendId: string, known: TrackedUser | null): void {
    const user = this.#roster.userOf(friendId) ?? known;
    const isActive = this.deps.dispatcher.newest(friendId) !== null;
    this.list.show(user, isActive && user !== null && this.visibleCard(user) !== null);
    this.#scheduleTurnover();
  }

  #scheduleTurnover(): void {
    const { clock } = this.deps;
    this.#cancelTurnover?.();
    this.#cancelTurnover = null;
    const turnoverAtMs = this.#roster.nextTurnover(this.#turnedOverUntilMs);
    if (turnoverAtMs === null) return;
    this.#cancelTurnover = at(clock, turnoverAtMs, () => {
      this.#cancelTurnover = null;
      this.#turnOver();
    });
  }

  #turnOver(): void {
    const [fromMs, untilMs] = [this.#turnedOverUntilMs, this.deps.clock.now()];
    this.#turnedOverUntilMs = untilMs;
    for (const friendId of this.#roster.turnedOver(fromMs, untilMs)) {
      if (this.#refreshing?.has(friendId) === true) continue;
      this.list.withdraw(this.#roster.userOf(friendId));
      this.#show(friendId, null);
    }
    this.#scheduleTurnover();
  }
}

/** The list that the relations belong to; it gets the locations of the viewer and the friends. */
export interface RelationList extends LocationSubscriber {
  /**
   * Sends nothing more about a friend until `show`, not even what waits for a slow reader; null for an
   * unknown one.
   */
  withdraw(user: TrackedUser | null): void;
  /** Puts a friend on the list or takes the friend off it, and sends what `withdraw` held back. */
  show(user: TrackedUser | null, isVisible: boolean): void;
  /** A relation could not be read: the whole round has to be repeated. */
  readFailed(error: unknown): void;
}

export interface FriendRelationsDeps {
  readonly dispatcher: LocationDispatcher;
  readonly friends: FriendReader;
  readonly sharedEntries: SharedEntries;
  /**
   * Limits how many sessions end in one turn of the event loop: each unsubscribes from some hundred friends.
   */
  readonly leaveLimit: PerTurnLimit;
  readonly clock: Clock;
}

/** Reads who may see whom from the database. */
export interface FriendReader {
  friendsOf(viewerId: string): Promise<readonly Friend[]>;
  /** The friend as it is now, null when the two are not friends. */
  friend(viewerId: string, friendId: string): Promise<Friend | null>;
}
