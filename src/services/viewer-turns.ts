import pLimit, { type LimitFunction } from 'p-limit';
import type { Viewer } from '../domain/user.js';

/**
 * Lets the pages that one viewer asks for at once, as by the aliases of one query, be read one after the other. A
 * thousand rows take some milliseconds, and the answers to many such reads would come in one turn of the event loop.
 */
export function createViewerTurns(): ViewerTurns {
  const turns = new WeakMap<Viewer, LimitFunction>();

  return function inTurn(viewer, read) {
    const limit = turns.get(viewer) ?? pLimit(1);
    turns.set(viewer, limit);
    return limit(read);
  };
}

export type ViewerTurns = <T>(viewer: Viewer, read: () => Promise<T>) => Promise<T>;
