/**
 * Nearby friends asked once and followed live. Both answers come off the same gate, filled from the same friends and
 * the same newest locations, so that they agree by construction.
 */
import { createProximityGate, type NearbyFrame, type NearbyFriend } from '../domain/proximity-gate.js';
import { parseRadius } from '../domain/radius.js';
import { sharingAt } from '../domain/sharing.js';
import type { Viewer } from '../domain/user.js';
import { type NearbySession, type NearbySessionDeps, openNearbySession } from './nearby-session.js';

interface NearbyFriendsDeps extends NearbySessionDeps {
  readonly defaultRadiusMeters: number;
}

export type NearbyFriends = ReturnType<typeof createNearbyFriends>;

export function createNearbyFriends(deps: NearbyFriendsDeps) {
  const sessions = new Set<NearbySession>();
  const radiusOf = (radiusMeters: number | null | undefined): number =>
    parseRadius(radiusMeters ?? deps.defaultRadiusMeters);

  return {
    /**
     * The list at this moment, nearest first.
     * @throws DomainError 'invalid' for a radius out of range.
     */
    async list(viewer: Viewer, radiusMeters?: number | null): Promise<NearbyFriend[]> {
      const gate = createProximityGate(radiusOf(radiusMeters));
      const friends = await deps.friends.friendsOf(viewer.userId);
      const newest = await deps.feed.peek([viewer.userId, ...friends.map(({ card }) => card.id)]);
      gate.setOrigin(newest.get(viewer.userId) ?? null);
      for (const { card, sharing } of friends) {
        if (sharingAt(sharing, deps.clock.now()).enabled) gate.showFriend(card, newest.get(card.id) ?? null);
      }
      return [...(gate.takeFrame()?.nearby ?? [])];
    },

    /**
     * The list and then its changes, until returned, or until the viewer's session or token ends.
     * @throws DomainError 'invalid' for a radius out of range.
     */
    follow(viewer: Viewer, radiusMeters?: number | null): AsyncIterableIterator<NearbyFrame, undefined> {
      const session = openNearbySession(viewer, radiusOf(radiusMeters), deps, () => {
        sessions.delete(session);
      });
      sessions.add(session);
      return session.frames;
    },

    /** Holds all lists as they are while messages may be lost. */
    pause(): void {
      for (const session of sessions) session.pause();
    },

    /** Starts all lists anew, after a gap in which messages may have been lost. */
    resync(): void {
      for (const session of sessions) session.resync();
    },

    /** Ends all subscriptions, as when the server closes. */
    close(): void {
      for (const session of [...sessions]) session.end();
    },

    /** How many subscriptions are open. */
    get size() {
      return sessions.size;
    },
  };
}
