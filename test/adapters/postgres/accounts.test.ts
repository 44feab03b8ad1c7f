import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Viewer } from '../../../src/domain/user.js';
import type { Accounts, Grant } from '../../../src/services/accounts.js';
import {
  ADDRESS,
  DAY_MS,
  kindsOf,
  PASSWORD,
  startAccountServices,
  type AccountServices,
} from '../../support/account-services.js';

let services: AccountServices;
let accounts: Accounts;

beforeAll(async () => {
  services = await startAccountServices();
  accounts = services.accounts;
});
afterAll(() => services.stop());
beforeEach(() => {
  services.published.length = 0;
});

const unauthenticated = { kind: 'unauthenticated' };

describe('signing up', () => {
  test('signs in at once; the handle is lower case, the name is trimmed', async () => {
    const grant = await accounts.signUp(
      { handle: 'Ada.L_1', displayName: '  Ada 🦉 ', password: PASSWORD },
      ADDRESS,
    );
    expect(grant.user).toEqual({ id: grant.user.id, handle: 'ada.l_1', displayName: 'Ada 🦉' });
    expect(grant.accessTokenExpiresAtMs - services.clock.nowMs).toBeGreaterThan(1_799_000);
    const viewer = await accounts.authenticate(grant.accessToken);
    expect(viewer).toMatchObject({ userId: grant.user.id, expiresAtMs: grant.accessTokenExpiresAtMs });
    expect(await accounts.me(viewer)).toEqual(grant.user);
  });

  test('a handle is taken once, in whatever case, also by fifty at a time', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => services.signUp(i % 2 === 0 ? 'wanted' : 'WANTED')),
    );
    expect(kindsOf(outcomes).filter((kind) => kind === 'ok')).toHaveLength(1);
    expect(kindsOf(outcomes).filter((kind) => kind === 'conflict')).toHaveLength(49);
    const rows = await services.rows(
      `SELECT FROM auth_sessions JOIN users ON users.id = user_id WHERE handle = 'wanted'`,
    );
    expect(rows).toHaveLength(1);
  });

  test.each([
    ['handle', ''],
    ['handle', 'ab'],
    ['handle', 'a'.repeat(31)],
    ['handle', 'with space'],
    ['handle', ' trimmed'],
    ['handle', 'trimmed\n'],
    ['handle', 'dash-ed'],
    ['handle', 'nul\0nul'],
    ['handle', 'ümlaut'],
    ['handle', '\u212aelvin'], // The Kelvin sign, whose lower case is an ASCII k.
    ['handle', 'lone\ud800'],
    ['handle', 'x'.repeat(1_000_000)],
    ['handle', '...'],
    ['handle', '___'],
    ['displayName', ''],
    ['displayName', ' \t\n '],
    ['displayName', 'x'.repeat(101)],
    ['displayName', '🦉'.repeat(101)],
    ['displayName', 'nul\0nul'],
    ['displayName', 'bell\u0007'],
    ['displayName', 'two\nlines'],
    ['displayName', 'lone\udc00'],
    ['displayName', '\u202elive'],
    ['displayName', 'Tom\u200b'],
    ['displayName', '\u3164'],
    ['password', ''],
    ['password', 'seven77'],
    ['password', '🦉🦉🦉🦉🦉🦉🦉'],
    ['password', 'x'.repeat(257)],
    ['password', 'nul\0nulnul'],
    ['password', 'lonelone\ud800'],
  ])('refuses an ill-formed %s, case %#', async (field, value) => {
    const before = await services.rows('SELECT FROM users');
    const input = { handle: 'fine', displayName: 'Fine', password: PASSWORD, [field]: value };
    await expect(accounts.signUp(input, ADDRESS)).rejects.toMatchObject({ kind: 'invalid' });
    expect(await services.rows('SELECT FROM users')).toHaveLength(before.length);
  });

  test.each([
    ['abc', '.'],
    ['x'.repeat(30), '🦉'.repeat(100)],
    ['_.0', 'Ωμέγα'],
  ])('takes the limits: %s', async (handle, displayName) => {
    const grant = await accounts.signUp({ handle, displayName, password: '🔑'.repeat(8) }, ADDRESS);
    expect(grant.user).toMatchObject({ handle, displayName });
    await accounts.signIn({ handle, password: '🔑'.repeat(8) }, ADDRESS);
  });

  test('keeps neither passwords nor refresh tokens', async () => {
    const grant = await accounts.signUp(
      { handle: 'hidden', displayName: 'x', password: 'open sesame 42' },
      ADDRESS,
    );
    const [row] = await services.rows<{ password_hash: string; everything: string }>(
      `SELECT password_hash, row_to_json(users)::text || (SELECT string_agg(encode(token_hash, 'escape'), '') FROM
         refresh_tokens) AS everything FROM users WHERE handle = 'hidden'`,
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(row?.everything).not.toContain('sesame');
    expect(row?.everything).not.toContain(grant.refreshToken);
  });
});

