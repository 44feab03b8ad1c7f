/**
 * Nearby friends, as a list read once and as a subscription. Both come out of the same gate, filled with the
 * same friends and the same newest locations, so they agree by construction.
 */
import type { Friend } from '../domain/friendship.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { type NearbyFrame, type NearbyFriend, ProximityGate } from '../domain/proximity-gate.js';
import { parseLeaveMargin, parseRadius, type Radii } from '../domain/radius.js';
import { type LocationPrecision, precisionAt } from '../domain/sharing.js';
import type { Viewer } from '../domain/user.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';
import { createBoundedQueue } from './bounded-queue.js';
import type { FrameSink } from './frame-sink.js';
import { NearbySession, type NearbySessionDeps } from './nearby-session.js';
import type { SubscriptionQuota } from './subscription-quota.js';
import type { Interruption } from './user-topics.js';
import type { ViewerLifetimes } from './viewer-lifetime.js';

export function createNearbyFriends(deps: NearbyFriendsDeps) {
  const { dispatcher, clock } = deps;
  const sessions = new Map<NearbySession, Client>();
  const byViewer = new Map<string, readonly NearbySession[]>();
  const sessionsOf = (viewerId: string): readonly NearbySession[] => byViewer.get(viewerId) ?? [];
  const sessionDeps: NearbySessionDeps = {
    ...deps,
    joinLimit: createPerTurnLimit(SESSIONS_PER_TURN, clock),
    leaveLimit: createPerTurnLimit(SESSIONS_PER_TURN, clock),
    onEnd(session) {
      sessions.delete(session);
      const others = sessionsOf(session.viewerId).filter((other) => other !== session);
      if (others.length > 0) byViewer.set(session.viewerId, others);
      else byViewer.delete(session.viewerId);
      deps.subscriptions.close(session.viewerId);
    },
  };
  const resumeLimit = createPerTurnLimit(RESUMED_PER_TURN, clock);
  /** Reads that this turn of the event loop has begun, by viewer. */
  const reads = new Map<string, Promise<FriendsAndLocations>>();

  async function read(viewerId: string): Promise<FriendsAndLocations> {
    const all = await deps.friends.friendsOf(viewerId);
    const now = clock.now();
    const seen = (precision: LocationPrecision): Friend[] =>
      all.filter(({ sharing, exception }) => precisionAt(sharing, exception, now) === precision);
    const [exact, approximate] = [seen('EXACT'), seen('APPROXIMATE')];
    const [newest, places] = await Promise.all([
      dispatcher.read([viewerId, ...exact.map(({ card }) => card.id)]),
      dispatcher.readApproximate(approximate.map(({ card }) => card.id)),
    ]);
    return { friends: [...exact, ...approximate], newest: new Map([...newest, ...places]) };
  }

  /** Lists that are asked for in one turn, as by the aliases of one query, share one read. */
  function readOnce(viewerId: string): Promise<FriendsAndLocations> {
    const begun = reads.get(viewerId);
    if (begun !== undefined) return begun;
    const reading = read(viewerId);
    reads.set(viewerId, reading);
    clock.soon(() => reads.delete(viewerId));
    return reading;
  }

  function radiiOf({ radiusMeters, leaveMarginMeters = 0 }: ListRadius): Radii {
    const enterMeters = parseRadius(radiusMeters ?? deps.defaultRadiusMeters);
    const leaveMeters = enterMeters + parseLeaveMargin(leaveMarginMeters);
    return {
      enterMeters: Math.min(enterMeters, deps.maxRadiusMeters),
      leaveMeters: Math.min(leaveMeters, deps.maxRadiusMeters),
    };
  }

  function open(
    viewer: Pick<Viewer, 'userId'>,
    radii: Radii,
    sink: FrameSink,
    client: Client,
  ): NearbySubscription {
    deps.subscriptions.open(viewer.userId);
    const session = new NearbySession(viewer.userId, radii, sessionDeps, sink);
    sessions.set(session, client);
    byViewer.set(viewer.userId, [...sessionsOf(viewer.userId), session]);
    return session;
  }

  return {
    /**
     * The list at this moment, nearest first.
     * @throws DomainError 'invalid' for a radius out of range, 'unavailable' while locations can't be read.
     */
    async list(viewer: Viewer, radiusMeters?: number | null): Promise<NearbyFriend[]> {
      const radii = radiiOf({ radiusMeters });
      const { friends, newest } = await readOnce(viewer.userId);
      const visible = new Map(friends.map((friend) => [friend.card.id, friend]));
      const gate = new ProximityGate<string>(radii, {
        visibleCard: (friendId) => visible.get(friendId)?.card ?? null,
        maxRadiusMeters: (friendId) => visible.get(friendId)?.sharing.maxRadiusMeters ?? Infinity,
        newest: (friendId) => newest.get(friendId) ?? null,
      });
      gate.setOrigin(newest.get(viewer.userId) ?? null);
      for (const userId of newest.keys()) if (visible.has(userId)) gate.place(userId);
      return [...(gate.takeFrame()?.nearby ?? [])];
    },

    /**
     * The list and then its changes, until returned, or until the viewer's session or token ends.
     * @throws DomainError 'invalid' for a radius or margin out of range, 'rate-limited' when the viewer has too many.
     */
    subscribe(
      viewer: Viewer,
      radius: ListRadius,
      client: Client,
    ): AsyncIterableIterator<NearbyFrame, undefined> {
      const radii = radiiOf(radius);
      const frames = createBoundedQueue<NearbyFrame>({
        limit: deps.frameIntervalMs > 0 ? 0 : HELD_FRAMES_WITHOUT_INTERVAL,
        onReady: () => {
          subscription.resume();
        },
        onEnd: () => {
          subscription.end();
          stopWaiting();
        },
      });
      const subscription = open(viewer, radii, frames, client);
      const stopWaiting = deps.viewerLifetimes.onEnd(viewer, () => {
        frames.end();
      });
      return frames;
    },

    /**
     * Sends the list and then its changes to a sink until ended. The caller ends it with the viewer's session
     * or token.
     * @throws DomainError as `subscribe` does.
     */
    subscribeSink: (
      viewer: Pick<Viewer, 'userId'>,
      radius: ListRadius,
      sink: FrameSink,
      client: Client,
    ): NearbySubscription => open(viewer, radiiOf(radius), sink, client),

    /**
     * Makes the lists anew whose viewers may have missed messages. Until that works they stay as they are. The others
     * read where the friends are of whom something may be lost.
     */
    resync({ users, concerns, restored }: Interruption): void {
      for (const session of sessions.keys()) if (users.has(session.viewerId)) session.resync();
      void restored.then(() => {
        for (const session of sessions.keys()) {
          resumeLimit(() => {
            session.reread(concerns);
          });
        }
      });
    },

    /** Makes all lists anew. */
    resyncAll(): void {
      for (const session of sessions.keys()) session.resync();
    },

    /** The friends of a user who are there, as a list on this server knows them; null where none is complete. */
    async friendsThere(userId: string): Promise<readonly string[] | null> {
      for (const session of sessionsOf(userId)) {
        const friendIds = await session.friendsThere();
        if (friendIds !== null) return friendIds;
      }
      return null;
    },

    /** Sends what waits because a lease had run out. */
    resume(): void {
      for (const session of sessions.keys()) {
        resumeLimit(() => {
          session.resume();
        });
      }
    },

    /** Ends all subscriptions, as when the server closes. */
    close(): void {
      for (const session of [...sessions.keys()]) session.sink.end();
    },

    /** How many subscriptions are open. */
    get size() {
      return sessions.size;
    },

    /** How many of them have lost their client, and should have ended with it. */
    get orphans() {
      let count = 0;
      for (const client of sessions.values()) if (!client.isOpen) count += 1;
      return count;
    },
  };
}

