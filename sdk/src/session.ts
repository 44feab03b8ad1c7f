/**
 * The signed-in user and an access token that is valid, renewed in time. All callers at the same moment share
 * one refresh. Tabs that share a store take turns, and a tab whose turn comes looks first whether another one
 * has refreshed meanwhile. Where tabs can't take turns, the server answers a token that comes twice.
 */
import { NearbyFriendsError, signedOut } from './errors.js';
import type { AuthFieldsFragment } from './generated/operations.js';
import { inTurn } from './in-turn.js';
import type { ServerClock } from './server-clock.js';
import { keptValue } from './kept-value.js';
import { createSiblingTabs, type SiblingTabs } from './sibling-tabs.js';
import type { AsyncTokenStore, Tokens, TokenStore } from './tokens.js';

/** @param refresh the refreshToken mutation. */
export function createSession(
  store: TokenStore | AsyncTokenStore,
  clock: Pick<ServerClock, 'now'>,
  refresh: (refreshToken: string) => Promise<AuthFieldsFragment>,
): Session {
  let refreshing: { readonly refreshToken: string; readonly accessToken: Promise<string> } | null = null;
  let refusedToken: string | null = null;
  /** What a store that is full or forbidden did not take, and what it holds in its place. */
  let unsaved: { readonly tokens: Tokens | null; readonly stored: string | undefined } | null = null;

  const kept = keptValue<Tokens>(store);
  const siblings = createSiblingTabs(store.siblingsName, load);

  /** Whatever somebody else has put into the store is newer than what it did not take from us. */
  function load(): Tokens | null {
    const stored = loadStored();
    return unsaved !== null && unsaved.stored === stored?.refreshToken ? unsaved.tokens : stored;
  }

  /** Null also for a store that can't be read. */
  function loadStored(): Tokens | null {
    try {
      return kept.load();
    } catch {
      return null;
    }
  }

  function save(tokens: Tokens | null): void {
    try {
      kept.save(tokens);
      unsaved = null;
    } catch {
      unsaved = { tokens, stored: loadStored()?.refreshToken };
    }
  }

  function forget(): void {
    save(null);
  }

  async function renew({ userId, refreshToken }: Tokens): Promise<string> {
    try {
      return await inTurn(store.lockName, async () => {
        const current = load();
        if (current?.userId !== userId) throw signedOut();
        if (holds(current)) return current.accessToken;
        return siblings === null ? await trade(current) : await takeOrTrade(siblings, current);
      });
    } finally {
      if (refreshing?.refreshToken === refreshToken) refreshing = null;
    }
  }

  /** What another tab got for the same refresh token is as good as what this one would get. */
  async function takeOrTrade(siblings: SiblingTabs, current: Tokens): Promise<string> {
    const newer = await siblings.newerThan(current.refreshToken);
    if (newer?.userId !== current.userId || load()?.refreshToken !== current.refreshToken)
      return trade(current);
    save(newer);
    return holds(newer) ? newer.accessToken : trade(newer);
  }

  async function trade({ userId, refreshToken }: Tokens): Promise<string> {
    let payload: AuthFieldsFragment | null = null;
    let refusal: NearbyFriendsError | null = null;
    try {
      payload = await refresh(refreshToken);
    } catch (error) {
      if (!(error instanceof NearbyFriendsError) || error.code !== 'UNAUTHENTICATED') throw error;
      refusal = error;
    }
    const current = load();
    if (current?.refreshToken !== refreshToken) {
      // Another tab used the token before us, or in the meantime somebody else signed in, or the user signed
      // out. Of what two tabs got for one token only one may stay in use.
      if (current?.userId === userId) return current.accessToken;
      throw signedOut();
    }
    if (payload === null) {
      forget();
      throw signedOut(refusal);
    }
    const tokens = { ...tokensOf(payload), near: current.near };
    save(tokens);
    siblings?.traded(refreshToken);
    return tokens.accessToken;
  }

  function holds({ accessToken, accessTokenExpiresAt }: Tokens): boolean {
    return Date.parse(accessTokenExpiresAt) - clock.now() > MARGIN_MS && accessToken !== refusedToken;
  }

  return {
    get loading() {
      return kept.loading;
    },
    saved: kept.saved,
    async accessToken() {
      if (kept.loading !== null) await kept.loading;
      const tokens = load();
      if (tokens === null) return null;
      if (holds(tokens)) return tokens.accessToken;
      if (refreshing?.refreshToken !== tokens.refreshToken) {
        refreshing = { refreshToken: tokens.refreshToken, accessToken: renew(tokens) };
      }
      return refreshing.accessToken;
    },
    invalidateAccessToken(token) {
      refusedToken = token;
    },
    leftMs(token) {
      const tokens = load();
      return tokens?.accessToken === token ? Date.parse(tokens.accessTokenExpiresAt) - clock.now() : 0;
    },
    start(payload) {
      save(tokensOf(payload));
    },
    get userId() {
      return load()?.userId ?? null;
    },
    get near() {
      return load()?.near ?? null;
    },
    async setNear(near) {
      // What the store did not take is tried again.
      if (unsaved === null && load()?.near === near) return;
      // A tab that renews the tokens meanwhile would have them replaced by the old ones.
      await inTurn(store.lockName, () => {
        const tokens = load();
        if (tokens !== null) save({ ...tokens, near });
        return Promise.resolve();
      });
    },
    forget,
    async end() {
      const tokens = load();
      forget();
      if (tokens === null) return null;
      return holds(tokens) ? tokens.accessToken : (await refresh(tokens.refreshToken)).accessToken;
    },
  };
}

export interface Session {
  /** Resolves when an asynchronous store has been read, until which nobody is signed in; null from then on. */
  readonly loading: Promise<void> | null;
  /** Resolves when an asynchronous store has taken the tokens, or refused them. */
  saved(): Promise<void>;
  /**
   * Resolves to an access token to connect with; null when nobody is signed in.
   * @throws NearbyFriendsError 'SIGNED_OUT' when the session has ended; a transient one when the server did
   * not answer.
   */
  accessToken(): Promise<string | null>;
  /**
   * To be called when the server refused an access token before its time, so that the next one is a new one.
   */
  invalidateAccessToken(token: string): void;
  /** How long an access token holds, milliseconds; 0 when the store has another one by now. */
  leftMs(token: string): number;
  /** Keeps the tokens of a user who signed in, in memory if the store does not take them. */
  start(payload: AuthFieldsFragment): void;
  /** The id of the signed-in user; null when nobody is signed in. */
  readonly userId: string | null;
  /** The number of where the user is, as the server has said it last; null when it has not. */
  readonly near: string | null;
  /** Keeps that number beside the tokens. */
  setNear(near: string): Promise<void>;
  /** Forgets the tokens. */
  forget(): void;
  /**
   * Forgets the tokens at once and resolves to an access token with which the server can be told; null when
   * nobody was signed in.
   * @throws NearbyFriendsError when the server gave no new token in place of an old one.
   */
  end(): Promise<string | null>;
}

/** A token that expires sooner is renewed first: a request takes time to arrive, and clocks differ. */
const MARGIN_MS = 60_000;

function tokensOf(payload: AuthFieldsFragment): Tokens {
  const { user, accessToken, accessTokenExpiresAt, refreshToken } = payload;
  return { userId: user.id, accessToken, accessTokenExpiresAt, refreshToken };
}
