import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { NearbyFriendsError } from '../../sdk/src/errors.js';
import type { AuthFieldsFragment } from '../../sdk/src/generated/operations.js';
import { createSession, type Session } from '../../sdk/src/session.js';
import { memoryTokens, type Tokens, type TokenStore } from '../../sdk/src/tokens.js';
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
let serverAheadMs: number;

beforeEach(() => {
  store = memoryTokens();
  trades = [];
  serverAheadMs = 0;
  session = openSession();
});

function openSession(): Session {
  return createSession(store, { now: () => Date.now() + serverAheadMs }, (refreshToken) => {
    const answer = deferred<AuthFieldsFragment>();
    trades.push({ refreshToken, answer });
    return answer.promise;
  });
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
  session.forget();
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  await expect(asked).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  expect(session.userId).toBeNull();
});

test('of two tabs that trade one refresh token, the later takes what the earlier got', async () => {
  session.start(grant('ada', 1, 30));
  const otherTab = openSession();
  const [here, there] = [session.accessToken(), otherTab.accessToken()];
  trades[1]?.answer.resolve(grant('ada', 2, 1_800));
  await there;
  trades[0]?.answer.reject(REFUSED);
  expect(await here).toBe('access ada 2');
  expect(session.userId).toBe('ada');
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
    await vi.waitFor(() => expect(trades).toHaveLength(1), { timeout: 10_000 });
    trades[0]?.answer.resolve(grant('ada', 2, 1_800));
    expect(await Promise.all(asked)).toEqual(['access ada 2', 'access ada 2']);
    expect(trades).toHaveLength(1);
  });

  test('a tab whose turn comes after somebody else signed in trades nothing', async () => {
    session.start(grant('ada', 1, 30));
    const asked = [session.accessToken(), openSession().accessToken()];
    await vi.waitFor(() => expect(trades).toHaveLength(1), { timeout: 10_000 });
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
  expect(session.userId).toBeNull();
});

test('a token holds by the time of the server, not by that of the device', async () => {
  session.start(grant('ada', 1, 1_800));
  serverAheadMs = 1_800_000;
  const asked = session.accessToken();
  trades[0]?.answer.resolve(grant('ada', 2, 7_200));
  expect(await asked).toBe('access ada 2');
  serverAheadMs = -86_400_000;
  session.start(grant('ada', 3, -3_600));
  expect(await session.accessToken()).toBe('access ada 3');
  expect(trades).toHaveLength(1);
});

describe('a store that takes nothing', () => {
  beforeEach(() => {
    const refuse = (): never => {
      throw new Error('QuotaExceededError');
    };
    store = { load: () => null, save: refuse };
    session = openSession();
    session.start(grant('ada', 1, 1_800));
  });

  test('lets somebody sign in and out, in memory', async () => {
    expect(session.userId).toBe('ada');
    expect(await session.accessToken()).toBe('access ada 1');
    session.forget();
    expect(session.userId).toBeNull();
    expect(await session.accessToken()).toBeNull();
  });
});

test('signs out although the store does not forget', async () => {
  const kept = memoryTokens();
  store = {
    load: () => kept.load(),
    save(tokens) {
      if (tokens === null) throw new Error('SecurityError');
      kept.save(tokens);
    },
  };
  session = openSession();
  session.start(grant('ada', 1, 1_800));
  session.forget();
  expect(session.userId).toBeNull();
  session.start(grant('bob', 1, 1_800));
  expect(session.userId).toBe('bob');
});

test('takes a store that can not be read for an empty one', async () => {
  store = {
    load() {
      throw new Error('SecurityError');
    },
    save: () => undefined,
  };
  session = openSession();
  expect(session.userId).toBeNull();
});

describe('a store that is full by the time of a renewal', () => {
  let isFull: boolean;
  beforeEach(() => {
    const { load, save } = memoryTokens();
    isFull = false;
    store = {
      load,
      save(tokens) {
        if (isFull && tokens !== null) throw new Error('QuotaExceededError');
        save(tokens);
      },
    };
    session = openSession();
    session.start(grant('ada', 1, 30));
    isFull = true;
  });

  test('keeps nobody from going on: the new tokens are in memory', async () => {
    for (const number of [2, 3]) {
      const asked = session.accessToken();
      trades.at(-1)?.answer.resolve(grant('ada', number, 30));
      expect(await asked).toBe(`access ada ${number}`);
    }
    expect(trades.map(({ refreshToken }) => refreshToken)).toEqual(['refresh ada 1', 'refresh ada 2']);
  });

  test('is believed again as soon as somebody else has changed it', async () => {
    const asked = session.accessToken();
    trades[0]?.answer.resolve(grant('ada', 2, 1_800));
    await asked;
    isFull = false;
    store.save({ ...(store.load() as Tokens), accessToken: 'access ada 4', refreshToken: 'refresh ada 4' });
    expect(session.userId).toBe('ada');
    const other = session.accessToken();
    trades[1]?.answer.resolve(grant('ada', 5, 1_800));
    expect(await other).toBe('access ada 5');
    expect(trades[1]?.refreshToken).toBe('refresh ada 4');
    store.save(null);
    expect(session.userId).toBeNull();
  });
});

test('whoever signs out with a token at its end is forgotten at once, and the server is told with a new one', async () => {
  session.start(grant('ada', 1, 30));
  const ended = session.end();
  expect([session.userId, store.load()]).toEqual([null, null]);
  trades[0]?.answer.resolve(grant('ada', 2, 1_800));
  expect([await ended, store.load()]).toEqual(['access ada 2', null]);
});

describe('tabs with copies of one store', () => {
  let siblingsName: string;
  beforeEach(() => {
    siblingsName = randomUUID();
  });

  const tab = (tokens: Tokens | null): TokenStore => {
    const { load, save } = memoryTokens();
    save(tokens);
    return { load, save, siblingsName };
  };

  test('take what the one that traded first has got, also much later', async () => {
    store = tab(null);
    session = openSession();
    session.start(grant('ada', 1, 30));
    store = tab(store.load());
    const copy = openSession();
    for (const number of [2, 3]) {
      const asked = session.accessToken();
      await vi.waitFor(() => expect(trades).toHaveLength(number - 1), { timeout: 10_000 });
      trades.at(-1)?.answer.resolve(grant('ada', number, number === 3 ? 1_800 : 30));
      await asked;
    }
    expect(await copy.accessToken()).toBe('access ada 3');
    expect(store.load()?.refreshToken).toBe('refresh ada 3');
    expect(trades).toHaveLength(2);
  });

  test('trade themselves when nobody answers, or somebody of another user', async () => {
    store = tab(null);
    session = openSession();
    session.start(grant('ada', 1, 30));
    store = tab(store.load());
    const copy = openSession();
    const first = session.accessToken();
    await vi.waitFor(() => expect(trades).toHaveLength(1), { timeout: 10_000 });
    trades[0]?.answer.resolve(grant('ada', 2, 1_800));
    await first;
    session.start(grant('bob', 1, 1_800));
    const asked = copy.accessToken();
    await vi.waitFor(() => expect(trades).toHaveLength(2), { timeout: 10_000 });
    expect(trades[1]?.refreshToken).toBe('refresh ada 1');
    trades[1]?.answer.resolve(grant('ada', 3, 1_800));
    expect(await asked).toBe('access ada 3');
  });
});
