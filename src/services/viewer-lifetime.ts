import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from './clock.js';

/** Whether a notice ends what was opened with the viewer's token. */
export function endsSession(notice: Notice, viewer: Viewer): boolean {
  if (notice.kind !== 'session-ended') return false;
  return notice.sessionId === null || notice.sessionId === viewer.sessionId;
}

/** Calls back when the viewer's token expires; what was opened with it must not outlive it. */
export function afterExpiry(viewer: Viewer, clock: Clock, callback: () => void): () => void {
  return clock.after(viewer.expiresAtMs - clock.now(), callback);
}
