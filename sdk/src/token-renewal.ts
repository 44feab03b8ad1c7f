/**
 * Keeps an open socket alive past the end of its access token: shortly before, the server is given another one,
 * which this tab has renewed or another one has. While that fails it is tried again. A socket that ends
 * nevertheless is opened again with a new token, as after a lost connection.
 */
import { NearbyFriendsError } from './errors.js';
import type { Session } from './session.js';

export function createTokenRenewal({
  session,
  checkUser,
  send,
  onRenewed,
}: TokenRenewalOptions): TokenRenewal {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The token of the socket that is open; null when none is. */
  let current: { readonly token: string; readonly closed: AbortController } | null = null;

  function stop(): void {
    clearTimeout(timer);
    current?.closed.abort();
    current = null;
  }

  function schedule(): void {
    clearTimeout(timer);
    if (current === null) return;
    const leftMs = session.leftMs(current.token);
    timer = setTimeout(() => void renew(), Math.max(leftMs / 2, leftMs - RENEW_BEFORE_MS, SHORTEST_WAIT_MS));
  }

  function start(token: string | null): void {
    stop();
    if (token === null) return;
    current = { token, closed: new AbortController() };
    schedule();
  }

  async function renew(): Promise<void> {
    const before = current;
    if (before === null) return;
    let token: string | null = null;
    try {
      token = await session.accessToken();
      if (current !== before || !checkUser() || token === null) return;
      if (token !== before.token) await send(token, before.closed.signal);
      if (current !== before) return;
      onRenewed(token);
      current = { token, closed: before.closed };
      schedule();
    } catch (error) {
      if (current !== before || !(error instanceof NearbyFriendsError)) return;
      if (error.code === 'SIGNED_OUT') checkUser();
      const isRefused = error.code === 'UNAUTHENTICATED';
      if (isRefused && token !== null) session.invalidateAccessToken(token);
      if (isRefused || error.isTransient) timer = setTimeout(() => void renew(), AGAIN_MS);
    }
  }

  return { start, schedule, stop };
}

export interface TokenRenewal {
  /** A socket has opened with the token; null when nobody is signed in. */
  start(token: string | null): void;
  /** To be called when the device may have slept, which timers may not count. */
  schedule(): void;
  /** The socket has closed. */
  stop(): void;
}

interface TokenRenewalOptions {
  readonly session: Pick<Session, 'accessToken' | 'invalidateAccessToken' | 'leftMs'>;
  /** Ends everything and returns false if the store has the tokens of somebody else by now, or of nobody. */
  checkUser(): boolean;
  /** Gives the server the token over the socket that is open. */
  send(token: string, closed: AbortSignal): Promise<unknown>;
  onRenewed(token: string): void;
}

/** Less than what makes the session renew a token, and enough for some attempts. */
const RENEW_BEFORE_MS = 59_000;
const AGAIN_MS = 5_000;
/** Where a clock is wrong, every token seems to be at its end. */
const SHORTEST_WAIT_MS = 1_000;