describe('signing in', () => {
  test('with the handle in either case and the password in either Unicode form', async () => {
    await accounts.signUp({ handle: 'unicode', displayName: 'x', password: 'pa\u0301ssword' }, ADDRESS);
    const grant = await accounts.signIn({ handle: 'UniCode', password: 'p\u00e1ssword' }, ADDRESS);
    expect(grant.user.handle).toBe('unicode');
  });

  test('works for who has a handle and a name of before a rule', async () => {
    const { user } = await services.signUp();
    const old = { id: user.id, handle: '___', displayName: '\u202elive\u3164' };
    await services.rows('UPDATE users SET handle = $1, display_name = $2 WHERE id = $3', [
      old.handle,
      old.displayName,
      old.id,
    ]);
    const signedIn = await accounts.signIn({ handle: '___', password: PASSWORD }, ADDRESS);
    const { accessToken } = await accounts.refreshToken(signedIn.refreshToken);
    expect(await accounts.me(await accounts.authenticate(accessToken))).toEqual(old);
    const [friend] = await services.people('old.friend');
    expect(await services.friends.findByHandle(friend, '___', ADDRESS)).toEqual(old);
  });

  test('is refused with one text whatever is wrong', async () => {
    await services.signUp('somebody');
    const attempts = [
      { handle: 'somebody', password: 'wrong password' },
      { handle: 'nobody', password: PASSWORD },
      { handle: 'no body!', password: PASSWORD },
      { handle: 'somebody', password: '' },
      { handle: 'somebody', password: 'x'.repeat(100_000) },
      { handle: 'somebody\0', password: '\ud800' },
    ];
    const errors = await Promise.all(
      attempts.map((attempt) => accounts.signIn(attempt, ADDRESS).catch((error: unknown) => error)),
    );
    for (const error of errors) expect(error).toEqual(errors[0]);
    expect(errors[0]).toMatchObject(unauthenticated);
  });

  test('takes about the same time for an unknown handle as for a wrong password', async () => {
    await services.signUp('timed');
    const timeOf = async (handle: string): Promise<number> => {
      const start = performance.now();
      await accounts.signIn({ handle, password: 'wrong password' }, ADDRESS).catch(() => {});
      return performance.now() - start;
    };
    // In turn, so that whatever else the machine does slows both alike.
    let [unknown, wrong] = [Infinity, Infinity];
    for (let i = 0; i < 8; i += 1) {
      unknown = Math.min(unknown, await timeOf('untimed'));
      wrong = Math.min(wrong, await timeOf('timed'));
    }
    expect(unknown).toBeGreaterThan(wrong / 3);
    expect(unknown).toBeLessThan(wrong * 3);
  });

  test('is limited by failures with one handle, not by successes or other handles', async () => {
    await services.signUp('guessed');
    for (let i = 0; i < 7; i += 1) await accounts.signIn({ handle: 'guessed', password: PASSWORD }, ADDRESS);
    const guesses = await Promise.allSettled(
      Array.from({ length: 12 }, () =>
        accounts.signIn({ handle: 'Guessed', password: 'wrong password' }, ADDRESS),
      ),
    );
    expect(kindsOf(guesses).filter((kind) => kind === 'unauthenticated')).toHaveLength(5);
    expect(kindsOf(guesses).filter((kind) => kind === 'rate-limited')).toHaveLength(7);
    await expect(accounts.signIn({ handle: 'guessed', password: PASSWORD }, ADDRESS)).rejects.toMatchObject({
      kind: 'rate-limited',
    });
    await services.signUp('unguessed');
    await accounts.signIn({ handle: 'unguessed', password: PASSWORD }, ADDRESS);
  });
});

