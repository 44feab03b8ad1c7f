/** Stores for the tokens of the signed-in user, in memory or in a browser's storage. */

/** Makes a store in memory, which is gone when the process or page ends. */
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
 * Makes a store in a browser's storage. All tabs of the page's origin share what is in `localStorage`. Tokens
 * that cannot be read count as none. A storage that is full or forbidden leaves the user signed in until the page ends.
 * Where reading `localStorage` itself throws, as with blocked cookies, use `memoryTokens()`.
 * @param storage `localStorage` keeps the user signed in; `sessionStorage` does so until the tab is closed. A
 *   browser copies `sessionStorage` when the user duplicates a tab. The tabs then tell each other of renewals; once the
 *   one that renewed last is closed, the other can't, and the server ends the session at its next renewal.
 * @param key the name of the entry in the storage. Default: `nearby-friends-tokens`.
 */
export function storedTokens(storage: TextStorage, key = 'nearby-friends-tokens'): TokenStore {
  return {
    lockName: key,
    ...(isSessionStorage(storage) && { siblingsName: key }),
    load() {
      try {
        const kept: unknown = JSON.parse(storage.getItem(key) ?? 'null');
        return areTokens(kept) ? kept : null;
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

/** The tokens of a signed-in user. */
export interface Tokens {
  readonly userId: string;
  readonly accessToken: string;
  /** An instant as in RFC 3339. */
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  /** The number of where the user is, for the next connection; undefined until the server has said it. */
  readonly near?: string | undefined;
}

/** A place that keeps tokens. An app may bring its own. */
export interface TokenStore {
  /** The name of the Web Lock by which tabs that share the store take turns in renewing. Default: none. */
  readonly lockName?: string;
  /** The name of the BroadcastChannel by which tabs find each other that hold copies of the store. Default: none. */
  readonly siblingsName?: string;
  /** Returns the tokens; null when nobody is signed in. */
  load(): Tokens | null;
  /** Replaces the tokens; null removes them. When it throws, the client keeps them in memory. */
  save(tokens: Tokens | null): void;
}

/** The part of the Web Storage API that the client uses, such as `localStorage`. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Asking for it throws where the browser blocks site data. */
function isSessionStorage(storage: TextStorage): boolean {
  try {
    return storage === (globalThis as { sessionStorage?: TextStorage }).sessionStorage;
  } catch {
    return false;
  }
}

function areTokens(kept: unknown): kept is Tokens {
  const {
    userId,
    accessToken,
    accessTokenExpiresAt,
    refreshToken,
    near = '',
  } = (kept ?? {}) as Partial<Tokens>;
  return [userId, accessToken, accessTokenExpiresAt, refreshToken, near].every(
    (part) => typeof part === 'string',
  );
}
