/**
 * The signed-in viewer of one socket, as the token of connection_init says, until the token expires or its
 * session ends. Then the socket is closed.
 */
import type { WebSocket } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import type { Accounts } from '../services/accounts.js';
import type { Notifications } from '../services/notifications.js';
import type { NoticeSubscriber } from '../services/user-topics.js';
import { endsSession } from '../services/viewer-lifetime.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import { type Close, CLOSE } from './close-codes.js';

/** A class, since a server has one for each socket. */
export class SocketSession implements NoticeSubscriber {
  #viewer: Viewer | null = null;
  #subscribedUserId: string | null = null;
  #closed = false;

  constructor(
    readonly socket: WebSocket,
    readonly accounts: Accounts,
    readonly notifications: Notifications,
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
      this.#subscribedUserId = viewer.userId;
      // Without Redis no notice of an ended session arrives; all sessions are checked when it is back.
      await within(this.clock, SUBSCRIBE_WAIT_MS, this.notifications.subscribe(viewer.userId, this), null);
      // The session may have ended before the subscription began.
      return !this.#closed && (await this.accounts.stillHolds(viewer));
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') return false;
      throw error;
    }
  }

  /** Closes the socket when its token has expired. */
  closeIfExpired(nowMs: number): void {
    if (this.#viewer !== null && this.#viewer.expiresAtMs <= nowMs) this.end(CLOSE.tokenExpired);
  }

  /** Checks the session again, after a gap in which notices may have been lost. */
  async recheck(): Promise<void> {
    if (this.#viewer === null) return;
    const holds = await this.accounts.stillHolds(this.#viewer).catch(() => null);
    if (holds === null) this.#close(CLOSE.tryAgainLater);
    else if (!holds) this.end(CLOSE.sessionEnded);
  }

  /** Unsubscribes when the socket is closed. */
  release(): void {
    this.#closed = true;
    if (this.#subscribedUserId !== null) this.notifications.unsubscribe(this.#subscribedUserId, this);
  }

  onNotice(notice: Notice): void {
    const viewer = this.#viewer;
    if (viewer === null || notice.kind !== 'session-ended') return;
    this.accounts.forgetSession(notice.sessionId, viewer.userId);
    if (endsSession(notice, viewer)) this.end(CLOSE.sessionEnded);
  }

  /** Closes the socket. Operations that still arrive have no viewer. */
  end(close: Close): void {
    this.#viewer = null;
    this.#close(close);
  }

  #close({ code, reason }: Close): void {
    this.socket.close(code, reason);
  }
}

/** How long connection_init waits for the subscription to the viewer's notices. */
const SUBSCRIBE_WAIT_MS = 1_000;
