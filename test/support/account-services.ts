import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { createAccessTokens } from '../../src/adapters/jwt/access-tokens.js';
import { ringOf } from '../../src/adapters/jwt/key-ring.js';
import { generateSigningKey, signingKeyFromJwk } from '../../src/adapters/jwt/signing-key.js';
import { createPasswords } from '../../src/adapters/password-hash.js';
import { createAccountSettingsStore } from '../../src/adapters/postgres/account-settings-store.js';
import { createAccountsStore } from '../../src/adapters/postgres/accounts-store.js';
import { createFriendsStore } from '../../src/adapters/postgres/friends-store.js';
import { createActiveSessions } from '../../src/adapters/postgres/active-sessions.js';
import { createOutboxStore } from '../../src/adapters/postgres/outbox-store.js';
import { createPool } from '../../src/adapters/postgres/pool.js';
import { createPrisma } from '../../src/adapters/postgres/prisma.js';
import { createRateLimiters } from '../../src/adapters/rate-limiters.js';
import { createRefreshTokens } from '../../src/adapters/refresh-tokens.js';
import type { AddressedNotification } from '../../src/domain/notification.js';
import type { Viewer } from '../../src/domain/user.js';
import { createLogger } from '../../src/log.js';
import { createAccountSettings } from '../../src/services/account-settings.js';
import { createAccounts, type Grant } from '../../src/services/accounts.js';
import type { FriendLimit } from '../../src/services/friend-limit.js';
import { createFriends } from '../../src/services/friends.js';
import { createOpenIdSignIn, type OpenIdVerifier } from '../../src/services/openid-sign-in.js';
import { createOutbox } from '../../src/services/outbox.js';
import { systemClock } from '../../src/time/clock.js';
import { createSessionCheck } from '../../src/services/session-check.js';
import { createSignInLimit } from '../../src/services/sign-in-limit.js';
import { createTestDatabase } from './postgres.js';

export const DAY_MS = 86_400_000;
export const PASSWORD = 'correct horse battery';
/** Whose requests they are. */
export const ADDRESS = '192.0.2.1';

const NO_LIMIT: FriendLimit = {
  countLookup: async () => undefined,
  countRequest: async () => undefined,
  takeBackRequest: async () => undefined,
};

/**
 * Accounts and friends on a database of their own, as one server runs them, with a clock to move and a bus that keeps
 * what was published. `server()` makes another server on the same database.
 */
export async function startAccountServices(options: { verifier?: OpenIdVerifier } = {}) {
  const database = await createTestDatabase();
  const log = createLogger('silent');
  const pool = createPool(database.url, { log });
  const prisma = createPrisma(pool);
  const passwords = await createPasswords();
  const key = await signingKeyFromJwk((await generateSigningKey()).privateJwk);
  const limiterOf = createRateLimiters(null, { keys: [key] });
  const published: AddressedNotification[] = [];
  const bus = { failing: false };
  const clock = { nowMs: Date.now() };
  const now = () => clock.nowMs;
  const publishNotifications = async (notifications: readonly AddressedNotification[]) => {
    if (bus.failing) throw new Error('The bus is down');
    published.push(...notifications);
  };

  function server() {
    const store = createAccountsStore(prisma, { sessionLifetimeMs: DAY_MS });
    const outboxStore = createOutboxStore(pool);
    const outbox = createOutbox({ store: outboxStore, publishNotifications, log, clock: systemClock });
    const signIn = {
      passwords,
      signInLimit: createSignInLimit({
        failuresOfHandle: limiterOf('failures of handle', { points: 5, seconds: 600 }),
        failures: limiterOf('failures', { points: 100, seconds: 600 }),
        signUps: limiterOf('sign-ups', { points: 1_000, seconds: 600 }),
        onFailed: () => undefined,
        onRefused: () => undefined,
      }),
      sessions: createSessionCheck({
        activeSessions: createActiveSessions(pool, systemClock),
        clock: { ...systemClock, monotonic: now },
      }),
    };
    const accounts = createAccounts({
      ...signIn,
      store,
      outbox,
      accessTokens: createAccessTokens({ ring: ringOf(key), lifetimeMs: 1_800_000, now }),
      refreshTokens: createRefreshTokens({ lifetimeMs: 30 * DAY_MS }),
      openId: options.verifier
        ? createOpenIdSignIn({
            verifier: options.verifier,
            store,
            newId: uuidv7,
            monotonic: now,
          })
        : null,
      clearLocation: async () => {},
      newId: uuidv7,
      now,
      clock: systemClock,
      log,
    });
    const settings = createAccountSettings({
      ...signIn,
      store: createAccountSettingsStore(prisma, systemClock),
      outbox,
      accounts,
      endSession: store.endSession,
    });
    const friends = createFriends({
      store: createFriendsStore(prisma),
      outbox,
      limit: NO_LIMIT,
      newId: uuidv7,
      now,
      onAsked: () => undefined,
    });
    return { accounts, settings, friends, outboxStore };
  }

  let lastHandle = 0;
  const first = server();
  return {
    ...first,
    server,
    pool,
    prisma,
    clock,
    bus,
    published,
    publishNotifications,
    log,
    signUp(handle = `user${++lastHandle}`): Promise<Grant> {
      return first.accounts.signUp(
        { handle, displayName: handle.toUpperCase(), password: PASSWORD },
        ADDRESS,
      );
    },
    /** Makes users without passwords, which takes no time. */
    async people<const Names extends readonly string[]>(
      ...names: Names
    ): Promise<{ [K in keyof Names]: Viewer }> {
      const people = names.map((handle) => ({ id: uuidv7(), handle, displayName: handle }));
      await prisma.user.createMany({ data: people });
      return people.map(({ id }) => viewerOf(id)) as { [K in keyof Names]: Viewer };
    },
    async befriend(a: Viewer, b: Viewer): Promise<void> {
      await first.friends.sendRequest(a, b.userId);
      await first.friends.sendRequest(b, a.userId);
    },
    /** Rows of a query, for looking behind the services. */
    async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
      return (await pool.query<Row>(sql, values)).rows;
    },
    async stop(): Promise<void> {
      await prisma.$disconnect();
      await pool.end();
      await database.drop();
    },
  };
}

export type AccountServices = Awaited<ReturnType<typeof startAccountServices>>;

export function viewerOf(userId: string): Viewer {
  return { userId, sessionId: null, expiresAtMs: Infinity, keyId: null };
}

/** The kinds of the DomainErrors among the outcomes; other errors are thrown on. */
export function kindsOf(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return 'ok';
    const reason: unknown = outcome.reason;
    if (reason instanceof Error && 'kind' in reason) return String(reason.kind);
    throw reason;
  });
}