describe('refreshing', () => {
  test('gives a new pair for the same session; the old access token still works', async () => {
    const first = await services.signUp();
    const second = await accounts.refreshToken(first.refreshToken);
    expect(second.user).toEqual(first.user);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const viewer = await accounts.authenticate(second.accessToken);
    expect(await accounts.authenticate(first.accessToken)).toMatchObject({ sessionId: viewer.sessionId });
    const third = await accounts.refreshToken(second.refreshToken);
    expect(third.user).toEqual(first.user);
  });

  test('with a token used 31 s ago ends the whole session, at once and on every server', async () => {
    const elsewhere = services.server().accounts;
    const first = await services.signUp();
    const other = await accounts.signIn({ handle: first.user.handle, password: PASSWORD }, ADDRESS);
    const second = await accounts.refreshToken(first.refreshToken);
    const { sessionId } = await accounts.authenticate(second.accessToken);
    await elsewhere.authenticate(second.accessToken);

    await pass(31);
    await expect(accounts.refreshToken(first.refreshToken)).rejects.toMatchObject(unauthenticated);
    expect(services.published).toEqual([
      { userId: first.user.id, notification: { kind: 'session-ended', sessionId } },
    ]);
    await expect(accounts.refreshToken(second.refreshToken)).rejects.toMatchObject(unauthenticated);
    for (const grant of [first, second]) await expectEnded(accounts, grant);
    await expectEnded(elsewhere, second);
    // Another session of the same user goes on.
    await accounts.authenticate(other.accessToken);
    await accounts.refreshToken(other.refreshToken);
  });

  test('many at once with one token, on two servers: all are answered, and whichever answer is kept goes on', async () => {
    const elsewhere = services.server().accounts;
    for (let kept = 0; kept < 5; kept += 1) {
      const first = await services.signUp();
      const { sessionId } = await accounts.authenticate(first.accessToken);
      const grants = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          (n % 2 === 0 ? accounts : elsewhere).refreshToken(first.refreshToken),
        ),
      );
      for (const { accessToken } of grants) {
        expect(await accounts.authenticate(accessToken)).toMatchObject({ sessionId });
      }
      let grant = grants[kept] as Grant;
      for (let renewal = 0; renewal < 3; renewal += 1) {
        await pass(60);
        grant = await elsewhere.refreshToken(grant.refreshToken);
      }
      expect(services.published).toEqual([]);
    }
  });

  test('again within 30 s of the first use ends nothing; a repeat does not extend that', async () => {
    const first = await services.signUp();
    await accounts.refreshToken(first.refreshToken);
    await pass(20);
    const again = await accounts.refreshToken(first.refreshToken);
    await pass(9);
    const last = await accounts.refreshToken(first.refreshToken);
    await accounts.authenticate(again.accessToken);
    await pass(2);
    await expect(accounts.refreshToken(first.refreshToken)).rejects.toMatchObject(unauthenticated);
    await expectEnded(accounts, last);
  });

  test('also when its successor is in use already', async () => {
    const first = await services.signUp();
    const second = await accounts.refreshToken(first.refreshToken);
    const third = await accounts.refreshToken(second.refreshToken);
    await accounts.refreshToken(first.refreshToken);
    await pass(60);
    const fourth = await accounts.refreshToken(third.refreshToken);
    await accounts.authenticate(fourth.accessToken);
  });

  describe('of two holders, who both got a pair for one token,', () => {
    async function twoHolders(): Promise<[Grant, Grant]> {
      const first = await services.signUp();
      const owners = await accounts.refreshToken(first.refreshToken);
      return [owners, await accounts.refreshToken(first.refreshToken)];
    }

    test('the second who uses it after the grace ends the session', async () => {
      const [owners, thiefs] = await twoHolders();
      await pass(1_700);
      const next = await accounts.refreshToken(owners.refreshToken);
      await pass(31);
      await expect(accounts.refreshToken(thiefs.refreshToken)).rejects.toMatchObject(unauthenticated);
      await expectEnded(accounts, next);
    });

    test.each([
      ['the owner is always first', [0, 1]],
      ['the thief is always first', [1, 0]],
    ])('both are out at the second renewal, however soon they follow each other: %s', async (_, order) => {
      let grants: Grant[] = await twoHolders();
      const renewed: Grant[] = [];
      await pass(1_700);
      for (const index of order)
        renewed[index] = await accounts.refreshToken((grants[index] as Grant).refreshToken);
      grants = renewed;
      await pass(1_700);
      const [leader = 0, follower = 0] = order;
      const ahead = await accounts.refreshToken((grants[leader] as Grant).refreshToken);
      await expect(accounts.refreshToken((grants[follower] as Grant).refreshToken)).rejects.toMatchObject(
        unauthenticated,
      );
      await expectEnded(accounts, ahead);
    });

    test('the session goes on when only one of them is seen again, however often tabs race', async () => {
      let [kept] = await twoHolders();
      for (let renewal = 0; renewal < 5; renewal += 1) {
        await pass(1_700);
        const [both] = await Promise.all([
          accounts.refreshToken(kept.refreshToken),
          accounts.refreshToken(kept.refreshToken),
        ]);
        kept = both;
      }
      await accounts.authenticate(kept.accessToken);
    });
  });

  test('works with tokens of servers that knew no generations, also when both kinds of server run', async () => {
    const byOldServer = (token: string) =>
      services.rows('UPDATE refresh_tokens SET generation = NULL WHERE token_hash = sha256($1)', [token]);
    let grant = await services.signUp();
    for (const madeByOldServer of [true, true, false, true, false, false, true]) {
      if (madeByOldServer) await byOldServer(grant.refreshToken);
      await pass(1_700);
      await accounts.refreshToken(grant.refreshToken);
      grant = await accounts.refreshToken(grant.refreshToken);
    }
    await accounts.authenticate(grant.accessToken);
  });

  test('while signing out at once never deadlocks, and the session is over', async () => {
    for (let i = 0; i < 10; i += 1) {
      const first = await services.signUp();
      const viewer = await accounts.authenticate(first.accessToken);
      const [, refreshed] = await Promise.allSettled([
        accounts.signOut(viewer),
        accounts.refreshToken(first.refreshToken),
      ]);
      expect(['ok', 'unauthenticated']).toContain(kindsOf([refreshed])[0]);
      await expectEnded(accounts, first);
    }
  });

  test.each(['', 'x', '\0', '\ud800', 'A'.repeat(43), 'x'.repeat(1_000_000)])(
    'refuses what is no token, case %#',
    async (token) => {
      await expect(accounts.refreshToken(token)).rejects.toMatchObject(unauthenticated);
    },
  );

  test('ends with the time of the token; a used one past its time ends nothing', async () => {
    const first = await services.signUp();
    const second = await accounts.refreshToken(first.refreshToken);
    services.clock.nowMs += 15 * DAY_MS;
    const third = await accounts.refreshToken(second.refreshToken);
    services.clock.nowMs += 20 * DAY_MS;
    await expect(accounts.refreshToken(second.refreshToken)).rejects.toMatchObject(unauthenticated);
    const fourth = await accounts.refreshToken(third.refreshToken);
    services.clock.nowMs += 30 * DAY_MS;
    await expect(accounts.refreshToken(fourth.refreshToken)).rejects.toMatchObject(unauthenticated);
  });

  test('what is past its time is swept away, what is not stays', async () => {
    const old = await services.signUp();
    services.clock.nowMs += 29 * DAY_MS;
    const kept = await accounts.refreshToken(old.refreshToken);
    const gone = await services.signUp();
    await services.rows(
      `UPDATE auth_sessions SET created_at = now() - interval '60 days' WHERE user_id = $1`,
      [gone.user.id],
    );
    await services.rows('UPDATE refresh_tokens SET expires_at = now() WHERE session_id IN (SELECT id FROM auth_sessions WHERE user_id = $1)', [
      gone.user.id,
    ]); // prettier-ignore
    services.clock.nowMs += 2 * DAY_MS;
    await accounts.sweepSessions();
    expect(await services.rows('SELECT FROM auth_sessions WHERE user_id = $1', [gone.user.id])).toEqual([]);
    const tokens = await services.rows(
      'SELECT FROM refresh_tokens JOIN auth_sessions ON id = session_id WHERE user_id = $1',
      [old.user.id],
    );
    expect(tokens).toHaveLength(1);
    await accounts.refreshToken(kept.refreshToken);
  });
});

