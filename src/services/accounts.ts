/**
 * Accounts and sessions. A session starts at a sign-in: it is a chain of refresh tokens, of which only the
 * newest works, and the access tokens made with them, which work while the session is live. A refresh token
 * that comes again after a grace may be stolen and ends its session. Passwords and tokens are never logged.
 */
import { parseDisplayName } from '../domain/display-name.js';
import { DomainError } from '../domain/errors.js';
import { normalizeHandle, parseNewHandle } from '../domain/handle.js';
import { normalizePassword, parsePassword } from '../domain/password.js';
import type { UserCard, Viewer } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import type { Outbox, Posted, PostedNotification } from './outbox.js';
import type { SessionCheck } from './session-check.js';
import type { SignInLimit } from './sign-in-limit.js';

export function createAccounts(deps: AccountsDeps) {
  const { store, outbox, passwords, signInLimit, accessTokens, refreshTokens, openId, sessions, now } = deps;

  async function grant(user: UserCard, { sessionId, refreshToken }: NewSession): Promise<Grant> {
    const { token, expiresAtMs, keyId } = await accessTokens.issue({ userId: user.id, sessionId });
    return {
      user,
      sessionId,
      accessToken: token,
      accessTokenExpiresAtMs: expiresAtMs,
      accessTokenKeyId: keyId,
      refreshToken: refreshToken.text,
    };
  }

  function newSession(): NewSession {
    return { sessionId: deps.newId(), refreshToken: refreshTokens.make(now()) };
  }

  async function erase(userId: string): Promise<void> {
    try {
      await Promise.all([deps.clearLocation(userId), store.eraseHistory(userId)]);
    } catch (error) {
      deps.log.warn({ err: error }, 'the history of a deleted account is not fully erased yet');
    }
  }

  /** While it can't be done it is tried again, or ends with the TTL; the session has ended in any case. */
  async function takeBackLocation(userId: string): Promise<void> {
    const clearing = deps.clearLocation(userId).catch((error: unknown) => {
      deps.log.warn({ err: error }, 'the location of a user who signed out is not taken back yet');
    });
    await within(deps.clock, ERASE_WAIT_MS, clearing, undefined);
  }

  const trustsKey = (keyId: string | null): boolean => keyId === null || accessTokens.trusts(keyId);

  return {
    /**
     * Makes an account and its first session.
     * @param address whose request it is.
     * @throws DomainError 'invalid'; 'conflict' when the handle is taken; 'rate-limited' after too many from the address,
     * and while too many passwords wait to be hashed.
     */
    async signUp(input: SignUp, address: string): Promise<Grant> {
      const handle = parseNewHandle(input.handle);
      const displayName = parseDisplayName(input.displayName);
      const password = parsePassword(input.password);
      await signInLimit.countSignUp(address);
      const passwordHash = await passwords.hash(password);
      const user = { id: deps.newId(), handle, displayName };
      const session = newSession();
      const { sharingEnabled = true } = input;
      if (!(await store.createUser({ user, passwordHash, sharingEnabled }, session))) {
        throw new DomainError('conflict', 'The handle is taken.');
      }
      return grant(user, session);
    },

    /**
     * Makes a session.
     * @throws DomainError 'unauthenticated', with the same text after the same work for a wrong handle and a
     * wrong password; 'rate-limited' after too many failures from the address, and while too many passwords wait.
     * @param address whose request it is.
     */
    async signIn(input: SignIn, address: string): Promise<Grant> {
      const handle = normalizeHandle(input.handle);
      const password = normalizePassword(input.password);
      const attempt = async (): Promise<Grant | null> => {
        const find = async () => (handle === null ? null : store.findCredentials(handle));
        const found = await passwords.verify(find, password ?? '');
        if (found === null) return null;
        const session = newSession();
        return (await store.createSession(found, session)) ? grant(found.user, session) : null;
      };
      const granted = await signInLimit.guard(address, handle, attempt);
      if (granted === null) {
        throw new DomainError('unauthenticated', 'The handle or the password is wrong.');
      }
      return granted;
    },

    /**
     * Replaces a refresh token by a new one, with a new access token. Within a grace after its first use the
     * token is replaced again, as its first answer may have been lost.
     * @throws DomainError 'unauthenticated' for a token that is unknown, expired, or used before the grace.
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

    /**
     * Ends the session and takes the user's live location back. Resolves to true when there was a session to end;
     * users of the external provider have none. A session that had ended already takes nothing back.
     */
    async signOut({ userId, sessionId }: Viewer): Promise<boolean> {
      if (sessionId === null) {
        await takeBackLocation(userId);
        return false;
      }
      const { result, posted } = await store.endSession(userId, sessionId);
      sessions.forget(userId, sessionId);
      await Promise.all([outbox.deliver(posted), result ? takeBackLocation(userId) : null]);
      return result;
    },

    /** @throws DomainError 'unauthenticated' when the account is gone. */
    async me({ userId }: Viewer): Promise<UserCard> {
      const user = await store.findUser(userId);
      if (user === null) throw gone();
      return user;
    },

    /**
     * Deletes the account, then its history; a long one is still being deleted after this resolves. When the
     * history cannot be deleted now, the account is still gone and the next eraseDeletedUsers() deletes the rest.
     * Resolves to true also when the account is gone already.
     */
    async deleteAccount({ userId }: Viewer): Promise<true> {
      const { result, posted } = await store.deleteUser(userId);
      // A backup of before brings the account back: the log then says who has to be deleted again.
      if (result) deps.log.info({ userId }, 'an account was deleted');
      sessions.forget(userId, null);
      openId?.forget(userId);
      await Promise.all([outbox.deliver(posted), within(deps.clock, ERASE_WAIT_MS, erase(userId), null)]);
      return true;
    },

    /**
     * Answers a deleteAccount that comes again, after it has ended the session of its token.
     * @throws DomainError 'unauthenticated' when something else ended the session: the account is still there.
     */
    async deleteAccountAgain({ userId }: Viewer): Promise<true> {
      if ((await store.findUser(userId)) === null) return true;
      throw new DomainError('unauthenticated', 'The session has ended.');
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
      if (viewer === null || !(await sessions.isActive(viewer.userId, viewer.sessionId))) {
        throw new DomainError('unauthenticated', 'The access token is not valid.');
      }
      return viewer;
    },

    /**
     * Resolves to whom an access token of ours that authenticate() refuses was issued to, as long as only its
     * session has ended; null for any other token.
     */
    async formerViewer(accessToken: string): Promise<Viewer | null> {
      return openId?.issued(accessToken) === true ? null : accessTokens.verify(accessToken);
    },

    /**
     * Resolves to whether the viewer's session is live now, and the key of the token is not revoked. Without a session,
     * as with external users, it is true.
     */
    async stillHolds({ userId, sessionId, keyId }: Viewer): Promise<boolean> {
      if (!trustsKey(keyId)) return false;
      return sessionId === null || (await sessions.isActive(userId, sessionId));
    },

    /** Whether the key of a token is not revoked, as far as this server has heard; true without one. */
    trustsKey,

    /**
     * To be called on session-ended notifications: authenticate() looks the session up again.
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
  /** Forgets the newest location of the user and tells friends' lists. */
  readonly clearLocation: (userId: string) => Promise<unknown>;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
}

export interface SignUp {
  readonly handle: string;
  readonly displayName: string;
  readonly password: string;
  /** Whether friends may see the user from the start. Default: true. */
  readonly sharingEnabled?: boolean;
}

export interface SignIn {
  readonly handle: string;
  readonly password: string;
}

/** The tokens of a session and its user. */
export interface Grant {
  readonly user: UserCard;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  /** The key that signed the access token. */
  readonly accessTokenKeyId: string;
  readonly refreshToken: string;
}

export interface Passwords {
  /** Both throw DomainError 'rate-limited' while too many passwords wait. */
  hash(password: string): Promise<string>;
  /**
   * Finds credentials and resolves to them when the password is theirs; to null otherwise, after the same time
   * also where there are none. It finds them in its turn, so that those who are refused have cost nothing.
   */
  verify<T extends { readonly passwordHash: string | null }>(
    find: () => Promise<T | null>,
    password: string,
  ): Promise<T | null>;
}

export interface AccessTokens {
  issue(claims: {
    userId: string;
    sessionId: string;
  }): Promise<{ token: string; expiresAtMs: number; keyId: string }>;
  /**
   * Resolves to null for anything but a token of ours that is valid now.
   * @throws DomainError 'unavailable' when its key is not known and can't be looked up; 'rate-limited' while too many wait for that.
   */
  verify(token: string): Promise<(Viewer & { readonly sessionId: string }) | null>;
  /** Whether tokens that the key signed are still accepted, as far as this server has heard. */
  trusts(keyId: string): boolean;
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

export interface NewAccount {
  readonly user: UserCard;
  readonly passwordHash: string;
  /** Whether friends may see the user. */
  readonly sharingEnabled: boolean;
}

export interface Credentials {
  readonly user: UserCard;
  /** Null for a user of the external provider. */
  readonly passwordHash: string | null;
}

export interface NewSession {
  readonly sessionId: string;
  readonly refreshToken: RefreshToken;
}

export type Rotation =
  | { readonly outcome: 'rotated'; readonly user: UserCard; readonly sessionId: string }
  /** The token has more than one holder. Its session has been ended and that is committed. */
  | {
      readonly outcome: 'reused';
      readonly userId: string;
      readonly sessionId: string;
      readonly posted: readonly PostedNotification[];
    }
  | { readonly outcome: 'unknown' };

export interface AccountStore {
  /** Resolves to false when the handle is taken. */
  createUser(account: NewAccount, session: NewSession): Promise<boolean>;
  findUser(userId: string): Promise<UserCard | null>;
  findCredentials(handle: string): Promise<Credentials | null>;
  /** Resolves to false when the user is gone, or has another password by now. */
  createSession(credentials: Credentials, session: NewSession): Promise<boolean>;
  /**
   * Uses a token, which makes `next`. Tokens of a session whose uses show that they have more than one holder end
   * the session (see domain/refresh-token-use.ts).
   */
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

/** Socket sessions wait for a second for the answer of the operation that ended them. */
const ERASE_WAIT_MS = 500;

function gone(): DomainError {
  return new DomainError('unauthenticated', 'The account is gone.');
}