export type NearbyFriends = ReturnType<typeof createNearbyFriends>;

interface NearbyFriendsDeps extends Omit<NearbySessionDeps, 'onEnd' | 'joinLimit' | 'leaveLimit'> {
  readonly viewerLifetimes: ViewerLifetimes;
  /** Radius of a list whose client names none, metres. */
  readonly defaultRadiusMeters: number;
  /** Nobody sees a friend who is farther away, metres. */
  readonly maxRadiusMeters: number;
  /** The live subscriptions of each user. */
  readonly subscriptions: SubscriptionQuota;
}

/** How large a list is, as a client says. */
export interface ListRadius {
  /** Metres; the server's default when there is none. */
  readonly radiusMeters?: number | null | undefined;
  /** Who is on the list leaves it only beyond radius and margin together, metres. Default: 0. */
  readonly leaveMarginMeters?: number | undefined;
}

/** Who subscribes. */
export interface Client {
  /** Whether the connection over which it is sent what it subscribes to is open. */
  readonly isOpen: boolean;
}

interface FriendsAndLocations {
  /** Those whom the viewer sees. */
  readonly friends: readonly Friend[];
  /** Of them as the viewer sees them, and of the viewer. */
  readonly newest: ReadonlyMap<string, LocationUpdate>;
}

/** A subscription whose frames go to a sink. */
export interface NearbySubscription {
  /** The sink is ready again. */
  resume(): void;
  end(): void;
}

/** Subscribing to some hundred friends takes a few milliseconds. */
const SESSIONS_PER_TURN = 1;

/** A frame takes some ten microseconds. */
const RESUMED_PER_TURN = 100;

/** Without a frame interval each change is a message of its own, so a reader may be a few behind. */
const HELD_FRAMES_WITHOUT_INTERVAL = 64;
