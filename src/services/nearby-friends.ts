/**
 * Nearby friends asked once and followed live. Both answers come off the same gate, filled from the same friends and
 * the same newest locations, so that they agree by construction.
 */
import { type NearbyFrame, type NearbyFriend, ProximityGate } from '../domain/proximity-gate.js';
import { parseRadius } from '../domain/radius.js';
import { sharingAt } from '../domain/sharing.js';
import type { Viewer } from '../domain/user.js';
import type { FrameSink } from './frame-sink.js';
import { createMailbox } from './mailbox.js';
import { NearbySession, type NearbySessionDeps } from './nearby-session.js';
import { createTurnstile } from './turnstile.js';
import { onViewerEnd } from './viewer-lifetime.js';

interface NearbyFriendsDeps extends Omit<NearbySessionDeps, 'onEnd' | 'entrance' | 'exit'> {
  readonly defaultRadiusMeters: number;
}

/** Some hundred friends take a few milliseconds; and a turn of the event loop lets one socket in. */
const SESSIONS_PER_TURN = 1;

/** Without an interval each change has its own message, so a reader may be a few behind; with one, the newest state is all. */
const HELD_FRAMES_WITHOUT_INTERVAL = 64;

/** A subscription whose frames go to a sink. */
export interface NearbySubscription {
  /** The sink is ready again. */
  resume(): void;
  end(): void;
}

export type NearbyFriends = ReturnType<typeof createNearbyFriends>;

export function createNearbyFriends(deps: NearbyFriendsDeps) {
  const { feed, inbox, clock } = deps;
  const sessions = new Set<NearbySession>();
  const sessionDeps: NearbySessionDeps = {
    ...deps,
    entrance: createTurnstile(SESSIONS_PER_TURN),
    exit: createTurnstile(SESSIONS_PER_TURN),
    onEnd: (session) => sessions.delete(session),
  };
  const radiusOf = (radiusMeters: number | null | undefined): number =>
    parseRadius(radiusMeters ?? deps.defaultRadiusMeters);

  function open(viewer: Viewer, radiusMeters: number, sink: FrameSink): NearbySubscription {
    const session = new NearbySession(viewer.userId, radiusMeters, sessionDeps, sink);
    sessions.add(session);
    return session;
  }

  return {
    /**
     * The list at this moment, nearest first.
     * @throws DomainError 'invalid' for a radius out of range.
     */
    async list(viewer: Viewer, radiusMeters?: number | null): Promise<NearbyFriend[]> {
      const radius = radiusOf(radiusMeters);
      const friends = await deps.friends.friendsOf(viewer.userId);
      const newest = await feed.peek([viewer.userId, ...friends.map(({ card }) => card.id)]);
      const now = clock.now();
      const visible = new Map(
        friends.filter(({ sharing }) => sharingAt(sharing, now).enabled).map(({ card }) => [card.id, card]),
      );
      const gate = new ProximityGate<string>(radius, {
        visibleCard: (friendId) => visible.get(friendId) ?? null,
        newest: (friendId) => newest.get(friendId) ?? null,
      });
      gate.setOrigin(newest.get(viewer.userId) ?? null);
      for (const userId of newest.keys()) if (visible.has(userId)) gate.place(userId);
      return [...(gate.takeFrame()?.nearby ?? [])];
    },

    /**
     * Sends the list and then its changes to a sink until ended. For callers who end it with the viewer's token.
     * @throws DomainError 'invalid' for a radius out of range.
     */
    push: (viewer: Viewer, radiusMeters: number | null | undefined, sink: FrameSink): NearbySubscription =>
      open(viewer, radiusOf(radiusMeters), sink),

    /**
     * The list and then its changes, until returned, or until the viewer's session or token ends.
     * @throws DomainError 'invalid' for a radius out of range.
     */
    follow(viewer: Viewer, radiusMeters?: number | null): AsyncIterableIterator<NearbyFrame, undefined> {
      const radius = radiusOf(radiusMeters);
      const frames = createMailbox<NearbyFrame>({
        limit: deps.frameIntervalMs > 0 ? 0 : HELD_FRAMES_WITHOUT_INTERVAL,
        onReady: () => {
          subscription.resume();
        },
        onEnd: () => {
          subscription.end();
          stopWatching();
        },
      });
      const subscription = open(viewer, radius, frames);
      const stopWatching = onViewerEnd(viewer, inbox, clock, () => {
        frames.end();
      });
      return frames;
    },

    /** Starts lists anew whose viewers may have missed notices, and holds them as they are until that works. */
    resync(viewerIds: ReadonlySet<string>): void {
      for (const session of sessions) if (viewerIds.has(session.viewerId)) void session.resync();
    },

    /** Ends all subscriptions, as when the server closes. */
    close(): void {
      for (const session of [...sessions]) session.sink.end();
    },

    /** How many subscriptions are open. */
    get size() {
      return sessions.size;
    },
  };
}
