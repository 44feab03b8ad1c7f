/**
 * One nearbyFriends subscription: puts the list together and paces its frames, at most one every frame
 * interval. It subscribes first, reads second and applies what arrived meanwhile, so that no change falls
 * between snapshot and stream. While it may have missed something it sends nothing, and then a snapshot. While
 * notifications are not proven to arrive in time its frames wait.
 */
import type { LocationUpdate } from '../domain/location-update.js';
import type { Notification } from '../domain/notification.js';
import { type FriendView, ProximityGate } from '../domain/proximity-gate.js';
import type { UserCard } from '../domain/user.js';
import { nextTurn } from '../time/next-turn.js';
import type { PerTurnLimit } from '../time/per-turn-limit.js';
import type { FrameMeter, FrameSink } from './frame-sink.js';
import { FriendRelations, type FriendRelationsDeps, type RelationList } from './friend-relations.js';
import type { Notifications } from './notifications.js';
import type { TickListener, TickScheduler } from './tick-scheduler.js';
import type { DeliveryLease, NotificationSubscriber, TrackedUser } from './user-topics.js';

/** A class, since a server has one for each subscription (docs/decisions/045). */
export class NearbySession
  implements RelationList, NotificationSubscriber, FriendView<TrackedUser>, TickListener
{
  readonly #relations: FriendRelations;
  #gate: ProximityGate<TrackedUser>;
  #ended = false;
  #lastFrameAtMs = -Infinity;
  /** For when a tick is scheduled that sends a frame; null when none is. */
  #frameDueAtMs: number | null = null;
  /** When a server received the first update that waits for a frame; 0 when none waits. */
  #waitsSinceMs = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(
    readonly viewerId: string,
    readonly radiusMeters: number,
    readonly deps: NearbySessionDeps,
    readonly sink: FrameSink,
  ) {
    this.#relations = new FriendRelations(viewerId, deps, this);
    this.#gate = new ProximityGate(radiusMeters, this);
    void this.resync();
  }

  /** Reads friends and locations and makes the list anew. A later call makes an earlier one stop. */
  async resync(): Promise<void> {
    if (this.#ended) return;
    const { deps, viewerId } = this;
    const relations = this.#relations;
    const round = this.#pause();
    try {
      await deps.notifications.subscribe(viewerId, this);
      if (!relations.isCurrent(round)) return;
      relations.forgetNotifications();
      const friends = await deps.friends.friendsOf(viewerId);
      await new Promise<void>(deps.joinLimit);
      if (friends.length > LONG_LIST) await nextTurn(deps.clock);
      if (!relations.isCurrent(round)) return;
      await relations.load(friends);
      if (friends.length > LONG_LIST) await nextTurn(deps.clock);
      if (!relations.isCurrent(round)) return;
      this.#gate = new ProximityGate(this.radiusMeters, this);
      this.#moveOrigin(deps.dispatcher.newest(viewerId));
      relations.complete();
      this.resume();
    } catch (error) {
      if (relations.isCurrent(round)) this.readFailed(error);
    }
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
    this.#relations.end();
    this.deps.onEnd(this);
  }

  onLocation(user: TrackedUser, update: LocationUpdate): void {
    if (!this.#relations.isComplete) return;
    if (user === this.#relations.viewer) this.#moveOrigin(update);
    else if (!this.#gate.place(user)) return;
    if (this.#waitsSinceMs === 0) this.#waitsSinceMs = update.receivedAtMs;
    this.resume();
  }

  onInactive(user: TrackedUser): void {
    if (!this.#relations.isComplete) return;
    if (user === this.#relations.viewer) this.#moveOrigin(null);
    else this.#gate.takeOff(user);
    this.resume();
  }

  onNotification(notification: Notification): void {
    if (notification.kind === 'relation') this.#relations.changed(notification.friendId);
  }

  /** Sends the next frame. */
  onTick(): void {
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
    return user.newest;
  }

  withdraw(user: TrackedUser | null): void {
    if (user !== null) this.#gate.suspend(user);
    if (this.sink.discard()) this.#gate.startOver();
  }

  show(user: TrackedUser | null, isVisible: boolean): void {
    if (user !== null && isVisible) this.#gate.place(user);
    else if (user !== null) this.#gate.takeOff(user);
    this.resume();
  }

  readFailed(error: unknown): void {
    this.deps.onReadFailed(error);
    this.#pause();
    this.#cancelRetry = this.deps.clock.after(RETRY_MS, () => void this.resync());
  }

  /** Sends nothing until the next resync. @returns the round of relations that starts. */
  #pause(): number {
    this.#waitsSinceMs = 0;
    this.sink.discard();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
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

  /** The viewer's own movement changes the distance to everybody. */
  #moveOrigin(origin: LocationUpdate | null): void {
    this.#gate.setOrigin(origin);
    if (origin === null) return;
    this.#relations.forEachActive((user) => {
      this.#gate.place(user);
    });
  }
}

export interface NearbySessionDeps extends FriendRelationsDeps {
  readonly notifications: Notifications;
  /** When it is renewed, sessions are to be resumed. */
  readonly lease: Pick<DeliveryLease, 'isHeld'>;
  /** Shortest time between two frames in milliseconds; 0 sends a frame for every change. */
  readonly frameIntervalMs: number;
  /** The ticks in which frames leave that wait for the interval. */
  readonly ticks: TickScheduler;
  /**
   * Limits how many sessions start in one turn of the event loop: each subscribes to some hundred friends.
   */
  readonly joinLimit: PerTurnLimit;
  readonly meter: FrameMeter;
  /** Called for a failed read, which is repeated until it works or the session ends. */
  onReadFailed(error: unknown): void;
  onEnd(session: NearbySession): void;
}

const RETRY_MS = 1_000;

/** Subscribing to so many friends, reading and measuring them, and writing their entries has a turn each. */
const LONG_LIST = 1_000;
