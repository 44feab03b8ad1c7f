/**
 * One nearbyFriends subscription: puts the list together and paces its frames, at most one every frame
 * interval. Whom it watches is decided in friend-whereabouts.ts. It subscribes first, reads second and
 * applies what arrived meanwhile, so that no change falls between snapshot and stream. While it may have
 * missed something it sends nothing, and then a snapshot. While notifications are not proven to arrive in
 * time its frames wait.
 */
import { type Friend, mayBeApproximate } from '../domain/friendship.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { Notification } from '../domain/notification.js';
import { type FriendView, ProximityGate } from '../domain/proximity-gate.js';
import type { Radii } from '../domain/radius.js';
import type { UserCard } from '../domain/user.js';
import { nextTurn } from '../time/next-turn.js';
import type { PerTurnLimit } from '../time/per-turn-limit.js';
import type { FrameMeter, FrameSink } from './frame-sink.js';
import {
  type FriendReader,
  FriendRelations,
  type FriendRelationsDeps,
  type RelationList,
} from './friend-relations.js';
import { FriendRoster } from './friend-roster.js';
import { FriendWhereabouts, type FriendWhereaboutsDeps, type WatchingList } from './friend-whereabouts.js';
import type { Notifications } from './notifications.js';
import type { TickListener, TickScheduler } from './tick-scheduler.js';
import type { DeliveryLease, NotificationSubscriber, TrackedUser } from './user-topics.js';

