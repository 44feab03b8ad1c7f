/**
 * The signed-in user and an access token that is valid, renewed in time. All callers at the same moment share one
 * refresh. Tabs that share a store take turns, and a tab whose turn comes looks first whether another one has
 * refreshed meanwhile. Where tabs can't take turns, the server answers a token that comes twice.
 */
import { NearbyFriendsError, signedOut } from './errors.js';
import type { AuthFieldsFragment } from './generated/operations.js';
import { inTurn } from './in-turn.js';
import type { Tokens, TokenStore } from './tokens.js';

/**
 * @param refresh the refreshToken mutation.
 * @param onEnd called when the server refuses the refresh token, which ends the session.
 */
export function createSession(
  store: TokenStore,
  refresh: (refreshToken: string) => Promise<AuthFieldsFragment>,
  onEnd: () => void,
): Session {
  let refreshing: { readonly refreshToken: string; readonly accessToken: Promise<string> } | null = null;
  let refusedToken: string | null = null;

  async function renew({ userId, refreshToken }: Tokens): Promise<string> {
    try {
      return await inTurn(store.lockName, async () => {
        const current = store.load();
        if (current?.userId !== userId) throw signedOut();
        return holds(current) ? current.accessToken : await trade(current);
      });
    } finally {
      if (refreshing?.refreshToken === refreshToken) refreshing = null;
    }
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
    const current = store.load();
    if (current?.refreshToken !== refreshToken) {
      // Another tab used the token before us, or in the meantime somebody else signed in, or the user signed
      // out. Of what two tabs got for one token only one may stay in use.
      if (current?.userId === userId) return current.accessToken;
      throw signedOut();
    }
    if (payload === null) {
      store.save(null);
      onEnd();
      throw signedOut(refusal);
    }
    save(payload);
    return payload.accessToken;
  }

  function holds({ accessToken, accessTokenExpiresAt }: Tokens): boolean {
    return Date.parse(accessTokenExpiresAt) - Date.now() > MARGIN_MS && accessToken !== refusedToken;
  }

  function save({ user, accessToken, accessTokenExpiresAt, refreshToken }: AuthFieldsFragment): void {
    store.save({ userId: user.id, accessToken, accessTokenExpiresAt, refreshToken });
  }

  return {
    async accessToken() {
      const tokens = store.load();
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
    start: save,
    get userId() {
      return store.load()?.userId ?? null;
    },
    end() {
      store.save(null);
    },
  };
}

export interface Session {
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
  /** Keeps the tokens of a user who signed in. */
  start(payload: AuthFieldsFragment): void;
  /** The id of the signed-in user; null when nobody is signed in. */
  readonly userId: string | null;
  /** Forgets the tokens. */
  end(): void;
}

/** A token that expires sooner is renewed first: a request takes time to arrive, and clocks differ. */
const MARGIN_MS = 60_000;
