/**
 * Accounts and sessions. A session is one signing-in: a chain of refresh tokens of which only the newest works, and
 * the access tokens made with them, which work while the session lives. A refresh token that comes a second time was
 * stolen or lost track of, and ends its session. Passwords and tokens are never logged.
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
    /** @throws DomainError 'invalid'; 'conflict' when the handle is taken. */
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
     * @throws DomainError 'unauthenticated', with one text and after the same work whatever is wrong;
     * 'rate-limited' after too many failures with one handle.
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

    /** @throws DomainError 'unauthenticated' for a token that is unknown, used or expired. */
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

    /** Resolves to whether there was a session to end; tokens of an outside provider have none. */
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
     * The account is gone for everybody when this resolves; what it recorded is deleted right after that, and by
     * the next eraseDeletedUsers() where that fails. @throws DomainError 'unauthenticated' when it is gone already.
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
        deps.log.warn({ err: error }, 'what a deleted account recorded is not all erased yet');
      }
      return true;
    },

    /** Deletes the history of deleted users that is left after a crash; resolves to of how many. */
    async eraseDeletedUsers(): Promise<number> {
      const userIds = await store.unerasedUsers();
      for (const userId of userIds) await store.eraseHistory(userId);
      return userIds.length;
    },

    /** Deletes refresh tokens past their time and sessions that nothing can continue. */
    async sweepSessions(): Promise<void> {
      await store.deleteExpiredSessions(now());
    },

    /**
     * Who the bearer of an access token is: one of ours whose session lives, or one of the outside provider, whose
     * user is made at first sight. @throws DomainError 'unauthenticated'; 'unavailable' when the provider is needed
     * and cannot be reached.
     */
    async authenticate(accessToken: string): Promise<Viewer> {
      if (openId?.issued(accessToken) === true) return openId.authenticate(accessToken);
      const viewer = await accessTokens.verify(accessToken);
      if (viewer === null || !(await sessions.isLive(viewer.userId, viewer.sessionId))) {
        throw new DomainError('unauthenticated', 'The access token is not valid.');
      }
      return viewer;
    },

    /** Whether the viewer's session lives at this moment; the tokens of an outside provider have none to end. */
    async stillHolds({ userId, sessionId }: Viewer): Promise<boolean> {
      return sessionId === null || (await sessions.isLive(userId, sessionId));
    },

    /** To be called on session-ended notices: makes authenticate() look again. Null means all of the user's. */
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
  /** Null when no outside provider is configured. */
  readonly openId: OpenIdSignIn | null;
  readonly sessions: SessionCheck;
  /** Takes the user's newest position out of the cache. */
  readonly forgetPosition: (userId: string) => Promise<void>;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
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

/** What signing in gives: both tokens and the user they are for. */
export interface Grant {
  readonly user: UserCard;
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  readonly refreshToken: string;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** A null hash takes as long as a real one and is never right. */
  verify(hash: string | null, password: string): Promise<boolean>;
}

export interface AccessTokens {
  issue(claims: { userId: string; sessionId: string }): Promise<{ token: string; expiresAtMs: number }>;
  /** Null for whatever is not a token of ours that holds now. */
  verify(token: string): Promise<(Viewer & { readonly sessionId: string }) | null>;
}

export interface RefreshTokens {
  make(nowMs: number): RefreshToken;
  hash(text: string): Uint8Array<ArrayBuffer>;
}

/** Only the hash is stored. */
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
  /** The token was used before; its session is ended and that is committed. */
  | {
      readonly outcome: 'reused';
      readonly userId: string;
      readonly sessionId: string;
      readonly posted: readonly PostedNotice[];
    }
  | { readonly outcome: 'unknown' };

export interface AccountStore {
  /** False when the handle is taken. */
  createUser(account: { user: UserCard; passwordHash: string }, session: NewSession): Promise<boolean>;
  findUser(userId: string): Promise<UserCard | null>;
  findCredentials(handle: string): Promise<{ user: UserCard; passwordHash: string | null } | null>;
  /** False when the user is gone. */
  createSession(userId: string, session: NewSession): Promise<boolean>;
  /** Of calls at once with one token, one rotates it and the others find it used. */
  rotateRefreshToken(hash: Uint8Array<ArrayBuffer>, next: RefreshToken, nowMs: number): Promise<Rotation>;
  /** Results in whether there was such a session. */
  endSession(userId: string, sessionId: string): Promise<Posted<boolean>>;
  deleteExpiredSessions(nowMs: number): Promise<void>;
  /**
   * Deletes the user with sessions, friendships, requests and blocks, tells everybody concerned, and remembers that
   * the history is still to be erased. Results in whether there was such a user.
   */
  deleteUser(userId: string): Promise<Posted<boolean>>;
  /** Deletes what a deleted user recorded. */
  eraseHistory(userId: string): Promise<void>;
  /** Deleted users whose history is still there, oldest first. */
  unerasedUsers(): Promise<string[]>;
}

function gone(): DomainError {
  return new DomainError('unauthenticated', 'The account is gone.');
}
