/**
 * The alerts of users: of which friends they want to be told when they come near. An alert belongs to a friendship and
 * ends with it. Whether somebody is near is watched by near-watch.ts.
 */
import { handleCursor, parseHandleCursor } from '../domain/cursor.js';
import { parseId } from '../domain/id.js';
import { checkPageSize, type Page, toPage } from '../domain/page.js';
import { parseRadius } from '../domain/radius.js';
import type { UserCard, Viewer } from '../domain/user.js';
import type { PageRequest } from './friends.js';
import { createViewerTurns } from './viewer-turns.js';

export function createNearAlerts({ store, onChanged }: NearAlertsDeps) {
  const inTurn = createViewerTurns();

  return {
    /** Returns the viewer's alerts, ordered by the friends' handles. */
    async page(viewer: Viewer, { first, after }: PageRequest): Promise<Page<NearAlert>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseHandleCursor(after);
      const alerts = await inTurn(viewer, () => store.page(viewer.userId, limit, place));
      const cursorOf = ({ friend }: NearAlert) => handleCursor(friend.handle);
      return toPage(alerts, first, after, cursorOf, (alert) => alert);
    },

    /**
     * Sets an alert, or ends it.
     * @param radiusMeters null ends it. @throws DomainError 'invalid'; 'not-found' for who is no friend.
     */
    async set(viewer: Viewer, friendId: string, radiusMeters: number | null): Promise<NearAlert | null> {
      const id = parseId(friendId);
      const radius = radiusMeters === null ? null : parseRadius(radiusMeters);
      const alert = await store.set(viewer.userId, id, radius);
      onChanged(viewer.userId);
      return alert;
    },
  };
}

export type NearAlerts = ReturnType<typeof createNearAlerts>;

export interface NearAlert {
  readonly friend: UserCard;
  readonly radiusMeters: number;
}

export interface NearAlertStore {
  page(userId: string, limit: number, afterHandle: string | null): Promise<NearAlert[]>;
  /** Resolves to null when there is no alert then. @throws DomainError 'not-found' for who is no friend. */
  set(userId: string, friendId: string, radiusMeters: number | null): Promise<NearAlert | null>;
  /**
   * The radii of the alerts of a user whom something can be sent to, by friend; empty for anybody else.
   */
  radiiOf(userId: string): Promise<ReadonlyMap<string, number>>;
}

interface NearAlertsDeps {
  readonly store: NearAlertStore;
  /** Called when the alerts of a user are others. */
  onChanged(userId: string): void;
}
