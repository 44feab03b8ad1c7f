/**
 * One nearbyFriends subscription: watches the subscriber's inbox, own location and friends, feeds the gate, and hands
 * out frames at most every frame interval. It subscribes first, reads second and applies what came meanwhile, so that
 * no change falls between snapshot and stream. While it may have missed something it says nothing; then a snapshot.
 */
import type { Friend } from '../domain/friendship.js';
import type { Notice } from '../domain/notice.js';
import { createProximityGate, type NearbyFrame } from '../domain/proximity-gate.js';
import { sharingAt } from '../domain/sharing.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from './clock.js';
import type { Inbox } from './inbox.js';
import type { LocationFeed, LocationWatcher } from './location-feed.js';
import { createMailbox, type Mailbox } from './mailbox.js';
import { afterExpiry, endsSession } from './viewer-lifetime.js';

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
  readonly clock: Clock;
  /** Told of a failed read, which is tried again until it succeeds or the session ends. */
  onReadFailed(error: unknown): void;
}

export interface NearbySession {
  readonly frames: Mailbox<NearbyFrame>;
  /** Says nothing until the next resync: messages may be missing. */
  pause(): void;
  /** Reads everything again and sends a new snapshot; nothing is sent before it. */
  resync(): void;
  end(): void;
}

const RETRY_MS = 1_000;
/** With an interval a frame is read off when the client asks, so none is held; without, each change has its own. */
const HELD_FRAMES_WITHOUT_INTERVAL = 64;

