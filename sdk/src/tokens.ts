/** Stores for the tokens of the signed-in user, in memory or in the storage of a browser or a device. */
import { whenThere } from './awaitable.js';

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
export function storedTokens(storage: TextStorage, key?: string): TokenStore;
/** Makes a store in an asynchronous storage, such as React Native's AsyncStorage. `client.ready()` tells when it is read. */
export function storedTokens(storage: AsyncTextStorage, key?: string): AsyncTokenStore;
export function storedTokens(
  storage: TextStorage | AsyncTextStorage,
  key = 'nearby-friends-tokens',
): TokenStore | AsyncTokenStore {
  const store = {
    lockName: key,
    ...(isSessionStorage(storage) && { siblingsName: key }),
    load() {
      try {
        return whenThere(storage.getItem(key), tokensIn);
      } catch {
        return null;
      }
    },
    save: (tokens: Tokens | null) =>
      tokens === null ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(tokens)),
  };
  // It answers as the storage does.
  return store as TokenStore | AsyncTokenStore;
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
export interface TokenStore extends TokenStoreNames {
  /** Returns the tokens; null when nobody is signed in. */
  load(): Tokens | null;
  /** Replaces the tokens; null removes them. When it throws, the client keeps them in memory. */
  save(tokens: Tokens | null): void;
}

/**
 * A place that answers later. A client reads it once, when it is made, so two clients at a time do not share it. When
 * it rejects, the client keeps the tokens in memory.
 */
export interface AsyncTokenStore extends TokenStoreNames {
  load(): Promise<Tokens | null>;
  save(tokens: Tokens | null): Promise<unknown>;
}

interface TokenStoreNames {
  /** The name of the Web Lock by which tabs that share the store take turns in renewing. Default: none. */
  readonly lockName?: string;
  /** The name of the BroadcastChannel by which tabs find each other that hold copies of the store. Default: none. */
  readonly siblingsName?: string;
}

/** The part of the Web Storage API that the client uses, such as `localStorage`. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A storage that answers later, such as React Native's AsyncStorage. */
export interface AsyncTextStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/** Asking for it throws where the browser blocks site data. */
function isSessionStorage(storage: object): boolean {
  try {
    return storage === (globalThis as { sessionStorage?: object }).sessionStorage;
  } catch {
    return false;
  }
}

function tokensIn(text: string | null): Tokens | null {
  const kept: unknown = JSON.parse(text ?? 'null');
  return areTokens(kept) ? kept : null;
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
