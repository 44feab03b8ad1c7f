/**
 * The one WebSocket of a client (graphql-ws). It is opened when an operation needs it and opened again as
 * long as one does, after the waits that the API's documentation asks for. A socket whose server stays silent
 * is terminated.
 */
import {
  type Client,
  CloseCode,
  createClient as createSocketClient,
  TerminatedCloseEvent,
} from 'graphql-ws/client';
import { answeredError, clientError, NearbyFriendsError, signedOut, unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';
import { guarded, type Sink } from './live.js';
import { withLocationIds } from './location-ids.js';
import type { ServerClock } from './server-clock.js';
import type { Session } from './session.js';

export function createConnection(options: ConnectionOptions) {
  let current: ConnectionState = { state: 'idle' };
  const listeners = new Set<(state: ConnectionState) => void>();
  /** The functions that end the operations in progress. */
  const running = new Set<(error: NearbyFriendsError | null) => void>();
  /** Set from the end of the session until somebody signs in. */
  let sessionEnd: NearbyFriendsError | null = null;
  let client = open();

  function setState(state: ConnectionState): void {
    if (state.state === current.state) return;
    current = state;
    for (const listener of [...listeners]) {
      // A listener may remove another one, or change the state again: then all have received the newer state
      // already.
      if (listeners.has(listener)) listener(state);
      if (current !== state) return;
    }
  }

  /** Makes the graphql-ws client of one identity. */
  function open(): Client {
    const { userId } = options.session;
    let socket: Pick<WebSocket, 'close'> | undefined;
    let pongTimer: ReturnType<typeof setTimeout> | undefined;
    /** What the socket was opened with: the store may hold that of another tab already. */
    let sentToken: string | null = null;
    let lastMessageAtMs = 0;
    let openedAtMs = 0;
    const opened = createSocketClient({
      url: options.url.replace(/^http/, 'ws'),
      webSocketImpl: socketConstructor(options.webSocketImpl, (error) => {
        // Only then is the operation that needs the socket one of those in progress.
        queueMicrotask(() => {
          if (opened === client) restart(clientError(error));
        });
      }),
      /** Throws when no attempt can help: all operations in progress end with the reason. */
      async connectionParams() {
        const opening = socket;
        try {
          if (sessionEnd !== null) throw sessionEnd;
          const token = (sentToken = await options.session.accessToken());
          // Another tab that shares the tokens signed out, or signed in as somebody else.
          if (userId !== null && options.session.userId !== userId) throw signedOut();
          return token === null ? {} : { authorization: `Bearer ${token}` };
        } catch (error) {
          if (error instanceof NearbyFriendsError && error.isTransient) {
            // The close makes graphql-ws wait and connect again, as after a lost connection.
            opening?.close(CloseCode.ConnectionInitialisationTimeout);
            return {};
          }
          if (opened === client) {
            const failure = clientError(error);
            if (failure.code === 'SIGNED_OUT') sessionEnd = failure;
            endAll(failure);
          }
          throw error;
        }
      },
      lazyCloseTimeout: CLOSE_WHEN_UNUSED_MS,
      retryAttempts: Infinity,
      shouldRetry: () => sessionEnd === null,
      retryWait,
      keepAlive: PING_EVERY_MS,
      on: {
        connecting() {
          if (opened === client && current.state === 'idle') setState({ state: 'connecting' });
        },
        opened(opening) {
          socket = opening as WebSocket;
          openedAtMs = options.clock.deviceNow();
        },
        connected(_socket, told) {
          options.clock.learn(told, openedAtMs);
          if (opened === client) setState({ state: 'live' });
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
          lastMessageAtMs = options.clock.now();
        },
        closed(event) {
          clearTimeout(pongTimer);
          const { code } = event as { readonly code?: number };
          if (opened !== client) return;
          if (code === CloseCode.Forbidden && sentToken !== null)
            options.session.invalidateAccessToken(sentToken);
          if (running.size === 0) setState({ state: 'idle' });
          else if (current.state === 'live') {
            // A silent server may have been away ever since its last message.
            const staleSinceMs =
              event instanceof TerminatedCloseEvent ? lastMessageAtMs : options.clock.now();
            setState({ state: 'reconnecting', staleSince: new Date(staleSinceMs) });
          }
        },
      },
    });
    return opened;
  }

  function endAll(error: NearbyFriendsError | null): void {
    for (const end of [...running]) end(error);
  }

  /** Ends all operations in progress. The next one opens a new socket. */
  function restart(error: NearbyFriendsError | null): void {
    const previous = client;
    sessionEnd = null;
    client = open();
    setState({ state: 'idle' });
    endAll(error);
    // A socket that is still being opened is closed once it is open. If it never opens, dispose() rejects in
    // vain.
    Promise.resolve(previous.dispose()).catch(() => undefined);
  }

  function subscribe<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables | undefined,
    sink: Sink<Result>,
  ): () => void {
    const finish = (): boolean => {
      if (!running.delete(end)) return false;
      stop();
      if (running.size === 0 && current.state !== 'live') setState({ state: 'idle' });
      return true;
    };
    const end = (error: NearbyFriendsError | null): void => {
      if (finish()) sink.end(error);
    };
    // graphql-ws takes an error that is thrown here for a lost connection.
    const deliver = (data: Result): void => {
      try {
        sink.next(data);
      } catch (error) {
        end(clientError(error));
      }
    };
    let stop = (): void => undefined;
    const query = document.toString();
    running.add(end);
    try {
      // graphql-ws would send variables that JSON cannot hold again for ever.
      JSON.stringify(variables);
      stop = client.subscribe<Result>(
        { query, variables: withLocationIds(query, variables as Record<string, unknown> | undefined) },
        {
          next({ data, errors }) {
            if (!running.has(end)) return;
            if (errors !== undefined) end(answeredError(errors));
            else if (data != null) deliver(data);
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
    } catch (error) {
      queueMicrotask(() => {
        end(clientError(error));
      });
    }
    return () => void finish();
  }

  return {
    get state() {
      return current;
    },

    /** Calls the listener at every change of the state. The returned function removes it. */
    onState(listener: (state: ConnectionState) => void): () => void {
      const safeListener = guarded(listener);
      listeners.add(safeListener);
      return () => void listeners.delete(safeListener);
    },

    subscribe,

    /**
     * Runs one query or mutation. It waits while the connection is away, and is sent again if it was in
     * progress when the connection was lost.
     * @throws NearbyFriendsError with the server's code; 'SIGNED_OUT' when the session ends, 'UNREACHABLE' on
     * close().
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

    /**
     * To be called when somebody signed in or out. Operations in progress end with 'SIGNED_OUT', so that none
     * is sent as another user.
     */
    changeUser(): void {
      restart(signedOut());
    },

    /** Ends all operations in progress and closes the socket. */
    close(): void {
      restart(null);
    },
  };
}

/** The state of the client's connection. */
export type ConnectionState =
  /** No operation needs a connection. */
  | { readonly state: 'idle' }
  /** The first connection is being opened. */
  | { readonly state: 'connecting' }
  /** The connection is open. */
  | { readonly state: 'live' }
  /**
   * The connection was lost and comes back by itself. Lists may be out of date since `staleSince`, in the
   * server's time.
   */
  | { readonly state: 'reconnecting'; readonly staleSince: Date };

/** The argument for the variables, which is optional when no variable is required. */
export type VariablesOf<Variables> =
  Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables];

export type Connection = ReturnType<typeof createConnection>;

interface ConnectionOptions {
  readonly url: string;
  readonly session: Session;
  /** Learns the server's time at each connection. */
  readonly clock: ServerClock;
  /** A WebSocket constructor. Default: the built-in one. */
  readonly webSocketImpl?: unknown;
}

const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** Longer than the 30 s between two reports of a location, so that an app that reports keeps its socket. */
const CLOSE_WHEN_UNUSED_MS = 60_000;

/**
 * Wraps a WebSocket constructor: graphql-ws would wait for ever when it throws, as browsers do for an address
 * that a page may not connect to.
 */
function socketConstructor(webSocketImpl: unknown, onError: (error: unknown) => void): unknown {
  const Socket = webSocketImpl ?? (globalThis as { WebSocket?: unknown }).WebSocket;
  if (typeof Socket !== 'function') return Socket;
  return new Proxy(Socket, {
    construct(target, args) {
      try {
        return Reflect.construct(target, args) as object;
      } catch (error) {
        onError(error);
        return { close: () => undefined };
      }
    },
  });
}

/**
 * Waits longer from attempt to attempt, for a random time, so that a server's clients do not all come back at
 * once.
 */
function retryWait(attempt: number): Promise<void> {
  const longestMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS);
  return new Promise((resolve) => setTimeout(resolve, longestMs * (0.5 + Math.random() / 2)));
}
