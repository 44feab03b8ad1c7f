/**
 * The signed-in viewer of one socket, as the token of connection_init says, until the token expires or its
 * session ends. Newer tokens of the same session take the place of the first. At the end no event is sent and no
 * message taken any more: operations under way are still answered, for a second at most, and the socket is closed.
 */
import { DomainError } from '../domain/errors.js';
import type { Notification } from '../domain/notification.js';
import type { Viewer } from '../domain/user.js';
import type { RenewedSocket } from '../graphql/context.js';
import type { Accounts } from '../services/accounts.js';
import type { Notifications } from '../services/notifications.js';
import type { RecheckedSession, SessionRecheck } from '../services/session-recheck.js';
import type { NotificationSubscriber } from '../services/user-topics.js';
import { endsSession } from '../services/viewer-lifetime.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import { type Close, CLOSE } from './close-codes.js';
import type { SocketWriter } from './socket-writer.js';

/** A class, since a server has one for each socket. */
export class SocketSession implements NotificationSubscriber, RecheckedSession, RenewedSocket {
  /** Queries and mutations that are not answered yet. */
  running = 0;
  #viewer: Viewer | null = null;
  /** When the newest of its tokens expires, milliseconds since the epoch. */
  #expiresAtMs = Infinity;
  /** The key that signed that token. */
  #keyId: string | null = null;
  #formerViewer: Viewer | null = null;
  #subscribedUserId: string | null = null;
  #closed = false;
  /** How the socket is closed once the operations under way are answered; null before the end. */
  #ending: Close | null = null;
  #cancelTimer: (() => void) | null = null;
  #endsSoon = false;

  constructor(
    readonly writer: SocketWriter,
    readonly accounts: Accounts,
    readonly notifications: Notifications,
    readonly sessionRecheck: SessionRecheck,
    readonly clock: Clock,
  ) {}

  /** Of whoever signed in; '' before that. */
  get userId(): string {
    return this.#subscribedUserId ?? '';
  }

  /** Null before the sign-in, for a socket without a token, and once the token or the session has ended. */
  get viewer(): Viewer | null {
    return this.#viewer;
  }

  /**
   * The viewer whose session had ended before the socket was opened, null on other sockets. Such a socket answers
   * only what may have ended the session itself, for a client that has not received the answer.
   */
  get formerViewer(): Viewer | null {
    return this.#formerViewer;
  }

  /** Whether the token or the session has ended on this socket. */
  get isEnding(): boolean {
    return this.#ending !== null;
  }

  /** @returns false when the token does not hold: the connection is to be refused with 4403. */
  async signIn(token: string | null): Promise<boolean> {
    if (token === null) return true;
    try {
      const viewer = await this.accounts.authenticate(token);
      if (this.#closed) return false;
      const { userId, sessionId } = viewer;
      this.#viewer = { userId, sessionId, expiresAtMs: Infinity, keyId: null };
      this.#expiresAtMs = viewer.expiresAtMs;
      this.#keyId = viewer.keyId;
      this.#subscribedUserId = viewer.userId;
      const subscribed = this.notifications.subscribe(viewer.userId, this).then(() => true);
      const hears = await within(this.clock, SUBSCRIBE_WAIT_MS, subscribed, false);
      if (this.#closed) return false;
      this.sessionRecheck.add(this, !hears);
      // The session may have ended before the subscription began, or the key may have been revoked.
      return await this.accounts.stillHolds(viewer);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'unauthenticated') throw error;
      this.#formerViewer = await this.accounts.formerViewer(token);
      if (this.#formerViewer === null || this.#closed) return false;
      this.#endIn(REPEAT_WAIT_MS);
      return true;
    }
  }

  /**
   * Ends shortly, on a socket whose session had ended before: what may have ended it often comes in one burst with
   * other operations.
   */
  endSoon(): void {
    if (this.#endsSoon) return;
    this.#endsSoon = true;
    this.#cancelTimer?.();
    this.#endIn(BURST_MS);
  }

  async renew(accessToken: string): Promise<number> {
    const renewed = await this.accounts.authenticate(accessToken);
    if (this.#viewer === null) throw new DomainError('unauthenticated', 'The socket has ended.');
    if (!this.goOnAs(renewed)) {
      throw new DomainError('forbidden', 'The access token belongs to another session than the socket.');
    }
    return this.#expiresAtMs;
  }

  goOnAs({ userId, sessionId, expiresAtMs, keyId }: Viewer): boolean {
    if (userId !== this.#viewer?.userId || sessionId !== this.#viewer.sessionId) return false;
    if (expiresAtMs >= this.#expiresAtMs) {
      this.#expiresAtMs = expiresAtMs;
      this.#keyId = keyId;
    }
    return true;
  }

  /** Ends when the newest token has expired. */
  closeIfExpired(nowMs: number): void {
    if (this.#viewer !== null && this.#expiresAtMs <= nowMs) this.end(CLOSE.tokenExpired);
  }

  /** Checks the session again, as notifications may have been lost, and the key of the newest token. */
  async recheck(): Promise<void> {
    if (this.#viewer === null) return;
    if (!this.accounts.trustsKey(this.#keyId)) {
      this.end(CLOSE.tokenRevoked);
      return;
    }
    const holds = await this.accounts.stillHolds(this.#viewer).catch(() => null);
    if (holds === null) this.#close(CLOSE.tryAgainLater);
    else if (!holds) this.end(CLOSE.sessionEnded);
  }

  /** To be called when a query or mutation has its answer, which is sent in this turn of the event loop. */
  operationEnded(): void {
    this.running -= 1;
    const close = this.#formerViewer === null ? this.#ending : CLOSE.sessionEnded;
    if (close === null || this.running > 0) return;
    this.clock.atTurnEnd(() => {
      this.#close(close);
    });
  }

  /** Unsubscribes when the socket is closed. */
  release(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.sessionRecheck.remove(this);
    if (this.#subscribedUserId !== null) this.notifications.unsubscribe(this.#subscribedUserId, this);
  }

  onNotification(notification: Notification): void {
    const viewer = this.#viewer;
    if (viewer === null || notification.kind !== 'session-ended') return;
    this.accounts.forgetSession(notification.sessionId, viewer.userId);
    if (endsSession(notification, viewer)) this.end(CLOSE.sessionEnded);
  }

  /** Sends no more events, and closes the socket as soon as the operations under way are answered. */
  end(close: Close): void {
    if (this.#ending !== null) return;
    this.#viewer = null;
    this.#ending = close;
    this.writer.isSilent = true;
    if (this.running === 0) {
      this.#close(close);
      return;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = this.clock.after(ANSWER_WAIT_MS, () => {
      this.#close(close);
    });
  }

  #endIn(delayMs: number): void {
    this.#cancelTimer = this.clock.after(delayMs, () => {
      this.end(CLOSE.sessionEnded);
    });
  }

  #close({ code, reason }: Close): void {
    this.writer.socket.close(code, reason);
  }
}

/** How long connection_init waits for the subscription to the viewer's notifications. */
const SUBSCRIBE_WAIT_MS = 1_000;
/** How long operations under way may take to be answered once the session has ended. */
const ANSWER_WAIT_MS = 1_000;
/** How long a client whose session has ended has for asking again: its operations come a round trip later. */
const REPEAT_WAIT_MS = 2_000;
/** What a client sends at once arrives within this time. */
const BURST_MS = 200;
