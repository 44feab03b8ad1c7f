/** Who a socket belongs to: told by the token of connection_init, until the token expires or its session ends. */
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import type { Accounts } from '../services/accounts.js';
import type { Clock } from '../services/clock.js';
import type { Inbox } from '../services/inbox.js';
import type { NoticeWatcher } from '../services/user-topics.js';
import { endsSession } from '../services/viewer-lifetime.js';

/** A close code after which graphql-ws clients come back. */
export const TRY_AGAIN_LATER = 1013;

/** How long a connection waits until it hears of its session's end. */
const INBOX_WAIT_MS = 1_000;

export class SocketViewer implements NoticeWatcher {
  #viewer: Viewer | null = null;
  #watchedInbox: string | null = null;
  #closed = false;

  constructor(
    readonly socket: WebSocket,
    readonly accounts: Accounts,
    readonly inbox: Inbox,
    readonly clock: Clock,
  ) {}

  /** Null before the sign-in, for a socket without a token, and once the token or the session has ended. */
  get viewer(): Viewer | null {
    return this.#viewer;
  }

  /** @returns false when the token does not hold: the connection is to be refused with 4403. */
  async signIn(token: string | null): Promise<boolean> {
    if (token === null) return true;
    try {
      const viewer = await this.accounts.authenticate(token);
      if (this.#closed) return false;
      this.#viewer = viewer;
      this.#watchedInbox = viewer.userId;
      // Without Redis nobody hears of ended sessions, and all of them are looked at again when it is back.
      await atMost(this.inbox.watch(viewer.userId, this), INBOX_WAIT_MS, this.clock);
      // The session may have ended before the inbox was watched.
      return !this.#closed && (await this.accounts.stillHolds(viewer));
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') return false;
      throw error;
    }
  }

  /** Closes the socket when its token has expired. */
  closeIfExpired(nowMs: number): void {
    if (this.#viewer !== null && this.#viewer.expiresAtMs <= nowMs) this.dismiss('Token expired');
  }

  /** Looks at the session again, after a gap in which notices may have been lost. */
  async recheck(): Promise<void> {
    if (this.#viewer === null) return;
    const holds = await this.accounts.stillHolds(this.#viewer).catch(() => null);
    if (holds === null) this.socket.close(TRY_AGAIN_LATER, 'Try again later');
    else if (!holds) this.dismiss('Session ended');
  }

  /** The socket is closed. */
  release(): void {
    this.#closed = true;
    if (this.#watchedInbox !== null) this.inbox.unwatch(this.#watchedInbox, this);
  }

  onNotice(notice: Notice): void {
    const viewer = this.#viewer;
    if (viewer === null || notice.kind !== 'session-ended') return;
    this.accounts.forgetSession(notice.sessionId, viewer.userId);
    if (endsSession(notice, viewer)) this.dismiss('Session ended');
  }

  /** What still comes while the socket closes is nobody's. */
  dismiss(reason: string): void {
    this.#viewer = null;
    this.socket.close(CloseCode.Forbidden, reason);
  }
}

/** Resolves with the promise or when the time is over; rejects with the promise. */
async function atMost(promise: Promise<unknown>, waitMs: number, clock: Clock): Promise<void> {
  let cancel: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (cancel = clock.after(waitMs, resolve)));
  await Promise.race([promise, over]).finally(cancel);
}