/** A class, since a server has one for each subscription (docs/decisions/045). */
export class NearbySession
  implements RelationList, WatchingList, NotificationSubscriber, FriendView<TrackedUser>, TickListener
{
  readonly #whereabouts: FriendWhereabouts;
  readonly #relations: FriendRelations;
  readonly #gate: ProximityGate<TrackedUser>;
  #ended = false;
  #lastFrameAtMs = -Infinity;
  /** For when a tick is scheduled that sends a frame; null when none is. */
  #frameDueAtMs: number | null = null;
  /** When a server received the first update that waits for a frame; 0 when none waits. */
  #waitsSinceMs = 0;
  #cancelRetry: (() => void) | null = null;
  /** When the list was complete, on the monotonic clock. */
  #completeAtMs = 0;
  /** Settles when the list is complete or could not be. */
  #begun: Promise<void>;

  constructor(
    readonly viewerId: string,
    radii: Radii,
    readonly deps: NearbySessionDeps,
    readonly sink: FrameSink,
  ) {
    const roster = new FriendRoster(deps.clock);
    this.#whereabouts = new FriendWhereabouts(viewerId, radii.leaveMeters, roster, deps, this);
    this.#relations = new FriendRelations(viewerId, roster, deps, this);
    this.#gate = new ProximityGate(radii, this);
    this.#begun = this.#begin();
  }

  /** Reads friends and locations and makes the list anew. A later call makes an earlier one stop. */
  resync(): void {
    this.#begun = this.#begin();
  }

  async #begin(): Promise<void> {
    if (this.#ended) return;
    const { deps, viewerId } = this;
    const [relations, whereabouts] = [this.#relations, this.#whereabouts];
    const round = this.#pause();
    const isCurrent = (): boolean => relations.isCurrent(round);
    try {
      const channels = [deps.notifications, deps.announcements];
      await Promise.all(channels.map((channel) => channel.subscribe(viewerId, this)));
      if (!isCurrent()) return;
      relations.forgetNotifications();
      const friendIds = await deps.friends.idsOf(viewerId);
      await new Promise<void>(deps.joinLimit);
      const isLong = friendIds.all.length > LONG_LIST;
      if (isLong) await nextTurn(deps.clock);
      if (!isCurrent()) return;
      await whereabouts.begin(friendIds, isCurrent);
      if (!isCurrent()) return;
      await relations.load();
      if (isLong) await nextTurn(deps.clock);
      if (!isCurrent()) return;
      this.#gate.beginAnew();
      this.#moveOrigin(deps.dispatcher.newest(viewerId));
      relations.complete();
      this.#completeAtMs = deps.clock.monotonic();
      if (whereabouts.viewerCame) this.resync();
      else this.resume();
    } catch (error) {
      if (isCurrent()) this.readFailed(error);
    }
  }

  /** The friends who are there, once the list is complete; null when it could not be. */
  async friendsThere(): Promise<readonly string[] | null> {
    let begun: Promise<void>;
    do await (begun = this.#begun);
    while (begun !== this.#begun);
    return this.#relations.isComplete ? this.#whereabouts.idsThere() : null;
  }

  /** Reads again where the friends are of whom a message may be lost, or a location. */
  reread(concerns: (userId: string) => boolean): void {
    void this.#whereabouts.reread(concerns);
  }

  /** Sends the changes there are, now or when the frame interval is over, if the sink is ready then. */
  resume(): void {
    if (!this.#gate.hasChanges()) this.#waitsSinceMs = 0;
    else if (this.#relations.isComplete && this.#frameDueAtMs === null) this.#scheduleFrame();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#pause();
    if (this.#frameDueAtMs !== null) this.deps.ticks.cancel(this.#frameDueAtMs, this);
    this.deps.notifications.unsubscribe(this.viewerId, this);
    this.deps.announcements.unsubscribe(this.viewerId, this);
    this.#whereabouts.end();
    this.#relations.end();
    this.deps.onEnd(this);
  }

  onLocation(user: TrackedUser, update: LocationUpdate): void {
    if (!this.#relations.isComplete) return;
    if (user === this.#whereabouts.viewer) {
      // Nobody is watched for a viewer who is nowhere. And an announcement may be lost without anybody
      // noticing.
      const isOld = this.deps.clock.monotonic() - this.#completeAtMs > ANEW_MS;
      if (!this.#gate.hasOrigin || isOld) return this.resync();
      this.#moveOrigin(update);
      // A friend who is not seen exactly is placed at full minutes.
    } else if (this.newest(user) !== update || !this.#gate.place(user, update)) return;
    if (this.#waitsSinceMs === 0) this.#waitsSinceMs = update.receivedAtMs;
    this.resume();
  }

  onWhereabouts(user: TrackedUser): void {
    if (!this.#relations.isComplete) return;
    if (user !== this.#whereabouts.viewer) this.#whereabouts.evaluate(user.userId);
    // Friends who came while the viewer was not there did not tell.
    else if (this.#whereabouts.viewerCame) this.resync();
  }

  onApproximate(user: TrackedUser): void {
    if (!this.#relations.isComplete || this.#relations.precision(user) !== 'APPROXIMATE') return;
    if (user.approximate === null) this.#gate.takeOff(user);
    else if (!this.#gate.place(user)) return;
    this.resume();
  }

  onInactive(user: TrackedUser): void {
    if (!this.#relations.isComplete) return;
    if (user === this.#whereabouts.viewer) this.#moveOrigin(null);
    else {
      this.#gate.takeOff(user);
      // By another clock the friend may be there still.
      void this.#whereabouts.readAgain([user.userId]);
    }
    this.resume();
  }

  onNotification(notification: Notification): void {
    if (notification.kind === 'relation') this.#relations.changed(notification.friendId);
    if (notification.kind === 'whereabouts')
      this.#whereabouts.hear(notification.friendId, notification.record);
  }

  onWatched(user: TrackedUser): void {
    this.#relations.watched(user.userId);
  }

  shows(user: TrackedUser): boolean {
    return this.#gate.isNear(user);
  }

  async setFriend(friendId: string, friend: Friend | null): Promise<void> {
    if (friend !== null) await this.#whereabouts.add(friendId, mayBeApproximate(friend));
    else this.#whereabouts.remove(friendId);
  }

  /** Sends the next frame. */
  onTick(): void {
    this.#relations.turnOverDue();
    this.#frameDueAtMs = null;
    if (!this.#relations.isComplete || !this.sink.ready) return;
    if (!this.deps.lease.isHeld(this.viewerId)) return;
    const waitsSinceMs = this.#waitsSinceMs;
    this.#waitsSinceMs = 0;
    const frame = this.#gate.takeFrame();
    if (frame === null) return;
    this.#lastFrameAtMs = this.deps.clock.monotonic();
    this.sink.send(frame);
    const lagMs = waitsSinceMs === 0 ? null : this.deps.clock.now() - waitsSinceMs;
    this.deps.meter.sent(frame, this.#gate.takeCoalesced(), lagMs);
  }

  visibleCard(user: TrackedUser): UserCard | null {
    return this.#relations.visibleCard(user);
  }

  maxRadiusMeters(user: TrackedUser): number {
    return this.#relations.maxRadiusMeters(user);
  }

  newest(user: TrackedUser): LocationUpdate | null {
    return this.#relations.location(user);
  }

  withdraw(user: TrackedUser | null): void {
    if (user !== null) this.#gate.suspend(user);
    if (this.sink.discard()) this.#gate.startOver();
  }

  show(user: TrackedUser | null, isVisible: boolean, isNew: boolean): void {
    if (user !== null && isVisible) {
      // The friend came near by the later of the two updates.
      const cameAtMs = Math.max(
        user.newest?.receivedAtMs ?? 0,
        this.#whereabouts.viewer?.newest?.receivedAtMs ?? 0,
      );
      if (this.#gate.place(user) && isNew && this.#waitsSinceMs === 0) this.#waitsSinceMs = cameAtMs;
    } else if (user !== null) this.#gate.takeOff(user);
    this.resume();
  }

  readFailed(error: unknown): void {
    this.deps.onReadFailed(error);
    this.#pause();
    this.#cancelRetry = this.deps.clock.after(RETRY_MS, () => {
      this.resync();
    });
  }

  relationUnknown(friendId: string, error: unknown): void {
    this.deps.onReadFailed(error);
    this.#whereabouts.unwatch(friendId);
    this.#cancelRetry ??= this.deps.clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#whereabouts.evaluateAll();
    });
  }

  /** Sends nothing until the next resync. @returns the round of relations that starts. */
  #pause(): number {
    this.#waitsSinceMs = 0;
    this.sink.discard();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#whereabouts.pause();
    return this.#relations.startRound();
  }

  #scheduleFrame(): void {
    const { clock, frameIntervalMs, ticks } = this.deps;
    const dueAtMs = this.#lastFrameAtMs + frameIntervalMs;
    if (frameIntervalMs > 0 && dueAtMs > clock.monotonic()) {
      this.#frameDueAtMs = dueAtMs;
      ticks.schedule(dueAtMs, this);
    } else if (this.#gate.changes > LONG_LIST) {
      this.#frameDueAtMs = dueAtMs;
      void nextTurn(clock).then(() => {
        this.onTick();
      });
    } else this.onTick();
  }

  /** The viewer's own movement changes the distance to everybody, and whose whereabouts may be near. */
  #moveOrigin(origin: LocationUpdate | null): void {
    this.#gate.setOrigin(origin);
    if (origin !== null) {
      this.#relations.forEachLocation((user, location) => {
        this.#gate.place(user, location);
      });
    }
    this.#whereabouts.viewerMoved();
  }
}

export interface NearbySessionDeps extends FriendRelationsDeps, FriendWhereaboutsDeps {
  readonly friends: FriendReader;
  readonly notifications: Notifications;
  /** Those of the user's inbox: where friends are. */
  readonly announcements: Notifications;
  /** When it is renewed, sessions are to be resumed. */
  readonly lease: Pick<DeliveryLease, 'isHeld'>;
  /** Shortest time between two frames in milliseconds; 0 sends a frame for every change. */
  readonly frameIntervalMs: number;
  /** The ticks in which frames leave that wait for the interval. */
  readonly ticks: TickScheduler;
  /**
   * Limits how many sessions start in one turn of the event loop: each reads where some hundred friends are.
   */
  readonly joinLimit: PerTurnLimit;
  readonly meter: FrameMeter;
  /** Called for a failed read, which is repeated until it works or the session ends. */
  onReadFailed(error: unknown): void;
  onEnd(session: NearbySession): void;
}

const RETRY_MS = 1_000;

/** After so long a list begins anew, when its viewer moves. */
const ANEW_MS = 1_800_000;

/** Subscribing to so many friends, reading and measuring them, and writing their entries has a turn each. */
const LONG_LIST = 1_000;
