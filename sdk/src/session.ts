/**
 * Who is signed in: an access token that holds, traded for a new one in time. A refresh token works once, so all who
 * ask at the same moment share one trade.
 */
import { NearbyFriendsError } from './errors.js';
import type { AuthFieldsFragment } from './generated/operations.js';
import type { Tokens, TokenStore } from './tokens.js';

/** A token is not used that expires sooner than this: it is on its way for a while, and clocks differ. */
const MARGIN_MS = 60_000;

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

/** @param trade the refreshToken mutation. */
export function createSession(
  store: TokenStore,
  trade: (refreshToken: string) => Promise<AuthFieldsFragment>,
  onEnd: () => void,
): Session {
  let trading: Promise<string> | null = null;
  let refusedToken: string | null = null;

  async function refresh({ refreshToken }: Tokens): Promise<string> {
    try {
      const payload = await trade(refreshToken);
      save(payload);
      return payload.accessToken;
    } catch (error) {
      if (!(error instanceof NearbyFriendsError) || error.code !== 'UNAUTHENTICATED') throw error;
      // Another tab may have traded it before us.
      const newer = store.load();
      if (newer !== null && newer.refreshToken !== refreshToken) return newer.accessToken;
      store.save(null);
      onEnd();
      throw new NearbyFriendsError('SIGNED_OUT', 'The session has ended. Sign in again.', { cause: error });
    }
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
      trading ??= refresh(tokens).finally(() => (trading = null));
      return trading;
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
