/**
 * One nearbyFriends subscription: watches the subscriber's inbox, own location and friends, feeds the gate, and sends
 * frames at most every frame interval. It subscribes first, reads second and applies what came meanwhile, so that no
 * change falls between snapshot and stream. While it may have missed something it says nothing; then a snapshot. A
 * class, since there is one for each subscription of a server.
 */
import type { Friend } from '../domain/friendship.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { Notice } from '../domain/notice.js';
import { type FriendView, ProximityGate } from '../domain/proximity-gate.js';
import type { UserCard } from '../domain/user.js';
import type { Clock } from './clock.js';
import type { FrameMeter, FrameSink } from './frame-sink.js';
import { FriendRoster } from './friend-roster.js';
import type { Inbox } from './inbox.js';
import type { LocationFeed } from './location-feed.js';
import type { Ticked, Ticks } from './ticks.js';
import type { Turnstile } from './turnstile.js';
import type { LocationWatcher, NoticeWatcher, WatchedUser } from './user-topics.js';

/** The truth about who may see whom. */
export interface FriendReader {
  friendsOf(viewerId: string): Promise<readonly Friend[]>;
  /** The friend as it is now, null when the two are not friends. */
  friend(viewerId: string, friendId: string): Promise<Friend | null>;
}

export interface NearbySessionDeps {
  readonly feed: LocationFeed;
  readonly inbox: Inbox;
  readonly friends: FriendReader;
  readonly frameIntervalMs: number;
  /** In which frames leave that wait for the interval. */
  readonly frameTicks: Ticks;
  /** Through which sessions come: each begins to watch some hundred friends. */
  readonly entrance: Turnstile;
  /** Through which they go. */
  readonly exit: Turnstile;
  readonly clock: Clock;
  readonly meter: FrameMeter;
  /** Told of a failed read, which is tried again until it succeeds or the session ends. */
  onReadFailed(error: unknown): void;
  onEnd(session: NearbySession): void;
}

const RETRY_MS = 1_000;

