/** The signed-in user's own recorded locations: read page by page, deleted by range. Nobody reads anyone else's. */
import { parseTimeCursor, timeCursor, type TimePlace } from '../domain/cursor.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { checkPageSize, type Page, toPage } from '../domain/page.js';
import type { Viewer } from '../domain/user.js';

export function createLocationHistory(store: HistoryStore) {
  return {
    /** @throws DomainError 'invalid' for a page size or a cursor that is none. */
    async page(
      viewer: Viewer,
      range: TimeRange,
      first: number,
      after?: string | null,
    ): Promise<Page<LocationUpdate>> {
      const position = after == null ? null : parseTimeCursor(after);
      const rows = await store.read(viewer.userId, range, position, checkPageSize(first) + 1);
      return toPage(rows, first, after, cursorOf, (row) => row);
    },

    delete: (viewer: Viewer, range: TimeRange): Promise<number> => store.delete(viewer.userId, range),
  };
}

/** [fromMs, toMs) in milliseconds since the epoch; null is open. */
export interface TimeRange {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface HistoryStore {
  /** Newest first, at most `limit`, those that come after `after` in that order. */
  read(userId: string, range: TimeRange, after: TimePlace | null, limit: number): Promise<LocationUpdate[]>;
  /** Returns how many were deleted. */
  delete(userId: string, range: TimeRange): Promise<number>;
}

export type LocationHistory = ReturnType<typeof createLocationHistory>;

function cursorOf({ recordedAtMs, id }: LocationUpdate): string {
  return timeCursor({ atMs: recordedAtMs, id });
}