describe('signing out', () => {
  test('ends the session and nothing else', async () => {
    const first = await services.signUp();
    const other = await accounts.signIn({ handle: first.user.handle, password: PASSWORD }, ADDRESS);
    const viewer = await accounts.authenticate(first.accessToken);
    expect(await accounts.signOut(viewer)).toBe(true);
    expect(services.published).toEqual([
      { userId: first.user.id, notification: { kind: 'session-ended', sessionId: viewer.sessionId } },
    ]);
    await expectEnded(accounts, first);
    await accounts.authenticate(other.accessToken);
    await accounts.refreshToken(other.refreshToken);
    expect(await accounts.signOut(viewer)).toBe(false);
  });

  test('without a session here ends nothing', async () => {
    const { user } = await services.signUp();
    expect(
      await accounts.signOut({ userId: user.id, sessionId: null, expiresAtMs: Infinity, keyId: null }),
    ).toBe(false);
  });

  test('is known on every server at once, also when its notification is lost', async () => {
    const elsewhere = services.server().accounts;
    const grant = await services.signUp();
    await elsewhere.authenticate(grant.accessToken);
    await accounts.signOut(await accounts.authenticate(grant.accessToken));
    await expectEnded(elsewhere, grant);
  });
});

describe('deleting the account', () => {
  test('leaves nothing of the user, and tells everybody concerned', async () => {
    const grant = await services.signUp();
    const viewer = await accounts.authenticate(grant.accessToken);
    const [friend, asked, asking, blocked] = await services.people('fred', 'asked', 'asking', 'blocked');
    await services.befriend(viewer, friend);
    const outgoing = await services.friends.sendRequest(viewer, asked.userId);
    const incoming = await services.friends.sendRequest(asking, viewer.userId);
    await services.friends.block(viewer, blocked.userId);
    await recordHistory(viewer);
    services.published.length = 0;

    expect(await accounts.deleteAccount(viewer)).toBe(true);

    expect(new Set(services.published)).toEqual(
      new Set([
        {
          userId: friend.userId,
          notification: { kind: 'relation', friendId: viewer.userId, isFriendship: true },
        },
        {
          userId: asked.userId,
          notification: { kind: 'request', request: { ...outgoing, status: 'CANCELLED' } },
        },
        {
          userId: asking.userId,
          notification: { kind: 'request', request: { ...incoming, status: 'DECLINED' } },
        },
        { userId: viewer.userId, notification: { kind: 'session-ended', sessionId: null } },
      ]),
    );
    expect(await tracesOf(viewer)).toEqual([]);
    await expectEnded(accounts, grant);
    await expect(accounts.refreshToken(grant.refreshToken)).rejects.toMatchObject(unauthenticated);
    expect(await accounts.deleteAccount(viewer)).toBe(true);
    await expect(accounts.me(viewer)).rejects.toMatchObject(unauthenticated);
    await expect(
      accounts.signIn({ handle: grant.user.handle, password: PASSWORD }, ADDRESS),
    ).rejects.toMatchObject(unauthenticated);
    expect((await services.friends.friendsPage(friend, { first: 5 })).totalCount).toBe(0);
    await services.signUp(grant.user.handle);
  });

  test('fifty attempts at once delete it once, and all say that it is gone', async () => {
    const viewer = await accounts.authenticate((await services.signUp()).accessToken);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => accounts.deleteAccount(viewer)),
    );
    expect(kindsOf(outcomes)).toEqual(Array(50).fill('ok'));
    const ends = services.published.filter(({ notification }) => notification.kind === 'session-ended');
    expect(ends).toHaveLength(1);
    expect(await tracesOf(viewer)).toEqual([]);
  });

  test('waits for history being written, whose rows are erased too', async () => {
    const viewer = await accounts.authenticate((await services.signUp()).accessToken);
    const writer = await services.pool.connect();
    await writer.query('BEGIN');
    await writer.query('SELECT pg_advisory_xact_lock_shared($1)', [7_300_001]);
    const { rowCount } = await writer.query(
      `INSERT INTO location_history SELECT id, now(), gen_random_uuid(), now(), 1, 2 FROM users WHERE id = $1`,
      [viewer.userId],
    );
    expect(rowCount).toBe(1);
    const deleted = accounts.deleteAccount(viewer);
    await expect.poll(() => waitingForAdvisoryLocks()).toBe(1);
    await writer.query('COMMIT');
    writer.release();
    await deleted;
    expect(await tracesOf(viewer)).toEqual([]);
  });

  test('erases later what a crash kept it from erasing', async () => {
    const viewer = await accounts.authenticate((await services.signUp()).accessToken);
    await recordHistory(viewer);
    await services.rows('DELETE FROM users WHERE id = $1', [viewer.userId]);
    await services.rows('INSERT INTO erasures (user_id) VALUES ($1)', [viewer.userId]);
    expect(await accounts.eraseDeletedUsers()).toBe(1);
    expect(await tracesOf(viewer)).toEqual([]);
    expect(await accounts.eraseDeletedUsers()).toBe(0);
  });
});

