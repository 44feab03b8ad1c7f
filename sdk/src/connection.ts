/**
 * The one WebSocket of a client (graphql-ws): opened when something needs it, opened again for as long as something
 * does, with the waits that the API's documentation asks for, and given up when the server stays silent.
 */
import { type Client, CloseCode, createClient as createSocketClient } from 'graphql-ws/client';
import { answeredError, NearbyFriendsError, unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';
import type { Session } from './session.js';

export type ConnectionState =
  /** Nothing needs a connection now. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** What is known may be out of date since then; the connection comes back by itself. */
  | { readonly state: 'reconnecting'; readonly staleSince: Date };

const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** A report of one's own location every 30 s keeps the socket. */
const CLOSE_WHEN_UNUSED_MS = 60_000;

interface ConnectionOptions {
  readonly url: string;
  readonly session: Session;
  /** A WebSocket constructor, where there is none built in. */
  readonly webSocketImpl?: unknown;
}

/** May be left out where nothing in it is required. */
export type VariablesOf<Variables> =
  Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables];

export interface Sink<Result> {
  next(result: Result): void;
  /** @param error what ended it, or null when there is nothing more to tell. */
  end(error: NearbyFriendsError | null): void;
}

export type Connection = ReturnType<typeof createConnection>;

export function createConnection(options: ConnectionOptions) {
  let current: ConnectionState = { state: 'idle' };
  const listeners = new Set<(state: ConnectionState) => void>();
  /** What is under way, by what ends it. */
  const running = new Set<(error: NearbyFriendsError) => void>();
  /** Set when the session ended, until somebody signs in. */
  let sessionEnd: NearbyFriendsError | null = null;
  let client = open();

  function become(state: ConnectionState): void {
    if (state.state === current.state) return;
    current = state;
    for (const listener of [...listeners]) listener(state);
  }

  /** The socket of one identity. */
  function open(): Client {
    let pongTimer: ReturnType<typeof setTimeout> | undefined;
    const opened = createSocketClient({
      url: options.url.replace(/^http/, 'ws'),
      webSocketImpl: options.webSocketImpl,
      connectionParams,
      lazyCloseTimeout: CLOSE_WHEN_UNUSED_MS,
      retryAttempts: Infinity,
      shouldRetry: () => sessionEnd === null,
      retryWait: pause,
      keepAlive: PING_EVERY_MS,
      on: {
        connecting() {
          if (opened === client && current.state === 'idle') become({ state: 'connecting' });
        },
        connected() {
          if (opened === client) become({ state: 'live' });
        },
        ping(received) {
          if (received) return;
          clearTimeout(pongTimer);
          pongTimer = setTimeout(() => {
            opened.terminate();
          }, PONG_WITHIN_MS);
        },
        pong() {
          clearTimeout(pongTimer);
        },
        closed(event) {
          clearTimeout(pongTimer);
          const { code } = event as { readonly code?: number };
          if (code === CloseCode.Forbidden) options.session.refused();
          if (opened !== client) return;
          if (code === NORMAL_CLOSURE) become({ state: 'idle' });
          else if (current.state === 'live') become({ state: 'reconnecting', staleSince: new Date() });
        },
      },
    });
    return opened;
  }

  /** Fails at the end of the session only: graphql-ws takes any failure here for final, so others are waited out. */
  async function connectionParams(): Promise<Record<string, unknown>> {
    for (let attempt = 0; ; attempt++) {
      if (sessionEnd !== null) throw sessionEnd;
      try {
        const token = await options.session.accessToken();
        return token === null ? {} : { authorization: `Bearer ${token}` };
      } catch (error) {
        if (!(error instanceof NearbyFriendsError) || error.code === 'SIGNED_OUT') {
          sessionEnd = signedOut(error);
          endAll(sessionEnd);
          throw error;
        }
        await pause(attempt);
      }
    }
  }

  function endAll(error: NearbyFriendsError): void {
    for (const end of [...running]) end(error);
  }

  function subscribe<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables | undefined,
    sink: Sink<Result>,
  ): () => void {
    let ended = false;
    const end = (error: NearbyFriendsError | null): void => {
      if (ended) return;
      ended = true;
      running.delete(end);
      sink.end(error);
    };
    running.add(end);
    const stop = client.subscribe<Result>(
      { query: document.toString(), variables: variables as Record<string, unknown> | undefined },
      {
        next({ data, errors }) {
          if (ended) return;
          if (errors !== undefined) end(answeredError(errors));
          else if (data != null) sink.next(data);
        },
        error(error) {
          if (Array.isArray(error)) end(answeredError(error));
          else end(sessionEnd ?? unreachable(error));
        },
        complete() {
          end(null);
        },
      },
    );
    return () => {
      ended = true;
      running.delete(end);
      stop();
    };
  }

  return {
    get state() {
      return current;
    },

    /** Calls at every change of the state; the returned function ends it. */
    onState(listener: (state: ConnectionState) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    subscribe,

    /**
     * One query or mutation. While the connection is away it waits, and one that was under way is sent again.
     * @throws NearbyFriendsError
     */
    request<Result, Variables>(
      document: TypedDocumentString<Result, Variables>,
      ...[variables]: VariablesOf<Variables>
    ): Promise<Result> {
      return new Promise((resolve, reject) => {
        subscribe(document, variables, {
          next: resolve,
          end(error) {
            reject(error ?? unreachable('The connection was closed.'));
          },
        });
      });
    },

    /** Somebody else signed in, or nobody is: whatever is under way ends with 'SIGNED_OUT', never sent as another. */
    async startOver(): Promise<void> {
      const before = client;
      sessionEnd = null;
      client = open();
      endAll(signedOut());
      await before.dispose();
      become({ state: 'idle' });
    },

    async close(): Promise<void> {
      await client.dispose();
      become({ state: 'idle' });
    },
  };
}

const NORMAL_CLOSURE = 1000;

function signedOut(cause?: unknown): NearbyFriendsError {
  return new NearbyFriendsError('SIGNED_OUT', 'The session has ended. Sign in again.', { cause });
}

/** Longer from attempt to attempt, and of random length, so that not all clients of a server come back at once. */
function pause(attempt: number): Promise<void> {
  const longestMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS);
  return new Promise((resolve) => setTimeout(resolve, longestMs * (0.5 + Math.random() / 2)));
}
