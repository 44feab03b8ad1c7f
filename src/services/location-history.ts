/**
 * The viewer's own recorded locations, read page by page and deleted by range. Nobody reads anybody else's.
 */
import { parseTimeCursor, timeCursor, type TimePlace } from '../domain/cursor.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { checkPageSize, type Page, toPage } from '../domain/page.js';
import type { Viewer } from '../domain/user.js';
import { createViewerTurns } from './viewer-turns.js';

export function createLocationHistory(store: HistoryStore) {
  const inTurn = createViewerTurns();

  return {
    /**
     * Returns locations, newest first unless the range says otherwise.
     * @throws DomainError 'invalid' for a page size or a cursor that is not allowed.
     */
    async page(
      viewer: Viewer,
      range: HistoryRange,
      first: number,
      after?: string | null,
    ): Promise<Page<LocationUpdate>> {
      const position = after == null ? null : parseTimeCursor(after);
      const limit = checkPageSize(first) + 1;
      const rows = await inTurn(viewer, () => store.read(viewer.userId, range, position, limit));
      return toPage(rows, first, after, cursorOf, (row) => row);
    },

    delete: (viewer: Viewer, range: TimeRange): Promise<number> => store.delete(viewer.userId, range),
  };
}

/** The range [fromMs, toMs) in milliseconds since the epoch. Null leaves that side open. */
export interface TimeRange {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** What is read, and in which order. */
export interface HistoryRange extends TimeRange {
  /** Default: newest first. */
  readonly oldestFirst?: boolean;
}

export interface HistoryStore {
  /** Resolves to at most `limit` locations in the order of the range, starting after `after`. */
  read(
    userId: string,
    range: HistoryRange,
    after: TimePlace | null,
    limit: number,
  ): Promise<LocationUpdate[]>;
  /** Finds the fingerprints of those of the ids that the user's locations have. */
  fingerprintsOf(userId: string, ids: readonly string[]): Promise<[id: string, fingerprint: string][]>;
  /** Resolves to the number of deleted locations. */
  delete(userId: string, range: TimeRange): Promise<number>;
}

export type LocationHistory = ReturnType<typeof createLocationHistory>;

function cursorOf({ recordedAtMs, id }: LocationUpdate): string {
  return timeCursor({ atMs: recordedAtMs, id });
}
