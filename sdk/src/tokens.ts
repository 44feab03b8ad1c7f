/** Where the tokens of the signed-in user are kept between uses of an app. */

/** Forgotten with the process or page. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | null = null;
  return {
    load: () => kept,
    save(tokens) {
      kept = tokens;
    },
  };
}

/**
 * In a browser's storage, for all tabs of the page's origin.
 * @param storage `localStorage` to stay signed in, `sessionStorage` until the tab is closed.
 */
export function storedTokens(storage: TextStorage, key = 'nearby-friends-tokens'): TokenStore {
  return {
    load() {
      try {
        return JSON.parse(storage.getItem(key) ?? 'null') as Tokens | null;
      } catch {
        return null;
      }
    },
    save(tokens) {
      if (tokens === null) storage.removeItem(key);
      else storage.setItem(key, JSON.stringify(tokens));
    },
  };
}

export interface Tokens {
  readonly userId: string;
  readonly accessToken: string;
  /** RFC 3339. */
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

export interface TokenStore {
  /** Null when nobody is signed in. */
  load(): Tokens | null;
  save(tokens: Tokens | null): void;
}

/** What is used of `localStorage`. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