describe('authenticating', () => {
  test.each(['', 'x', 'a.b.c', '\ud800', 'null', '..', 'x'.repeat(1_000_000)])(
    'refuses what is no token, case %#',
    async (token) => {
      await expect(accounts.authenticate(token)).rejects.toMatchObject(unauthenticated);
    },
  );

  test('refuses a token past its time', async () => {
    const grant = await services.signUp();
    services.clock.nowMs = grant.accessTokenExpiresAtMs - 1;
    await accounts.authenticate(grant.accessToken);
    services.clock.nowMs = grant.accessTokenExpiresAtMs + 1_000;
    await expectEnded(accounts, grant);
  });

  test('goes on for those who are signed in while PostgreSQL does not answer, and for nobody else', async () => {
    const [known, unknown] = [await services.signUp(), await services.signUp()];
    await accounts.authenticate(known.accessToken);
    const locker = await services.pool.connect();
    await locker.query('BEGIN');
    await locker.query('LOCK auth_sessions IN ACCESS EXCLUSIVE MODE');
    try {
      const outcomes = await Promise.allSettled(
        [known, unknown].map((grant) => accounts.authenticate(grant.accessToken)),
      );
      expect(kindsOf(outcomes)).toEqual(['ok', 'unavailable']);
      await accounts.authenticate(known.accessToken);
    } finally {
      await locker.query('ROLLBACK');
      locker.release();
    }
    await accounts.authenticate(unknown.accessToken);
  });

  test('looks many sessions up by few queries', async () => {
    const elsewhere = services.server().accounts;
    const grants = [await services.signUp(), await services.signUp()];
    let queries = 0;
    const { query } = services.pool;
    services.pool.query = ((...args: unknown[]) => {
      queries += 1;
      return Reflect.apply(query, services.pool, args) as unknown;
    }) as typeof query;
    try {
      await Promise.all(
        Array.from({ length: 400 }, (_, i) => elsewhere.authenticate(grants[i % 2]?.accessToken ?? '')),
      );
    } finally {
      services.pool.query = query;
    }
    expect(queries).toBeLessThan(100);
    expect(queries).toBeGreaterThan(0);
  });
});