export function openNearbySession(
  viewer: Viewer,
  radiusMeters: number,
  deps: NearbySessionDeps,
  onEnd: () => void,
): NearbySession {
  const { feed, inbox, friends: reader, frameIntervalMs, clock } = deps;
  const viewerId = viewer.userId;
  const friends = new Map<string, Friend>();
  /** Friends whose relation changed while the friends were being read. */
  const stale = new Set<string>();
  /** Friends whose relation is being read again; true when it changed once more meanwhile. */
  const refreshing = new Map<string, boolean>();
  /** Users whose topics are watched: the viewer and the friends. */
  const watched = new Set<string>();
  let gate = createProximityGate(radiusMeters);
  let synced = false;
  let syncRound = 0;
  let ended = false;
  let lastFrameAtMs = -Infinity;
  let cancelFrame: (() => void) | null = null;
  let cancelTurnover: (() => void) | null = null;
  let cancelRetry: (() => void) | null = null;

  const watcher: LocationWatcher = {
    onLocation(userId, update) {
      if (!synced) return;
      if (userId === viewerId) gate.setOrigin(update);
      else gate.moveFriend(userId, update);
      schedule();
    },
    onInactive(userId) {
      if (!synced) return;
      if (userId === viewerId) gate.setOrigin(null);
      else gate.moveFriend(userId, null);
      schedule();
    },
  };

  const frames = createMailbox<NearbyFrame>({
    limit: frameIntervalMs > 0 ? 0 : HELD_FRAMES_WITHOUT_INTERVAL,
    take: takeFrame,
    onRoom: schedule,
    onEnd: end,
  });

  function onNotice(notice: Notice): void {
    if (notice.kind === 'relation') {
      if (synced) void refresh(notice.friendId);
      else stale.add(notice.friendId);
    } else if (endsSession(notice, viewer)) frames.end();
  }

  function schedule(): void {
    if (!synced || cancelFrame !== null || frames.full || !gate.hasChanges()) return;
    const waitMs = lastFrameAtMs + frameIntervalMs - clock.now();
    if (waitMs > 0) cancelFrame = clock.after(waitMs, sendFrame);
    else sendFrame();
  }

  function sendFrame(): void {
    cancelFrame = null;
    frames.offer();
  }

  function takeFrame(): NearbyFrame | null {
    const frame = synced ? gate.takeFrame() : null;
    if (frame !== null) lastFrameAtMs = clock.now();
    return frame;
  }

  /** Says nothing more about a friend until it is shown or hidden, not even what waits for a slow client. */
  function withdraw(friendId: string): void {
    gate.suspendFriend(friendId);
    if (frames.discard()) gate.startOver();
  }

  /** Reads friends and locations and puts up the list anew. A later call overtakes an earlier one. */
  async function sync(): Promise<void> {
    const round = pause();
    const overtaken = (): boolean => ended || round !== syncRound;
    try {
      await inbox.watch(viewerId, onNotice);
      if (overtaken()) return;
      stale.clear();
      const current = await reader.friendsOf(viewerId);
      if (overtaken()) return;
      friends.clear();
      for (const friend of current) friends.set(friend.card.id, friend);
      await watchOnly([viewerId, ...friends.keys()]);
      if (overtaken()) return;
      gate = createProximityGate(radiusMeters);
      gate.setOrigin(feed.newest(viewerId));
      for (const friend of friends.values()) show(friend);
      synced = true;
      // These stay off the snapshot until they are read again.
      for (const friendId of stale) void refresh(friendId);
      armTurnover();
      schedule();
    } catch (error) {
      if (!overtaken()) retrySync(error);
    }
  }

  function pause(): number {
    synced = false;
    frames.discard();
    refreshing.clear();
    cancelRetry?.();
    return ++syncRound;
  }

  function retrySync(error: unknown): void {
    deps.onReadFailed(error);
    pause();
    cancelRetry = clock.after(RETRY_MS, () => void sync());
  }

  async function watchOnly(userIds: readonly string[]): Promise<void> {
    const wanted = new Set(userIds);
    for (const userId of watched) if (!wanted.has(userId)) unwatch(userId);
    for (const userId of userIds) watched.add(userId);
    await feed.watch(userIds, watcher);
  }

  function unwatch(userId: string): void {
    watched.delete(userId);
    feed.unwatch([userId], watcher);
  }

  function show(friend: Friend): void {
    const { card, sharing } = friend;
    if (sharingAt(sharing, clock.now()).enabled) gate.showFriend(card, feed.newest(card.id));
    else gate.hideFriend(card.id);
  }

  /** Reads one relation again. From the notice to the answer nothing is sent about the friend. */
  async function refresh(friendId: string): Promise<void> {
    withdraw(friendId);
    if (refreshing.has(friendId)) {
      refreshing.set(friendId, true);
      return;
    }
    refreshing.set(friendId, false);
    const round = syncRound;
    const overtaken = (): boolean => ended || round !== syncRound;
    try {
      const friend = await reader.friend(viewerId, friendId);
      if (friend !== null && !overtaken()) {
        watched.add(friendId);
        await feed.watch([friendId], watcher);
      }
      if (overtaken()) return;
      const changedAgain = refreshing.get(friendId) === true;
      refreshing.delete(friendId);
      if (changedAgain) {
        void refresh(friendId);
        return;
      }
      apply(friendId, friend);
    } catch (error) {
      if (!overtaken()) retrySync(error);
    }
  }

  function apply(friendId: string, friend: Friend | null): void {
    if (friend === null) {
      friends.delete(friendId);
      if (watched.has(friendId)) unwatch(friendId);
      gate.hideFriend(friendId);
    } else {
      friends.set(friendId, friend);
      show(friend);
    }
    armTurnover();
    schedule();
  }

  /** Timed sharing turns over by itself: at the earliest such instant the friends concerned are shown or hidden. */
  function armTurnover(): void {
    cancelTurnover?.();
    cancelTurnover = null;
    let earliestMs = Infinity;
    for (const { sharing } of friends.values())
      earliestMs = Math.min(earliestMs, sharing.untilMs ?? Infinity);
    if (earliestMs === Infinity) return;
    cancelTurnover = clock.after(earliestMs - clock.now(), () => {
      const now = clock.now();
      for (const [friendId, friend] of friends) {
        if (friend.sharing.untilMs === null || friend.sharing.untilMs > now) continue;
        const turned = { ...friend, sharing: sharingAt(friend.sharing, now) };
        friends.set(friendId, turned);
        if (refreshing.has(friendId)) continue;
        withdraw(friendId);
        show(turned);
      }
      armTurnover();
      schedule();
    });
  }

  function end(): void {
    if (ended) return;
    ended = true;
    frames.discard();
    cancelFrame?.();
    cancelTurnover?.();
    cancelRetry?.();
    cancelExpiry();
    inbox.unwatch(viewerId, onNotice);
    feed.unwatch(watched, watcher);
    watched.clear();
    friends.clear();
    onEnd();
  }

  const cancelExpiry = afterExpiry(viewer, clock, () => {
    frames.end();
  });
  void sync();

  return {
    frames,
    pause,
    resync: () => void sync(),
    end: () => {
      frames.end();
    },
  };
}
