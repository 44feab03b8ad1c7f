/**
 * What operators do with somebody's account, over the database, whether servers run or not. Running servers hear of it
 * by the outbox within seconds.
 */
import { createAccountSettingsStore } from '../../adapters/postgres/account-settings-store.js';
import { createAccountsStore } from '../../adapters/postgres/accounts-store.js';
import { createDeviceTokenStore } from '../../adapters/postgres/device-token-store.js';
import type { PrismaClient } from '../../adapters/postgres/prisma.js';
import { normalizeHandle } from '../../domain/handle.js';
import { isId } from '../../domain/id.js';
import type { KnownSession } from '../../services/account-settings.js';
import type { DeviceToken } from '../../services/device-tokens.js';
import { systemClock } from '../../time/clock.js';
import { CommandError } from '../command-error.js';

/** @param eraseElsewhere deletes what another database than PostgreSQL has of a deleted user's history. */
export function createAccountsAdmin(
  prisma: PrismaClient,
  eraseElsewhere: (userId: string) => Promise<void>,
): AccountsAdmin {
  const accounts = createAccountsStore(prisma, { sessionLifetimeMs: 0, eraseElsewhere }, systemClock);
  const settings = createAccountSettingsStore(prisma, systemClock);
  const devices = createDeviceTokenStore(prisma, systemClock);

  /** @throws CommandError where there is nobody. */
  async function idOf(who: string): Promise<string> {
    const handle = normalizeHandle(who.replace(/^@/, ''));
    const where = isId(who.toLowerCase()) ? { id: who.toLowerCase() } : { handle: handle ?? '' };
    const user = await prisma.user.findUnique({ where, select: { id: true } });
    if (user === null) throw new CommandError(`There is no user ${who}.`);
    return user.id;
  }

  async function waysInOf(who: string): Promise<WaysIn> {
    const id = await idOf(who);
    const sessions = await settings.sessionsOf(id, MOST_SESSIONS, null);
    return { sessions, deviceTokens: await devices.listOf(id) };
  }

  return {
    async find(who) {
      const id = await idOf(who);
      const found = await prisma.user.findUniqueOrThrow({
        where: { id },
        select: {
          handle: true,
          displayName: true,
          createdAt: true,
          oidcIssuer: true,
          _count: { select: { sessions: true, deviceTokens: true, friendships: true } },
        },
      });
      const { handle, displayName, createdAt, oidcIssuer, _count: count } = found;
      return { id, handle, displayName, createdAt: createdAt.toISOString(), oidcIssuer, ...count };
    },

    waysInOf,

    async signOut(who) {
      const id = await idOf(who);
      const { sessions, deviceTokens } = await waysInOf(id);
      for (const session of sessions) await accounts.endSession(id, session.id);
      for (const token of deviceTokens) await devices.remove(id, token.id);
      return { sessions: sessions.length, deviceTokens: deviceTokens.length };
    },

    async delete(who) {
      const id = await idOf(who);
      await accounts.deleteUser(id);
      await accounts.eraseHistory(id);
    },
  };
}

/** Each takes a handle or an id. @throws CommandError where there is nobody. */
export interface AccountsAdmin {
  find(who: string): Promise<FoundUser>;
  /** Newest first. */
  waysInOf(who: string): Promise<WaysIn>;
  /** Ends all sessions and device tokens. Resolves to how many. */
  signOut(who: string): Promise<{ readonly sessions: number; readonly deviceTokens: number }>;
  /** Deletes the account, its friendships and its history for good. */
  delete(who: string): Promise<void>;
}

export interface FoundUser {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
  readonly createdAt: string;
  /** Null for an account of our own. */
  readonly oidcIssuer: string | null;
  readonly sessions: number;
  readonly deviceTokens: number;
  readonly friendships: number;
}

export interface WaysIn {
  readonly sessions: readonly KnownSession[];
  readonly deviceTokens: readonly DeviceToken[];
}

const MOST_SESSIONS = 10_000;
