/**
 * The one WebSocket of a client (graphql-ws): opened when something needs it, opened again for as long as something
 * does, with the waits that the API's documentation asks for, and given up when the server stays silent.
 */
import {
  type Client,
  CloseCode,
  createClient as createSocketClient,
  TerminatedCloseEvent,
} from 'graphql-ws/client';
import { answeredError, NearbyFriendsError, signedOut, unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';
import { guarded } from './live.js';
import type { Session } from './session.js';

export function createConnection(options: ConnectionOptions) {
  let current: ConnectionState = { state: 'idle' };
  const listeners = new Set<(state: ConnectionState) => void>();
  /** What is under way, by what ends it. */
  const running = new Set<(error: NearbyFriendsError | null) => void>();
  /** Set when the session ended, until somebody signs in. */
  let sessionEnd: NearbyFriendsError | null = null;
  let client = open();

  function become(state: ConnectionState): void {
    if (state.state === current.state) return;
    current = state;
    for (const listener of [...listeners]) {
      // A listener may end another one, or change the state again: then all have been told of that.
      if (listeners.has(listener)) listener(state);
      if (current !== state) return;
    }
  }

  /** The socket of one identity. */
  function open(): Client {
    const { userId } = options.session;
    let socket: Pick<WebSocket, 'close'> | undefined;
    let pongTimer: ReturnType<typeof setTimeout> | undefined;
    let heardAtMs = 0;
    const opened = createSocketClient({
      url: options.url.replace(/^http/, 'ws'),
      webSocketImpl: options.webSocketImpl,
      /** Fails at the end of the session only: graphql-ws takes any failure here for final. */
      async connectionParams() {
        const opening = socket;
        try {
          if (sessionEnd !== null) throw sessionEnd;
          const token = await options.session.accessToken();
          // Another tab with the same tokens signed out, or somebody else in.
          if (userId !== null && options.session.userId !== userId) throw signedOut();
          return token === null ? {} : { authorization: `Bearer ${token}` };
        } catch (error) {
          if (error instanceof NearbyFriendsError && error.isTransient) {
            // Comes back after a wait, like a connection that was lost.
            opening?.close(CloseCode.ConnectionInitialisationTimeout);
            return {};
          }
          if (opened === client) {
            sessionEnd = signedOut(error);
            endAll(sessionEnd);
          }
          throw error;
        }
      },
      lazyCloseTimeout: CLOSE_WHEN_UNUSED_MS,
      retryAttempts: Infinity,
      shouldRetry: () => sessionEnd === null,
      retryWait: pause,
      keepAlive: PING_EVERY_MS,
      on: {
        connecting() {
          if (opened === client && current.state === 'idle') become({ state: 'connecting' });
        },
        opened(opening) {
          socket = opening as WebSocket;
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
        message() {
          heardAtMs = Date.now();
        },
        closed(event) {
          clearTimeout(pongTimer);
          const { code } = event as { readonly code?: number };
          if (opened !== client) return;
          if (code === CloseCode.Forbidden) options.session.refused();
          if (code === NORMAL_CLOSURE && running.size === 0) become({ state: 'idle' });
          else if (current.state === 'live') {
            // Nobody knows since when a server that stays silent was away.
            const staleSinceMs = event instanceof TerminatedCloseEvent ? heardAtMs : Date.now();
            become({ state: 'reconnecting', staleSince: new Date(staleSinceMs) });
          }
        },
      },
    });
    return opened;
  }

  function endAll(error: NearbyFriendsError | null): void {
    for (const end of [...running]) end(error);
  }

  /** Ends what is under way; what comes next opens a socket of its own. */
  function startAnew(error: NearbyFriendsError | null): void {
    const before = client;
    sessionEnd = null;
    client = open();
    become({ state: 'idle' });
    endAll(error);
    // One that is still being opened is closed when it is, and fails if it never is: neither is waited for.
    Promise.resolve(before.dispose()).catch(() => undefined);
  }

  function subscribe<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables | undefined,
    sink: Sink<Result>,
  ): () => void {
    const finish = (): boolean => {
      if (!running.delete(end)) return false;
      stop();
      if (running.size === 0 && current.state !== 'live') become({ state: 'idle' });
      return true;
    };
    const end = (error: NearbyFriendsError | null): void => {
      if (finish()) sink.end(error);
    };
    const stop = client.subscribe<Result>(
      { query: document.toString(), variables: variables as Record<string, unknown> | undefined },
      {
        next({ data, errors }) {
          if (!running.has(end)) return;
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
    running.add(end);
    return () => void finish();
  }

  return {
    get state() {
      return current;
    },

    /** Calls at every change of the state; the returned function ends it. */
    onState(listener: (state: ConnectionState) => void): () => void {
      const told = guarded(listener);
      listeners.add(told);
      return () => void listeners.delete(told);
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
    startOver(): void {
      startAnew(signedOut());
    },

    /** Ends everything under way. */
    close(): void {
      startAnew(null);
    },
  };
}

export type ConnectionState =
  /** Nothing needs a connection now. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** What is known may be out of date since then; the connection comes back by itself. */
  | { readonly state: 'reconnecting'; readonly staleSince: Date };

/** May be left out where nothing in it is required. */
export type VariablesOf<Variables> =
  Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables];

export interface Sink<Result> {
  next(result: Result): void;
  /** @param error what ended it, or null when there is nothing more to tell. */
  end(error: NearbyFriendsError | null): void;
}

export type Connection = ReturnType<typeof createConnection>;

interface ConnectionOptions {
  readonly url: string;
  readonly session: Session;
  /** A WebSocket constructor, where there is none built in. */
  readonly webSocketImpl?: unknown;
}

const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** A report of one's own location every 30 s keeps the socket. */
const CLOSE_WHEN_UNUSED_MS = 60_000;

const NORMAL_CLOSURE = 1000;

/** Longer from attempt to attempt, and of random length, so that not all clients of a server come back at once. */
function pause(attempt: number): Promise<void> {
  const longestMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS);
  return new Promise((resolve) => setTimeout(resolve, longestMs * (0.5 + Math.random() / 2)));
}
