/** What happens at the same moment as a change of the password. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  ADDRESS,
  kindsOf,
  PASSWORD,
  startAccountServices,
  type AccountServices,
} from '../../support/account-services.js';

const NEW_PASSWORD = 'staple staple';

let services: AccountServices;

beforeAll(async () => {
  services = await startAccountServices();
});
afterAll(() => services.stop());
beforeEach(() => {
  services.published.length = 0;
  services.bus.failing = false;
});

/** Resolves when somebody waits for a lock. */
const somebodyWaits = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      expect(await services.rows(waiting)).toHaveLength(1);
    },
    { timeout: 5_000 },
  );

const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
const sessionsOf = (userId: string) =>
  services.rows<{ id: string }>('SELECT id FROM auth_sessions WHERE user_id = $1', [userId]);

test('who signs in with the old password while it changes is refused', async () => {
  const { user } = await services.signUp();
  const changing = await services.pool.connect();
  try {
    await changing.query('BEGIN');
    await changing.query(`UPDATE users SET password_hash = 'another' WHERE id = $1`, [user.id]);
    const signingIn = services.accounts.signIn({ handle: user.handle, password: PASSWORD }, ADDRESS);
    await Promise.all([
      somebodyWaits().then(() => changing.query('COMMIT')),
      expect(signingIn).rejects.toMatchObject({ kind: 'unauthenticated' }),
    ]);
  } finally {
    changing.release();
  }
  expect(await sessionsOf(user.id)).toHaveLength(1);
});

test('who signed in with the old password just before loses the session', async () => {
  const own = await services.signUp();
  const viewer = await services.accounts.authenticate(own.accessToken);
  const signingIn = await services.pool.connect();
  try {
    await signingIn.query('BEGIN');
    await signingIn.query('SELECT FROM users WHERE id = $1 FOR SHARE', [own.user.id]);
    await signingIn.query('INSERT INTO auth_sessions (id, user_id) VALUES (gen_random_uuid(), $1)', [
      own.user.id,
    ]);
    const changing = services.settings.changePassword(viewer, change, ADDRESS);
    await Promise.all([somebodyWaits().then(() => signingIn.query('COMMIT')), changing]);
  } finally {
    signingIn.release();
  }
  expect(await sessionsOf(own.user.id)).toEqual([{ id: own.sessionId }]);
});

test('two sessions that change it at once leave one of them', async () => {
  const first = await services.signUp();
  const second = await services.accounts.signIn({ handle: first.user.handle, password: PASSWORD }, ADDRESS);
  const viewers = await Promise.all(
    [first, second].map(({ accessToken }) => services.accounts.authenticate(accessToken)),
  );
  const outcomes = await Promise.allSettled(
    viewers.map((viewer, nth) =>
      services.settings.changePassword(viewer, { ...change, newPassword: `password ${nth}` }, ADDRESS),
    ),
  );
  expect(kindsOf(outcomes).toSorted()).toEqual(['forbidden', 'ok']);
  const winner = kindsOf(outcomes).indexOf('ok');
  expect(await sessionsOf(first.user.id)).toEqual([{ id: viewers[winner]?.sessionId }]);
  await services.accounts.signIn({ handle: first.user.handle, password: `password ${winner}` }, ADDRESS);
});

test('a bus that is down keeps no session alive', async () => {
  const own = await services.signUp();
  const other = await services.accounts.signIn({ handle: own.user.handle, password: PASSWORD }, ADDRESS);
  const viewer = await services.accounts.authenticate(own.accessToken);
  services.bus.failing = true;
  expect(await services.settings.changePassword(viewer, change, ADDRESS)).toBe(true);
  await expect(services.accounts.authenticate(other.accessToken)).rejects.toMatchObject({
    kind: 'unauthenticated',
  });
  services.bus.failing = false;
  await services.outboxStore.relay(0, 10, services.publishNotifications);
  expect(services.published).toEqual([
    { userId: own.user.id, notification: { kind: 'session-ended', sessionId: other.sessionId } },
  ]);
});

test('keeps the password in its composed form', async () => {
  const own = await services.signUp();
  const viewer = await services.accounts.authenticate(own.accessToken);
  const newPassword = 'pa\u0301ssword';
  await services.settings.changePassword(viewer, { ...change, newPassword }, ADDRESS);
  await services.accounts.signIn({ handle: own.user.handle, password: 'p\u00e1ssword' }, ADDRESS);
});
