/**
 * The codes with which this server closes WebSockets. After a transient fault a code must be one that
 * graphql-ws clients retry on; its `isFatalInternalCloseCode` and the final 4xxx codes are the others.
 *
 * graphql-ws itself closes with 4400 (ill-formed message), 4401 (subscribe before connection_init), 4406
 * (unknown subprotocol), 4408 (no connection_init in time), 4409 (operation id in use) and 4429 (a second
 * connection_init), and `ws` with 1009 (message too long); of these clients retry after 4408 only.
 */
export interface Close {
  /** RFC 6455, section 7.4, or of the graphql-transport-ws protocol. */
  readonly code: number;
  /** Sent with the code, for people who debug. */
  readonly reason: string;
}

export const CLOSE = {
  /** The server is about to leave; clients reconnect, to another one. */
  serviceRestart: { code: 1012, reason: 'Service restart' },
  /** Something that the server depends on is away; clients reconnect. */
  tryAgainLater: { code: 1013, reason: 'Try again later' },
  /** The user has as many sockets as allowed; clients reconnect when others are closed. */
  tooManySockets: { code: 1013, reason: 'Too many sockets' },
  /** Nobody has signed in and asked for anything; clients reconnect when they need to. */
  idle: { code: 4408, reason: 'No operation in time' },
  /** The token has expired; clients reconnect with a fresh one. */
  tokenExpired: { code: 4403, reason: 'Token expired' },
  /** The key that signed the token was revoked; clients reconnect with a fresh one. */
  tokenRevoked: { code: 4403, reason: 'Token revoked' },
  /** The session has ended, by signing out or with the account; clients reconnect once signed in again. */
  sessionEnded: { code: 4403, reason: 'Session ended' },
} as const satisfies Record<string, Close>;

/** How long a peer that gives no sign of life, or takes nothing of what it is sent, is waited for. */
export const CUT_AFTER_SILENCE_MS = 60_000;