export class NearbySession implements LocationWatcher, NoticeWatcher, FriendView<WatchedUser>, Ticked {
  #gate: ProximityGate<WatchedUser>;
  readonly #roster = new FriendRoster();
  /** The viewer, as the server knows them while the list is whole. */
  #self: WatchedUser | null = null;
  /** Friends who are hidden while their relation is read again; true when it changed once more meanwhile. */
  #refreshing: Map<string, boolean> | null = null;
  /** Whether the list is whole: nothing is sent otherwise. */
  #synced = false;
  /** Counts synchronizations; what an overtaken one read is thrown away. */
  #round = 0;
  #ended = false;
  #lastFrameAtMs = -Infinity;
  /** From when on a tick will call for a frame, null when none will. */
  #frameDueAtMs: number | null = null;
  /** When a server received the first of the updates that wait for a frame; 0 when none does. */
  #waitsSinceMs = 0;
  #cancelTurnover: (() => void) | null = null;
  /** Up to when timed sharing has been turned over. */
  #turnedOverUntilMs = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(
    readonly viewerId: string,
    readonly radiusMeters: number,
    readonly deps: NearbySessionDeps,
    readonly sink: FrameSink,
  ) {
    this.#gate = new ProximityGate(this.radiusMeters, this);
    void this.resync();
  }

  /** Says nothing until the next resync: messages may be missing. */
  pause(): void {
    this.#synced = false;
    this.#waitsSinceMs = 0;
    this.sink.discard();
    this.#round++;
    this.#refreshing = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** Reads friends and locations and puts up the list anew. A later call overtakes an earlier one. */
  async resync(): Promise<void> {
    if (this.#ended) return;
    const { deps, viewerId } = this;
    this.pause();
    const round = this.#round;
    try {
      await deps.inbox.watch(viewerId, this);
      if (this.#overtaken(round)) return;
      // Relations of which a notice comes from now on may be read too early below.
      this.#refreshing = null;
      const friends = await deps.friends.friendsOf(viewerId);
      await new Promise<void>(deps.entrance);
      if (this.#overtaken(round)) return;
      await this.#watchOnly(friends);
      if (this.#overtaken(round)) return;
      this.#gate = new ProximityGate(this.radiusMeters, this);
      this.#synced = true;
      this.#turnedOverUntilMs = deps.clock.now();
      this.#moveOrigin(deps.feed.newest(viewerId));
      for (const friendId of this.#startRefreshing()) void this.#refresh(friendId);
      this.#armTurnover();
      this.resume();
    } catch (error) {
      if (!this.#overtaken(round)) this.#retry(error);
    }
  }

  /** Sends what there is to tell, now or when the frame interval is over, if the sink is ready then. */
  resume(): void {
    if (!this.#gate.hasChanges()) this.#waitsSinceMs = 0;
    else if (this.#synced && this.#frameDueAtMs === null) this.#schedule();
  }

  #schedule(): void {
    const { clock, frameIntervalMs, frameTicks } = this.deps;
    const dueAtMs = this.#lastFrameAtMs + frameIntervalMs;
    if (frameIntervalMs > 0 && dueAtMs > clock.now()) {
      this.#frameDueAtMs = dueAtMs;
      frameTicks.at(dueAtMs, this);
    } else this.onTick();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.pause();
    if (this.#frameDueAtMs !== null) this.deps.frameTicks.cancel(this.#frameDueAtMs, this);
    this.#cancelTurnover?.();
    this.deps.inbox.unwatch(this.viewerId, this);
    const watched = [this.viewerId, ...this.#roster.ids()];
    this.#roster.replace([], []);
    this.deps.exit(() => {
      this.deps.feed.unwatch(watched, this);
    });
    this.deps.onEnd(this);
  }

  onLocation(user: WatchedUser, update: LocationUpdate): void {
    if (!this.#synced) return;
    if (user === this.#self) this.#moveOrigin(update);
    else if (!this.#gate.moved(user, user)) return;
    if (this.#waitsSinceMs === 0) this.#waitsSinceMs = update.receivedAtMs;
    this.resume();
  }

  onInactive(user: WatchedUser): void {
    if (!this.#synced) return;
    if (user === this.#self) this.#moveOrigin(null);
    else this.#gate.takeOff(user);
    this.resume();
  }

  onNotice(notice: Notice): void {
    if (notice.kind !== 'relation') return;
    if (this.#synced) void this.#refresh(notice.friendId);
    else (this.#refreshing ??= new Map()).set(notice.friendId, true);
  }

  /** Sends the next frame. */
  onTick(): void {
    this.#frameDueAtMs = null;
    if (!this.#synced || !this.sink.ready) return;
    const waitsSinceMs = this.#waitsSinceMs;
    this.#waitsSinceMs = 0;
    const frame = this.#gate.takeFrame();
    if (frame === null) return;
    this.#lastFrameAtMs = this.deps.clock.now();
    this.sink.send(frame);
    const lagMs = waitsSinceMs === 0 ? null : this.#lastFrameAtMs - waitsSinceMs;
    this.deps.meter.sent(frame, this.#gate.takeOvertaken(), lagMs);
  }

  visibleCard(user: WatchedUser): UserCard | null {
    if (this.#refreshing?.has(user.userId) === true) return null;
    return this.#roster.visibleCard(user, this.deps.clock.now());
  }

  newest(user: WatchedUser): LocationUpdate | null {
    return user.newest;
  }

  /** My own movement changes the distance to everybody. */
  #moveOrigin(origin: LocationUpdate | null): void {
    this.#gate.setOrigin(origin);
    if (origin === null) return;
    this.#roster.forEachActive((user) => {
      this.#gate.moved(user, user);
    });
  }

  #overtaken(round: number): boolean {
    return this.#ended || round !== this.#round;
  }

  #retry(error: unknown): void {
    this.deps.onReadFailed(error);
    this.pause();
    this.#cancelRetry = this.deps.clock.after(RETRY_MS, () => void this.resync());
  }

  /** Resolves when what is known of the viewer and the friends is right. */
  async #watchOnly(friends: readonly Friend[]): Promise<void> {
    const { feed } = this.deps;
    const before = this.#roster.ids();
    const watched = feed.watch([this.viewerId, ...friends.map(({ card }) => card.id)], this);
    const [self = null, ...users] = watched;
    this.#self = self;
    this.#roster.replace(friends, users);
    const kept = new Set(before.length > 0 ? this.#roster.ids() : []);
    feed.unwatch(
      before.filter((userId) => !kept.has(userId)),
      this,
    );
    await feed.known(watched);
  }

  /** The friends of whom a notice came while the list was read: they stay off it until they are read again. */
  #startRefreshing(): string[] {
    const friendIds = [...(this.#refreshing?.keys() ?? [])];
    this.#refreshing = null;
    return friendIds;
  }

  /** Says nothing more about a friend until shown again, not even what waits for a slow reader. */
  #withdraw(friendId: string): void {
    const user = this.#roster.userOf(friendId);
    if (user !== null) this.#gate.suspend(user);
    if (this.sink.discard()) this.#gate.startOver();
  }

  /** Reads one relation again. From the notice to the answer nothing is sent about the friend. */
  async #refresh(friendId: string): Promise<void> {
    this.#withdraw(friendId);
    const refreshing = (this.#refreshing ??= new Map<string, boolean>());
    if (refreshing.has(friendId)) {
      refreshing.set(friendId, true);
      return;
    }
    const round = this.#round;
    const known = this.#roster.userOf(friendId);
    try {
      do {
        refreshing.set(friendId, false);
        const friend = await this.deps.friends.friend(this.viewerId, friendId);
        if (this.#overtaken(round)) return;
        if (friend === null) this.#dismiss(friendId);
        else await this.#welcome(friend);
        if (this.#overtaken(round)) return;
      } while (refreshing.get(friendId) === true);
      refreshing.delete(friendId);
      this.#show(friendId, known);
    } catch (error) {
      if (!this.#overtaken(round)) this.#retry(error);
    }
  }

  #dismiss(friendId: string): void {
    this.#roster.delete(friendId);
    this.deps.feed.unwatch([friendId], this);
  }

  async #welcome(friend: Friend): Promise<void> {
    const users = this.deps.feed.watch([friend.card.id], this);
    for (const user of users) this.#roster.set(friend, user);
    await this.deps.feed.known(users);
  }

  /**
   * Puts a friend on the list or takes it off, as the roster has it now.
   * @param known as whom the gate knows the friend, who may have left the roster.
   */
  #show(friendId: string, known: WatchedUser | null): void {
    const user = this.#roster.userOf(friendId) ?? known;
    const isActive = this.deps.feed.newest(friendId) !== null;
    if (user !== null && isActive && this.visibleCard(user) !== null) this.#gate.place(user);
    else if (user !== null) this.#gate.takeOff(user);
    this.#armTurnover();
    this.resume();
  }

  /** Timed sharing turns over by itself: at the earliest such instant the friends concerned are shown or taken off. */
  #armTurnover(): void {
    const { clock } = this.deps;
    this.#cancelTurnover?.();
    this.#cancelTurnover = null;
    const turnoverAtMs = this.#roster.nextTurnover(this.#turnedOverUntilMs);
    if (turnoverAtMs === null) return;
    this.#cancelTurnover = clock.after(turnoverAtMs - clock.now(), () => {
      this.#cancelTurnover = null;
      const [fromMs, untilMs] = [this.#turnedOverUntilMs, clock.now()];
      this.#turnedOverUntilMs = untilMs;
      for (const friendId of this.#roster.turnedOver(fromMs, untilMs)) {
        if (this.#refreshing?.has(friendId) === true) continue;
        this.#withdraw(friendId);
        this.#show(friendId, null);
      }
      this.#armTurnover();
    });
  }
}
