/**
 * Who is signed in: an access token that holds, traded for a new one in time. A refresh token works once, so all who
 * ask at the same moment share one trade.
 */
import { NearbyFriendsError, signedOut } from './errors.js';
import type { AuthFieldsFragment } from './generated/operations.js';
import type { Tokens, TokenStore } from './tokens.js';

/** @param trade the refreshToken mutation. */
export function createSession(
  store: TokenStore,
  trade: (refreshToken: string) => Promise<AuthFieldsFragment>,
  onEnd: () => void,
): Session {
  let trading: { readonly refreshToken: string; readonly accessToken: Promise<string> } | null = null;
  let refusedToken: string | null = null;

  async function refresh({ userId, refreshToken }: Tokens): Promise<string> {
    let payload: AuthFieldsFragment | null = null;
    let refusal: NearbyFriendsError | null = null;
    try {
      payload = await trade(refreshToken);
    } catch (error) {
      if (!(error instanceof NearbyFriendsError) || error.code !== 'UNAUTHENTICATED') throw error;
      refusal = error;
    } finally {
      if (trading?.refreshToken === refreshToken) trading = null;
    }
    const now = store.load();
    if (now?.refreshToken !== refreshToken) {
      // Another tab traded it before us, or meanwhile somebody else signed in, or nobody is.
      if (now?.userId === userId) return now.accessToken;
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

  function save({ user, accessToken, accessTokenExpiresAt, refreshToken }: AuthFieldsFragment): void {
    store.save({ userId: user.id, accessToken, accessTokenExpiresAt, refreshToken });
  }

  return {
    async accessToken() {
      const tokens = store.load();
      if (tokens === null) return null;
      const holds = Date.parse(tokens.accessTokenExpiresAt) - Date.now() > MARGIN_MS;
      if (holds && tokens.accessToken !== refusedToken) return tokens.accessToken;
      if (trading?.refreshToken !== tokens.refreshToken) {
        trading = { refreshToken: tokens.refreshToken, accessToken: refresh(tokens) };
      }
      return trading.accessToken;
    },
    refused() {
      refusedToken = store.load()?.accessToken ?? null;
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
   * An access token to connect with; null when nobody is signed in.
   * @throws NearbyFriendsError 'SIGNED_OUT' when the session ended, transient ones when it could not be asked.
   */
  accessToken(): Promise<string | null>;
  /** The server refused this token, whatever it says of its own life. */
  refused(): void;
  start(payload: AuthFieldsFragment): void;
  /** Null when nobody is signed in. */
  readonly userId: string | null;
  end(): void;
}

/** A token is not used that expires sooner than this: it is on its way for a while, and clocks differ. */
const MARGIN_MS = 60_000;
