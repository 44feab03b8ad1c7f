/**
 * The friends whom one nearbyFriends session watches, as they may be seen now. A notification that a relation
 * changed carries no state: the relation is read again, and until the answer is there nothing is sent about
 * the friend. Timed sharing turns over at its time without a notification.
 */
import type { Friend } from '../domain/friendship.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { LocationPrecision } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import type { FriendRoster } from './friend-roster.js';
import type { LocationDispatcher } from './location-dispatcher.js';
import type { TrackedUser } from './user-topics.js';

/**
 * Reading a relation takes a while, and more notifications may come meanwhile. The naive way, one read for
 * each notification, can show a friend by an old answer that arrives after a newer one. So each friend has
 * one read at a time, which is repeated when a notification came during it, and everything read before
 * `startRound` is thrown away.
 */
export class FriendRelations {
  #isComplete = false;
  /**
   * Whether the relations of this round are being read: to those who are watched from now on they are read
   * later.
   */
  #isLoading = false;
  #round = 0;
  /** Friends who are hidden while their relation is read; true when it changed again meanwhile. */
  #refreshing: Map<string, boolean> | null = null;
  #cancelTurnover: (() => void) | null = null;
  /** When timed sharing turns over next, milliseconds since the epoch. */
  #turnoverAtMs = Infinity;
  /** Timed sharing has turned over up to this instant. */
  #turnedOverUntilMs = 0;

  constructor(
    readonly viewerId: string,
    /** The friends who are watched. */
    readonly roster: FriendRoster,
    readonly deps: FriendRelationsDeps,
    readonly list: RelationList,
  ) {}

