import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { NearbyFriendsError } from '../../sdk/src/errors.js';
import type { AuthFieldsFragment } from '../../sdk/src/generated/operations.js';
import { createSession, type Session } from '../../sdk/src/session.js';
import { memoryTokens, type TokenStore } from '../../sdk/src/tokens.js';
import { type Deferred, deferred } from '../support/deferred.js';

/** @param seconds for how long its access token holds. */
const grant = (id: string, number: number, seconds: number): AuthFieldsFragment => ({
  user: { id, handle: id, displayName: id },
  accessToken: `access ${id} ${number}`,
  accessTokenExpiresAt: new Date(Date.now() + seconds * 1_000).toISOString(),
  refreshToken: `refresh ${id} ${number}`,
});

const REFUSED = new NearbyFriendsError('UNAUTHENTICATED', 'used already');

let store: TokenStore;
let trades: { readonly refreshToken: string; readonly answer: Deferred<AuthFieldsFragment> }[];
let session: Session;
const onEnd = vi.fn();

beforeEach(() => {
  store = memoryTokens();
  trades = [];
  onEnd.mockClear();
  session = openSession();
});

function openSession(): Session {
  return createSession(
    store,
    (refreshToken) => {
      const answer = deferred<AuthFieldsFragment>();
      trades.push({ refreshToken, answer });
      return answer.promise;
    },
    onEnd,
  );
}

test('all who need a new token at the same moment share one trade', async () => {
  session.start(grant('ada', 1, 30));
  const asked = [session.accessToken(), session.accessToken()];
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  expect(await Promise.all(asked)).toEqual(['access ada 2', 'access ada 2']);
  expect(await session.accessToken()).toBe('access ada 2');
  expect(trades).toHaveLength(1);
});

test('a trade that fails for now is made again', async () => {
  session.start(grant('ada', 1, 30));
  const asked = session.accessToken();
  trades[0]?.answer.reject(new NearbyFriendsError('UNREACHABLE', 'no answer'));
  await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE' });
  const again = session.accessToken();
  trades[1]?.answer.resolve(grant('ada', 2, 1_800));
  expect(await again).toBe('access ada 2');
});

test('somebody who signs in while the tokens of another are traded stays signed in', async () => {
  session.start(grant('ada', 1, 30));
  const adas = session.accessToken();
  session.start(grant('bob', 1, 30));
  const bobs = session.accessToken();
  expect(trades.map(({ refreshToken }) => refreshToken)).toEqual(['refresh ada 1', 'refresh bob 1']);
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  await expect(adas).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  expect(session.userId).toBe('bob');
  trades[1]?.answer.resolve(grant('bob', 2, 1_800));
  expect(await bobs).toBe('access bob 2');
});

test('who signed out while tokens were traded stays signed out', async () => {
  session.start(grant('ada', 1, 30));
  const asked = session.accessToken();
  session.end();
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  await expect(asked).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  expect([session.userId, onEnd.mock.calls.length]).toEqual([null, 0]);
});

test('of two tabs that trade one refresh token, the later takes what the earlier got', async () => {
  session.start(grant('ada', 1, 30));
  const otherTab = openSession();
  const [here, there] = [session.accessToken(), otherTab.accessToken()];
  trades[1]?.answer.resolve(grant('ada', 2, 1_800));
  await there;
  trades[0]?.answer.reject(REFUSED);
  expect(await here).toBe('access ada 2');
  expect(onEnd).not.toHaveBeenCalled();
});

describe('where tabs can take turns', () => {
  beforeEach(() => {
    store = { ...memoryTokens(), lockName: 'tokens' };
    session = openSession();
    let last: Promise<unknown> = Promise.resolve();
    const request = <T>(name: string, _options: object, work: () => Promise<T>): Promise<T> => {
      expect(name).toBe('tokens');
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    };
    vi.stubGlobal('navigator', { locks: { request } });
  });
  afterEach(() => vi.unstubAllGlobals());

  test('the later of two tabs takes what the earlier got, and trades nothing', async () => {
    session.start(grant('ada', 1, 30));
    const asked = [session.accessToken(), openSession().accessToken()];
    await vi.waitFor(() => expect(trades).toHaveLength(1));
    trades[0]?.answer.resolve(grant('ada', 2, 1_800));
    expect(await Promise.all(asked)).toEqual(['access ada 2', 'access ada 2']);
    expect(trades).toHaveLength(1);
  });

  test('a tab whose turn comes after somebody else signed in trades nothing', async () => {
    session.start(grant('ada', 1, 30));
    const asked = [session.accessToken(), openSession().accessToken()];
    await vi.waitFor(() => expect(trades).toHaveLength(1));
    session.start(grant('bob', 1, 1_800));
    trades[0]?.answer.resolve(grant('ada', 2, 1_800));
    for (const answer of asked) await expect(answer).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    expect(trades).toHaveLength(1);
  });
});

test('a tab that never ends its turn is not waited for', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', {
    locks: {
      request: (_name: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  store = { ...memoryTokens(), lockName: 'tokens' };
  session = openSession();
  session.start(grant('ada', 1, 30));
  const asked = session.accessToken();
  await vi.advanceTimersByTimeAsync(15_000);
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  expect(await asked).toBe('access ada 2');
});

test('a token that the server refused is traded, once another tab has not done so already', async () => {
  session.start(grant('ada', 1, 1_800));
  session.invalidateAccessToken('access ada 1');
  const asked = session.accessToken();
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  expect(await asked).toBe('access ada 2');
  // The socket that is closed now had been opened with the old one.
  session.invalidateAccessToken('access ada 1');
  expect(await session.accessToken()).toBe('access ada 2');
  expect(trades).toHaveLength(1);
});

test('a refresh token that nobody traded and that is refused is the end', async () => {
  session.start(grant('ada', 1, 30));
  const asked = session.accessToken();
  trades[0]?.answer.reject(REFUSED);
  await expect(asked).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  expect([session.userId, onEnd.mock.calls.length]).toEqual([null, 1]);
});
