/**
 * What users change about their own account: the name, the password, and which sessions go on. Who changes the
 * password ends all other sessions, also those that begin with the old one at that moment. A wrong password counts
 * like a failed sign-in. Names reach friends' open lists.
 */
import { parseTimeCursor, timeCursor, type TimePlace } from '../domain/cursor.js';
import { parseDisplayName } from '../domain/display-name.js';
import { DomainError } from '../domain/errors.js';
import { parseId } from '../domain/id.js';
import { checkPageSize, type Page, toPage } from '../domain/page.js';
import { normalizePassword, parsePassword } from '../domain/password.js';
import type { UserCard, Viewer } from '../domain/user.js';
import type { Accounts, AccountStore, Credentials, Passwords } from './accounts.js';
import type { PageRequest } from './friends.js';
import type { Outbox, Posted } from './outbox.js';
import type { SessionCheck } from './session-check.js';
import type { SignInLimit } from './sign-in-limit.js';
import { createViewerTurns } from './viewer-turns.js';

export function createAccountSettings(deps: AccountSettingsDeps) {
  const { store, outbox, passwords, signInLimit, sessions, accounts } = deps;
  const inTurn = createViewerTurns();

  /** Resolves to false when the password is not `from` any more. */
  async function replacePassword({ userId, sessionId }: Viewer, from: string, to: string): Promise<boolean> {
    const { result, posted } = await store.changePassword(userId, { from, to, keptSessionId: sessionId });
    if (!result) return false;
    sessions.forget(userId, null);
    await outbox.deliver(posted);
    return true;
  }

  return {
    /** @throws DomainError 'invalid'. */
    async updateProfile(viewer: Viewer, { displayName }: ProfileChange): Promise<UserCard> {
      if (displayName == null) return accounts.me(viewer);
      const { result, posted } = await store.rename(viewer.userId, parseDisplayName(displayName));
      if (result === null) throw gone();
      await outbox.deliver(posted);
      return result;
    },

    /**
     * Changes the password and ends all sessions but the viewer's. Where the new one is the password already, as after
     * a lost answer, nothing is changed.
     * @param address whose request it is.
     * @throws DomainError 'invalid'; 'forbidden' for a wrong password and for an account without one; 'rate-limited'
     * after too many failures from the address, and while too many passwords wait.
     */
    async changePassword(viewer: Viewer, change: PasswordChange, address: string): Promise<true> {
      const newPassword = parsePassword(change.newPassword);
      const currentPassword = normalizePassword(change.currentPassword) ?? '';
      const find = () => store.findCredentialsOf(viewer.userId);
      const account = await find();
      if (account === null) throw gone();
      if (account.passwordHash === null) {
        throw new DomainError(
          'forbidden',
          'The account has no password: it belongs to an external provider.',
        );
      }

      const changed = await signInLimit.guard(address, account.user.handle, async () => {
        const found = await passwords.verify(find, currentPassword);
        const from = found?.passwordHash ?? null;
        if (from !== null && (await replacePassword(viewer, from, await passwords.hash(newPassword))))
          return true;
        return (await passwords.verify(find, newPassword)) === null ? null : true;
      });
      if (changed === null) throw new DomainError('forbidden', 'The current password is wrong.');
      return changed;
    },

    /** Returns the viewer's sessions, newest first. */
    async sessionsPage(viewer: Viewer, { first, after }: PageRequest): Promise<Page<OwnSession>> {
      const limit = checkPageSize(first) + 1;
      const place = after == null ? null : parseTimeCursor(after);
      const found = await inTurn(viewer, () => store.sessionsOf(viewer.userId, limit, place));
      return toPage(
        found,
        first,
        after,
        ({ id, createdAtMs }) => timeCursor({ atMs: createdAtMs, id }),
        (session) => ({ ...session, isCurrent: session.id === viewer.sessionId }),
      );
    },

    /**
     * Ends one of the viewer's sessions; the viewer's own as signOut() does. Resolves to true when there was such a
     * session.
     */
    async endSession(viewer: Viewer, id: string): Promise<boolean> {
      const sessionId = parseId(id);
      if (sessionId === viewer.sessionId) return accounts.signOut(viewer);
      const { result, posted } = await deps.endSession(viewer.userId, sessionId);
      sessions.forget(viewer.userId, sessionId);
      await outbox.deliver(posted);
      return result;
    },
  };
}

export type AccountSettings = ReturnType<typeof createAccountSettings>;

export interface AccountSettingsDeps {
  readonly store: AccountSettingsStore;
  readonly outbox: Outbox;
  readonly passwords: Passwords;
  readonly signInLimit: SignInLimit;
  readonly sessions: SessionCheck;
  readonly accounts: Pick<Accounts, 'me' | 'signOut'>;
  readonly endSession: AccountStore['endSession'];
}

export interface ProfileChange {
  /** Null and undefined leave it as it is. */
  readonly displayName?: string | null;
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** A session as its user sees it. */
export interface OwnSession extends KnownSession {
  /** Whether the viewer's token belongs to it. */
  readonly isCurrent: boolean;
}

export interface KnownSession {
  readonly id: string;
  readonly createdAtMs: number;
  /** When its tokens were made last. */
  readonly lastUsedAtMs: number;
}

export interface AccountSettingsStore {
  /** Writes the name with a notification to every friend if it is another. The result is null without a user. */
  rename(userId: string, displayName: string): Promise<Posted<UserCard | null>>;
  findCredentialsOf(userId: string): Promise<Credentials | null>;
  /**
   * Changes the hash and ends all other sessions, with their notifications. The result is false, and nothing is
   * changed, when the hash is not `from`.
   */
  changePassword(
    userId: string,
    change: { readonly from: string; readonly to: string; readonly keptSessionId: string | null },
  ): Promise<Posted<boolean>>;
  /** The newest first. */
  sessionsOf(userId: string, limit: number, after: TimePlace | null): Promise<KnownSession[]>;
}

function gone(): DomainError {
  return new DomainError('unauthenticated', 'The account is gone.');
}