  /** Whether all friends and their locations are known; nothing may be sent otherwise. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Starts to read everything anew. @returns the number of the round, for `isCurrent`. */
  startRound(): number {
    this.#isComplete = this.#isLoading = false;
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

  /** Reads the relations to those who are watched. Resolves when their newest locations are known, too. */
  async load(): Promise<void> {
    const round = this.#round;
    this.#isLoading = true;
    const { friends, dispatcher } = this.deps;
    const watched = [...this.roster.users()];
    const friendIds = watched.map(({ userId }) => userId);
    const found = await friends.relations(this.viewerId, friendIds);
    await dispatcher.whenLoaded(watched);
    if (this.isCurrent(round)) this.roster.setRelations(found);
  }

  /**
   * Completes the round. Friends of whom a notification came during it stay hidden until they are read again.
   */
  complete(): void {
    this.#isComplete = true;
    this.#turnedOverUntilMs = this.deps.clock.now();
    const changed = [...(this.#refreshing?.keys() ?? [])];
    this.#refreshing = null;
    for (const friendId of changed) this.changed(friendId);
    this.#scheduleTurnover();
  }

  /** A notification says that the relation to a friend changed. */
  changed(friendId: string): void {
    if (this.#isComplete) this.list.withdraw(this.roster.userOf(friendId));
    this.#read(friendId, true);
  }

  /** A friend is watched from now on, of whom nothing is shown until the relation is read. */
  watched(friendId: string): void {
    if (this.#isLoading && !this.#isRefreshing(friendId)) this.#read(friendId, false);
  }

  /** The card of a friend who may be shown now, null for anybody else. */
  visibleCard(user: TrackedUser): UserCard | null {
    if (this.#isRefreshing(user.userId)) return null;
    return this.roster.visibleCard(user);
  }

  /** How exactly the viewer sees a friend now; null for not at all, and for anybody else. */
  precision(user: TrackedUser): LocationPrecision | null {
    if (this.#isRefreshing(user.userId)) return null;
    return this.roster.precision(user);
  }

  /** A friend's newest location as the viewer may see it; null for an inactive friend, and for who is not seen. */
  location(user: TrackedUser): LocationUpdate | null {
    const precision = this.precision(user);
    return precision === null ? null : this.#locationAs(user, precision);
  }

  /** Beyond this distance, in metres, the friend does not want to be seen. */
  maxRadiusMeters(user: TrackedUser): number {
    return this.roster.maxRadiusMeters(user);
  }

  /** Timed sharing that is over by now turns over, as its timer may be late. To be called before a frame is made. */
  turnOverDue(): void {
    if (this.#isComplete && this.deps.clock.now() >= this.#turnoverAtMs) this.#turnOver();
  }

  /** Calls back with the location of each active friend as the viewer sees it. */
  forEachLocation(visit: (user: TrackedUser, location: LocationUpdate) => void): void {
    this.roster.forEachSeen((user, precision) => {
      if (this.#isRefreshing(user.userId)) return;
      const location = this.#locationAs(user, precision);
      if (location !== null) visit(user, location);
    });
  }

  end(): void {
    this.startRound();
    this.#cancelTurnover?.();
  }

  #locationAs(user: TrackedUser, precision: LocationPrecision): LocationUpdate | null {
    return precision === 'EXACT' ? user.newest : this.deps.dispatcher.approximate(user.userId);
  }

  #isRefreshing(friendId: string): boolean {
    return this.#refreshing?.has(friendId) === true;
  }

  #read(friendId: string, isChange: boolean): void {
    if (this.#isComplete) void this.#refresh(friendId, isChange);
    else (this.#refreshing ??= new Map()).set(friendId, true);
  }

  /** @param isChange whether what is known of the relation does not count any more. */
  async #refresh(friendId: string, isChange: boolean): Promise<void> {
    const known = this.roster.userOf(friendId);
    const refreshing = (this.#refreshing ??= new Map<string, boolean>());
    if (refreshing.has(friendId)) {
      refreshing.set(friendId, true);
      return;
    }
    const round = this.#round;
    try {
      do {
        refreshing.set(friendId, false);
        const [friend = null] = await this.deps.friends.relations(this.viewerId, [friendId]);
        if (!this.isCurrent(round)) return;
        await this.list.setFriend(friendId, friend);
        if (!this.isCurrent(round)) return;
        this.roster.setRelation(friendId, friend);
      } while (refreshing.get(friendId) === true);
      refreshing.delete(friendId);
      this.#show(friendId, known, !isChange);
    } catch (error) {
      if (!this.isCurrent(round)) return;
      if (isChange || refreshing.get(friendId) === true) this.list.readFailed(error);
      else {
        refreshing.delete(friendId);
        this.list.relationUnknown(friendId, error);
      }
    }
  }

  /** @param known the friend as the list knows them, who may have left the roster. */
  #show(friendId: string, known: TrackedUser | null, isNew: boolean): void {
    const user = this.roster.userOf(friendId) ?? known;
    this.list.show(user, user !== null && this.location(user) !== null, isNew);
    this.#scheduleTurnover();
  }

  #scheduleTurnover(): void {
    const { clock } = this.deps;
    this.#cancelTurnover?.();
    this.#cancelTurnover = null;
    const turnoverAtMs = this.roster.nextTurnover(this.#turnedOverUntilMs);
    this.#turnoverAtMs = turnoverAtMs ?? Infinity;
    if (turnoverAtMs === null) return;
    this.#cancelTurnover = at(clock, turnoverAtMs, () => {
      this.#cancelTurnover = null;
      this.#turnOver();
    });
  }

  #turnOver(): void {
    const [fromMs, untilMs] = [this.#turnedOverUntilMs, this.deps.clock.now()];
    this.#turnedOverUntilMs = untilMs;
    for (const friendId of this.roster.turnedOver(fromMs, untilMs)) {
      if (this.#isRefreshing(friendId)) continue;
      this.list.withdraw(this.roster.userOf(friendId));
      this.#show(friendId, null, false);
    }
    this.#scheduleTurnover();
  }
}

/** The list that the relations belong to. */
export interface RelationList {
  /** Somebody is a friend, or is none. Resolves when it is known whether the friend is watched. */
  setFriend(friendId: string, friend: Friend | null): Promise<void>;
  /** The relation to a friend who is watched could not be read. Nobody who is shown is concerned. */
  relationUnknown(friendId: string, error: unknown): void;
  /**
   * Sends nothing more about a friend until `show`, not even what waits for a slow reader; null for an
   * unknown one.
   */
  withdraw(user: TrackedUser | null): void;
  /**
   * Puts a friend on the list or takes the friend off it, and sends what `withdraw` held back.
   * @param isNew the friend is watched from now on.
   */
  show(user: TrackedUser | null, isVisible: boolean, isNew: boolean): void;
  /** A relation could not be read: the whole round has to be repeated. */
  readFailed(error: unknown): void;
}

export interface FriendRelationsDeps {
  readonly dispatcher: LocationDispatcher;
  readonly friends: Pick<FriendReader, 'relations'>;
  readonly clock: Clock;
}

/** Ids of friends, in no order. */
export interface FriendIds {
  readonly all: readonly string[];
  /** Of those whom the viewer may be shown approximately, now or at another time. */
  readonly approximate: readonly string[];
}

/** Reads who may see whom from the database. */
export interface FriendReader {
  /** The ids of all friends. */
  idsOf(viewerId: string): Promise<FriendIds>;
  friendsOf(viewerId: string): Promise<readonly Friend[]>;
  /** Friends as they are now, in the order of their ids; null for who is no friend. */
  relations(viewerId: string, friendIds: readonly string[]): Promise<readonly (Friend | null)[]>;
}
