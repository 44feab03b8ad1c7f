/**
 * Accounts and sessions. A session starts at a sign-in: it is a chain of refresh tokens, of which only the
 * newest works, and the access tokens made with them, which work while the session is live. A refresh token
 * that is used twice may be stolen and ends its session. Passwords and tokens are never logged.
 */
import { parseDisplayName } from '../domain/display-name.js';
import { DomainError } from '../domain/errors.js';
import { normalizeHandle, parseHandle } from '../domain/handle.js';
import { normalizePassword, parsePassword } from '../domain/password.js';
import type { UserCard, Viewer } from '../domain/user.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import type { Outbox, Posted, PostedNotice } from './outbox.js';
import type { SessionCheck } from './session-check.js';
import type { SignInLimit } from './sign-in-limit.js';

export function createAccounts(deps: AccountsDeps) {
  const { store, outbox, passwords, signInLimit, accessTokens, refreshTokens, openId, sessions, now } = deps;

  async function grant(user: UserCard, { sessionId, refreshToken }: NewSession): Promise<Grant> {
    const { token, expiresAtMs } = await accessTokens.issue({ userId: user.id, sessionId });
    return { user, accessToken: token, accessTokenExpiresAtMs: expiresAtMs, refreshToken: refreshToken.text };
  }

  function newSession(): NewSession {
    return { sessionId: deps.newId(), refreshToken: refreshTokens.make(now()) };
  }

  return {
    /**
     * Makes an account and its first session.
     * @throws DomainError 'invalid'; 'conflict' when the handle is taken.
     */
    async signUp(input: SignUp): Promise<Grant> {
      const handle = parseHandle(input.handle);
      const displayName = parseDisplayName(input.displayName);
      const passwordHash = await passwords.hash(parsePassword(input.password));
      const user = { id: deps.newId(), handle, displayName };
      const session = newSession();
      if (!(await store.createUser({ user, passwordHash }, session))) {
        throw new DomainError('conflict', 'The handle is taken.');
      }
      return grant(user, session);
    },

    /**
     * Makes a session.
     * @throws DomainError 'unauthenticated', with the same text after the same work for a wrong handle and a
     * wrong password; 'rate-limited' after too many failures with one handle.
     */
    async signIn(input: SignIn): Promise<Grant> {
      const handle = normalizeHandle(input.handle);
      const password = normalizePassword(input.password);
      const attempt = async (): Promise<Grant | null> => {
        const found = handle === null ? null : await store.findCredentials(handle);
        const right = await passwords.verify(found?.passwordHash ?? null, password ?? '');
        if (!right || found === null) return null;
        const session = newSession();
        return (await store.createSession(found.user.id, session)) ? grant(found.user, session) : null;
      };
      const granted = handle === null ? await attempt() : await signInLimit.guard(handle, attempt);
      if (granted === null) {
        throw new DomainError('unauthenticated', 'The handle or the password is wrong.');
      }
      return granted;
    },

    /**
     * Replaces a refresh token by a new one, with a new access token.
     * @throws DomainError 'unauthenticated' for a token that is unknown, used or expired.
     */
    async refreshToken(refreshToken: string): Promise<Grant> {
      const next = refreshTokens.make(now());
      const rotation = await store.rotateRefreshToken(refreshTokens.hash(refreshToken), next, now());
      if (rotation.outcome === 'rotated') {
        return grant(rotation.user, { sessionId: rotation.sessionId, refreshToken: next });
      }
      if (rotation.outcome === 'reused') {
        sessions.forget(rotation.userId, rotation.sessionId);
        await outbox.deliver(rotation.posted);
      }
      throw new DomainError('unauthenticated', 'The refresh token is not valid.');
    },

    /** Resolves to true when there was a session to end; users of the external provider have none. */
    async signOut({ userId, sessionId }: Viewer): Promise<boolean> {
      if (sessionId === null) return false;
      const { result, posted } = await store.endSession(userId, sessionId);
      sessions.forget(userId, sessionId);
      await outbox.deliver(posted);
      return result;
    },

    /** @throws DomainError 'unauthenticated' when the account is gone. */
    async me({ userId }: Viewer): Promise<UserCard> {
      const user = await store.findUser(userId);
      if (user === null) throw gone();
      return user;
    },

    /**
     * Deletes the account, then its history. When the history cannot be deleted now, the account is still
     * gone and the next eraseDeletedUsers() deletes the rest.
     * @throws DomainError 'unauthenticated' when the account is gone already.
     */
    async deleteAccount({ userId }: Viewer): Promise<true> {
      const { result, posted } = await store.deleteUser(userId);
      sessions.forget(userId, null);
      openId?.forget(userId);
      await outbox.deliver(posted);
      if (!result) throw gone();
      try {
        await store.eraseHistory(userId);
        await deps.forgetPosition(userId);
      } catch (error) {
        deps.log.warn({ err: error }, 'the history of a deleted account is not fully erased yet');
      }
      return true;
    },

    /** Deletes the remaining history of deleted users, as after a crash. Resolves to the number of users. */
    async eraseDeletedUsers(): Promise<number> {
      const userIds = await store.unerasedUsers();
      for (const userId of userIds) await store.eraseHistory(userId);
      return userIds.length;
    },

    /** Deletes expired refresh tokens and the sessions that no token can continue. */
    async sweepSessions(): Promise<void> {
      await store.deleteExpiredSessions(now());
    },

    /**
     * Resolves to the bearer of an access token: a user of ours with a live session, or a user of the
     * external provider, who is made at the first token.
     * @throws DomainError 'unauthenticated'; 'unavailable' when the provider is needed and cannot be reached.
     */
    async authenticate(accessToken: string): Promise<Viewer> {
      if (openId?.issued(accessToken) === true) return openId.authenticate(accessToken);
      const viewer = await accessTokens.verify(accessToken);
      if (viewer === null || !(await sessions.isLive(viewer.userId, viewer.sessionId))) {
        throw new DomainError('unauthenticated', 'The access token is not valid.');
      }
      return viewer;
    },

    /**
     * Resolves to whether the viewer's session is live now. Without a session, as with external users, it is
     * true.
     */
    async stillHolds({ userId, sessionId }: Viewer): Promise<boolean> {
      return sessionId === null || (await sessions.isLive(userId, sessionId));
    },

    /**
     * To be called on session-ended notices: authenticate() looks the session up again.
     * @param sessionId null forgets all sessions of the user.
     */
    forgetSession(sessionId: string | null, userId: string): void {
      sessions.forget(userId, sessionId);
      if (sessionId === null) openId?.forget(userId);
    },
  };
}

