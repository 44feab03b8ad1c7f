/** When the SDK gives a socket that is open another token, and what it does when that fails. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ErrorCode, NearbyFriendsError, signedOut } from '../../sdk/src/errors.js';
import { createTokenRenewal, type TokenRenewal } from '../../sdk/src/token-renewal.js';

const MINUTE_MS = 60_000;

let stored: { token: string; endsAtMs: number };
let sent: string[];
let renewed: string[];
let fail: NearbyFriendsError | null;
let accessToken: () => Promise<string | null>;
let invalidated: string[];
let renewal: TokenRenewal;
let isSameUser: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, renewed, invalidated, fail, isSameUser] = [[], [], [], null, true];
  store(1, 30);
  // As the session does: a token that holds for another minute is good enough.
  accessToken = () => {
    if (stored.endsAtMs - Date.now() <= MINUTE_MS) store(Number(stored.token) + 1, 30);
    return Promise.resolve(stored.token);
  };
  renewal = createTokenRenewal({
    session: {
      accessToken: () => accessToken(),
      invalidateAccessToken: (token) => void invalidated.push(token),
      leftMs: (token) => (token === stored.token ? stored.endsAtMs - Date.now() : 0),
    },
    checkUser: () => isSameUser,
    send(token) {
      sent.push(token);
      return fail === null ? Promise.resolve() : Promise.reject(fail);
    },
    onRenewed: (token) => void renewed.push(token),
  });
});

afterEach(() => vi.useRealTimers());

function store(number: number, minutes: number): void {
  stored = { token: String(number), endsAtMs: Date.now() + minutes * MINUTE_MS };
}

const minutes = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * MINUTE_MS);
const error = (code: ErrorCode): NearbyFriendsError => new NearbyFriendsError(code, code);

test('shortly before each token ends, the server gets the next one', async () => {
  renewal.start('1');
  await minutes(29);
  expect(sent).toEqual([]);
  await minutes(1);
  expect(sent).toEqual(['2']);
  await minutes(60);
  expect(renewed).toEqual(['2', '3', '4']);
});

test('a token that lasts for less than a minute is renewed in the middle of its life', async () => {
  store(1, 0.1);
  renewal.start('1');
  await vi.advanceTimersByTimeAsync(3_000);
  expect(renewed).toEqual(['2']);
});

test('a clock by which every token is at its end makes no storm', async () => {
  accessToken = () => {
    store(Number(stored.token) + 1, -60);
    return Promise.resolve(stored.token);
  };
  store(1, -60);
  renewal.start('1');
  await minutes(1);
  expect(sent.length).toBeGreaterThan(1);
  expect(sent.length).toBeLessThanOrEqual(60);
});

test('a token that another tab has renewed is sent as it is, at once when the socket opened with an old one', async () => {
  renewal.start('1');
  await minutes(29);
  store(2, 30);
  await minutes(1);
  expect(renewed).toEqual(['2']);
  store(7, 30);
  renewal.start('2');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(renewed).toEqual(['2', '7']);
});

test('a failure for now is tried again until the socket closes', async () => {
  renewal.start('1');
  fail = error('UNAVAILABLE');
  await minutes(29.3);
  expect(sent.length).toBeGreaterThan(1);
  expect(renewed).toEqual([]);
  fail = null;
  await minutes(0.1);
  expect(renewed).toEqual(['2']);
  renewal.start('2');
  fail = error('UNREACHABLE');
  await minutes(29.1);
  renewal.stop();
  const before = sent.length;
  await minutes(60);
  expect(sent).toHaveLength(before);
});

test('a token that the server refuses is not kept', async () => {
  renewal.start('1');
  fail = error('UNAUTHENTICATED');
  await minutes(29.1);
  expect(invalidated[0]).toBe('2');
});

test.each(['FORBIDDEN', 'GRAPHQL_VALIDATION_FAILED'] as const)(
  'after %s, as from an older server or for another session, the socket ends with its token',
  async (code) => {
    renewal.start('1');
    fail = error(code);
    await minutes(60);
    expect(sent).toEqual(['2']);
  },
);

test('nothing is sent when the session has ended, or nobody is signed in', async () => {
  renewal.start(null);
  await minutes(60);
  store(1, 30);
  accessToken = () => Promise.reject(signedOut());
  renewal.start('1');
  await minutes(60);
  accessToken = () => Promise.resolve(null);
  renewal.start('1');
  await minutes(60);
  expect(sent).toEqual([]);
});

test('a device that slept does not wait for its timers', async () => {
  renewal.start('1');
  vi.setSystemTime(Date.now() + 29.5 * MINUTE_MS);
  renewal.schedule();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(renewed).toEqual(['2']);
});

test('a socket that has closed while the token was renewed gets none', async () => {
  let answer: (token: string) => void = () => undefined;
  accessToken = () => new Promise((resolve) => (answer = resolve));
  renewal.start('1');
  await minutes(29.5);
  renewal.stop();
  answer('2');
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([]);
});

test('the token of another user is not sent', async () => {
  renewal.start('1');
  isSameUser = false;
  await vi.advanceTimersByTimeAsync(40 * MINUTE_MS);
  expect([sent, renewed]).toEqual([[], []]);
});
