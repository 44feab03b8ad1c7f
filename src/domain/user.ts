/** The part of a user that every friend or requester may see. */
export interface UserCard {
  /** UUID in lower case. */
  readonly id: string;
  /** 3 to 30 of a-z, 0-9, '_' and '.'. */
  readonly handle: string;
  readonly displayName: string;
}

/** The authenticated user of an operation, and the session that the token belongs to. */
export interface Viewer {
  readonly userId: string;
  /** Null for the tokens of an outside OpenID provider, which have no session here. */
  readonly sessionId: string | null;
  /** When the token ends, milliseconds since the epoch. Infinity on a socket, which ends what runs on it by itself. */
  readonly expiresAtMs: number;
  /** The key that signed the token. Null for a token that is not ours, and on a socket, for the same reason. */
  readonly keyId: string | null;
}