export type Accounts = ReturnType<typeof createAccounts>;

export interface AccountsDeps {
  readonly store: AccountStore;
  readonly outbox: Outbox;
  readonly passwords: Passwords;
  readonly signInLimit: SignInLimit;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  /** Null when no external provider is configured. */
  readonly openId: OpenIdSignIn | null;
  readonly sessions: SessionCheck;
  /** Forgets the newest location of the user. */
  readonly forgetPosition: (userId: string) => Promise<void>;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: { warn(details: object, message: string): void };
}

export interface SignUp {
  readonly handle: string;
  readonly displayName: string;
  readonly password: string;
}

export interface SignIn {
  readonly handle: string;
  readonly password: string;
}

/** The tokens of a session and its user. */
export interface Grant {
  readonly user: UserCard;
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  readonly refreshToken: string;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Resolves to false for a null hash, after the same time as for a real one. */
  verify(hash: string | null, password: string): Promise<boolean>;
}

export interface AccessTokens {
  issue(claims: { userId: string; sessionId: string }): Promise<{ token: string; expiresAtMs: number }>;
  /** Resolves to null for anything but a token of ours that is valid now. */
  verify(token: string): Promise<(Viewer & { readonly sessionId: string }) | null>;
}

export interface RefreshTokens {
  make(nowMs: number): RefreshToken;
  hash(text: string): Uint8Array<ArrayBuffer>;
}

/** A refresh token for the client. Only its hash is stored. */
export interface RefreshToken {
  readonly text: string;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly expiresAtMs: number;
}

export interface NewSession {
  readonly sessionId: string;
  readonly refreshToken: RefreshToken;
}

export type Rotation =
  | { readonly outcome: 'rotated'; readonly user: UserCard; readonly sessionId: string }
  /** The token was used before. Its session has been ended and that is committed. */
  | {
      readonly outcome: 'reused';
      readonly userId: string;
      readonly sessionId: string;
      readonly posted: readonly PostedNotice[];
    }
  | { readonly outcome: 'unknown' };

export interface AccountStore {
  /** Resolves to false when the handle is taken. */
  createUser(account: { user: UserCard; passwordHash: string }, session: NewSession): Promise<boolean>;
  findUser(userId: string): Promise<UserCard | null>;
  findCredentials(handle: string): Promise<{ user: UserCard; passwordHash: string | null } | null>;
  /** Resolves to false when the user is gone. */
  createSession(userId: string, session: NewSession): Promise<boolean>;
  /** When several calls rotate one token at the same time, one succeeds and the others find it used. */
  rotateRefreshToken(hash: Uint8Array<ArrayBuffer>, next: RefreshToken, nowMs: number): Promise<Rotation>;
  /** The result is whether there was such a session. */
  endSession(userId: string, sessionId: string): Promise<Posted<boolean>>;
  deleteExpiredSessions(nowMs: number): Promise<void>;
  /**
   * Deletes the user with sessions, friendships, requests and blocks, notifies everybody concerned, and notes
   * that the history is still to be erased. The result is whether there was such a user.
   */
  deleteUser(userId: string): Promise<Posted<boolean>>;
  /** Deletes the history of a deleted user. */
  eraseHistory(userId: string): Promise<void>;
  /** Resolves to the deleted users whose history is not yet erased, oldest first. */
  unerasedUsers(): Promise<string[]>;
}

function gone(): DomainError {
  return new DomainError('unauthenticated', 'The account is gone.');
}