async function expectEnded(where: Accounts, grant: Grant): Promise<void> {
  await expect(where.authenticate(grant.accessToken)).rejects.toMatchObject(unauthenticated);
}

/** Lets time pass for refresh tokens that were used. */
async function pass(seconds: number): Promise<void> {
  await services.rows('UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1)', [seconds]);
}

async function recordHistory({ userId }: Viewer): Promise<void> {
  await services.rows(
    `INSERT INTO location_history SELECT $1, now() - i * interval '1 day', gen_random_uuid(), now(), 1, 2
       FROM generate_series(1, 5) i`,
    [userId],
  );
  await services.rows(
    'INSERT INTO location_ids SELECT $1, gen_random_uuid(), now(), gen_random_uuid() FROM generate_series(1, 5)',
    [userId],
  );
}

/** The tables that still name the user, over all columns that could. */
async function tracesOf({ userId }: Viewer): Promise<string[]> {
  const columns = await services.rows<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'public' AND udt_name = 'uuid'`,
  );
  const traces: string[] = [];
  for (const { table_name, column_name } of columns) {
    const rows = await services.rows(`SELECT FROM ${table_name} WHERE ${column_name} = $1`, [userId]);
    if (rows.length > 0) traces.push(`${table_name}.${column_name}`);
  }
  return traces;
}

async function waitingForAdvisoryLocks(): Promise<number> {
  const rows = await services.rows(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
  return rows.length;
}
