/**
 * The one WebSocket of a client (graphql-ws). It is opened when an operation needs it and opened again as
 * long as one does: soon after it was lost, and at once when the network or the app comes back. A socket
 * whose server stays silent is terminated, whether it is open or being opened.
 */
import {
  type Client,
  CloseCode,
  createClient as createSocketClient,
  TerminatedCloseEvent,
} from 'graphql-ws/client';
import { type Attempts, createAttempts } from './attempts.js';
import { answeredError, clientError, NearbyFriendsError, signedOut, unreachable } from './errors.js';
import { RenewConnectionDocument, ServerDocument, type TypedDocumentString } from './generated/operations.js';
import type { Lifecycle } from './lifecycle.js';
import { guarded, type Sink } from './live.js';
import { withInlineIds, withLocationIds } from './location-ids.js';
import { requestOnce } from './request-once.js';
import type { ServerClock } from './server-clock.js';
import type { Session } from './session.js';
import { createTokenRenewal, type TokenRenewal } from './token-renewal.js';

export function createConnection(options: ConnectionOptions) {
  const { clock, lifecycle, session } = options;
  let current: ConnectionState = { state: 'idle' };
  const listeners = new Set<(state: ConnectionState) => void>();
  /** The functions that end the operations in progress. */
  const running = new Set<(error: NearbyFriendsError | null) => void>();
  /** Set from the end of the session until somebody signs in. */
  let sessionEnd: NearbyFriendsError | null = null;
  let stopListening: (() => void) | null = null;
  let agreeing: Promise<void> | null = null;
  const onSignedOut = guarded(() => options.onSignedOut?.());
  let active = open();

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
  function open(): Active {
    let { userId } = session;
    // Until then an asynchronous store has not said whose operations these are.
    const loading = session.loading?.then(() => void ({ userId } = session));
    let socket: Pick<WebSocket, 'close' | 'onmessage'> | undefined;
    /** What the socket was opened or renewed with: the store may hold that of another tab already. */
    let sentToken: string | null = null;
    let lastMessage = { atMs: 0, deviceMs: 0 };
    let initSentAtMs = 0;
    const attempts = createAttempts(clock, () => {
      client.terminate();
    });
    const isActive = (): boolean => active.client === client;
    const renewal = createTokenRenewal({
      session,
      checkUser,
      send: (accessToken, closed) =>
        requestOnce({ state: current, onState, subscribe }, RenewConnectionDocument, { accessToken }, closed),
      onRenewed(token) {
        sentToken = token;
      },
    });
    const client = createSocketClient({
      async url() {
        await loading;
        return socketUrl(options.url, session.near);
      },
      webSocketImpl: socketConstructor(options.webSocketImpl, (error) => {
        // Only then is the operation that needs the socket one of those in progress.
        queueMicrotask(() => {
          if (isActive()) restart(clientError(error));
        });
      }),
      /** Throws when no attempt can help: all operations in progress end with the reason. */
      async connectionParams() {
        const opening = socket;
        try {
          if (sessionEnd !== null) throw sessionEnd;
          const token = (sentToken = await session.accessToken());
          // Another tab that shares the tokens signed out, or signed in as somebody else.
          if (userId !== null && session.userId !== userId) throw signedOut();
          initSentAtMs = clock.deviceNow();
          attempts.expectWithin(ACK_WITHIN_MS);
          return token === null ? {} : { authorization: `Bearer ${token}` };
        } catch (error) {
          if (error instanceof NearbyFriendsError && error.isTransient) {
            // The close makes graphql-ws wait and connect again, as after a lost connection.
            opening?.close(CloseCode.ConnectionInitialisationTimeout);
            attempts.expectWithin(ANSWER_WITHIN_MS);
            return {};
          }
          if (isActive()) fail(clientError(error));
          throw error;
        }
      },
      lazyCloseTimeout: CLOSE_WHEN_UNUSED_MS,
      retryAttempts: Infinity,
      shouldRetry: () => sessionEnd === null,
      retryWait: attempts.wait,
      keepAlive: PING_EVERY_MS,
      on: {
        connecting() {
          attempts.opening();
          if (isActive() && current.state === 'idle') setState({ state: 'connecting' });
        },
        opened(opening) {
          attempts.heard();
          socket = opening as WebSocket;
        },
        connected(_socket, told) {
          attempts.heard();
          clock.learn(told, initSentAtMs);
          if (!isActive()) return;
          learnNear(told);
          renewal.start(sentToken);
          setState({ state: 'live' });
        },
        ping(received) {
          if (received) return;
          attempts.expectWithin(ANSWER_WITHIN_MS);
          agreeIfNeeded();
        },
        pong(received) {
          if (received) attempts.heard();
        },
        message() {
          lastMessage = { atMs: clock.now(), deviceMs: clock.deviceNow() };
        },
        closed(event) {
          attempts.heard();
          renewal.stop();
          // `ws` goes on to read a socket that was given up, and would mix its messages with those of the
          // next one.
          if (event instanceof TerminatedCloseEvent && socket !== undefined) socket.onmessage = null;
          const { code } = event as { readonly code?: number };
          if (!isActive()) return;
          if (code === CloseCode.Forbidden && sentToken !== null) session.invalidateAccessToken(sentToken);
          if (running.size === 0) setState({ state: 'idle' });
          else if (current.state === 'live') {
            // A silent server may have been away ever since its last message, and a device that slept heard nothing. As
            // long as the server has not told its time again, a clock that was set looks like sleep.
            const wasSilent = event instanceof TerminatedCloseEvent;
            const nowMs = clock.now();
            const slept = !clock.isAgreed || lastMessage.deviceMs < clock.awakeSinceMs;
            const isStale = wasSilent || slept;
            setState({ state: 'reconnecting', staleSince: new Date(isStale ? lastMessage.atMs : nowMs) });
          }
        },
      },
    });

    return { client, attempts, renewal, userId: () => userId };
  }

  /** To be called when the network or the app has come back. */
  function wake(): void {
    const { attempts, renewal } = active;
    renewal.schedule();
    if (current.state === 'live') {
      // The socket may have died meanwhile without a word.
      attempts.expectWithin(CHECKED_WITHIN_MS);
      agree().then(attempts.heard, attempts.heard);
    } else attempts.hurry();
  }

  function listenToLifecycle(): () => void {
    const stops = [
      lifecycle.onWake(wake),
      // Nobody would read the messages that come meanwhile.
      lifecycle.onFreeze?.(() => {
        active.client.terminate();
      }),
    ];
    return () => {
      for (const stop of stops) stop?.();
    };
  }

  /** Keeps the number of where the user is, of what the server has said, for the next connection. */
  function learnNear(told: unknown): void {
    const { near } = (told ?? {}) as { readonly near?: unknown };
    // It only helps the server: a store that does not take it does no harm.
    if (typeof near === 'string') session.setNear(near).catch(() => undefined);
  }

  /** Asks the server for its time. The answer also shows that the socket works. */
  function agree(): Promise<void> {
    agreeing ??= Promise.resolve()
      .then(askTime)
      .finally(() => (agreeing = null));
    return agreeing;
  }

  async function askTime(): Promise<void> {
    const askedAtMs = clock.deviceNow();
    let told: object | null = null;
    try {
      const { server } = await request(ServerDocument);
      told = { serverTime: server.time, locationTtlSeconds: server.locationTtlSeconds };
    } catch (error) {
      // An older server has no such field.
      if ((error as NearbyFriendsError).code !== 'GRAPHQL_VALIDATION_FAILED') throw error;
    }
    // If the question had to wait for a connection, that has told the time already, and more exactly.
    if (!clock.isAgreed) clock.learn(told, askedAtMs);
  }

  function agreeIfNeeded(): void {
    if (current.state === 'live' && agreeing === null && !clock.isAgreed) agree().catch(() => undefined);
  }

  /** Ends all operations in progress; with 'SIGNED_OUT' also those to come, until somebody signs in. */
  function fail(error: NearbyFriendsError): void {
    const isEnd = error.code === 'SIGNED_OUT' && sessionEnd === null;
    if (isEnd) sessionEnd = error;
    endAll(error);
    if (isEnd) onSignedOut();
  }

  /** Ends everything and returns false when another tab has signed out, or in as somebody else. */
  function checkUser(): boolean {
    const userId = active.userId();
    if (userId === null || session.userId === userId) return true;
    fail(signedOut());
    active.client.terminate();
    return false;
  }

  function endAll(error: NearbyFriendsError | null): void {
    for (const end of [...running]) end(error);
  }

  /** Ends all operations in progress. The next one opens a new socket. */
  function restart(error: NearbyFriendsError | null): void {
    const { client: previous, renewal } = active;
    renewal.stop();
    sessionEnd = null;
    active = open();
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
      // If an answer and its "complete" come in one packet, as with `ws`, graphql-ws would count the operation twice
      // as over, and give up the others with the next lost connection.
      queueMicrotask(() => {
        stop();
      });
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
    stopListening ??= listenToLifecycle();
    agreeIfNeeded();
    const query = document.toString();
    running.add(end);
    try {
      // graphql-ws would send variables that JSON cannot hold again for ever.
      JSON.stringify(variables);
      stop = active.client.subscribe<Result>(
        {
          query: withInlineIds(query, options.newId),
          variables: withLocationIds(query, variables as Record<string, unknown> | undefined, options.newId),
        },
        {
          next({ data, errors }) {
            if (!running.has(end)) return;
            if (errors !== undefined) end(answeredError(errors));
            else if (data != null) {
              learnNear((data as { readonly updateLocation?: unknown }).updateLocation);
              deliver(data);
            }
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

  /** Calls the listener at every change of the state. The returned function removes it. */
  function onState(listener: (state: ConnectionState) => void): () => void {
    const safeListener = guarded(listener);
    listeners.add(safeListener);
    return () => void listeners.delete(safeListener);
  }

  /**
   * Runs one query or mutation. It waits while the connection is away, and is sent again if it was in
   * progress when the connection was lost.
   * @throws NearbyFriendsError with the server's code; 'SIGNED_OUT' when the session ends, 'UNREACHABLE' on
   * close().
   */
  function request<Result, Variables>(
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
  }

  return {
    get state() {
      return current;
    },

    onState,
    subscribe,
    request,
    checkUser,

    /** Resolves when the server answers and its time is known. */
    async ready(): Promise<void> {
      if (current.state !== 'live' || !clock.isAgreed) await agree();
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
      stopListening?.();
      stopListening = null;
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

/** The graphql-ws client of one identity, and what belongs to it. */
interface Active {
  readonly client: Client;
  readonly attempts: Attempts;
  readonly renewal: TokenRenewal;
  /** Whose operations it runs; null for nobody's. */
  userId(): string | null;
}

interface ConnectionOptions {
  readonly url: string;
  readonly session: Session;
  /** Learns the server's time at each connection, and again when the device's has jumped. */
  readonly clock: ServerClock;
  readonly lifecycle: Lifecycle;
  /** Makes the ids of location updates that have none. */
  newId(): string;
  /** Called when the user has to sign in again. */
  readonly onSignedOut?: (() => void) | undefined;
  /** A WebSocket constructor. Default: the built-in one. */
  readonly webSocketImpl?: unknown;
}

const PING_EVERY_MS = 15_000;
const ANSWER_WITHIN_MS = 5_000;
/** As long as the server may take to look after the session. */
const ACK_WITHIN_MS = 10_000;
/** How soon a socket must prove that it outlived the sleep of the device or a change of the network. */
const CHECKED_WITHIN_MS = 2_000;
/** Longer than the 30 s between two reports of a location, so that an app that reports keeps its socket. */
const CLOSE_WHEN_UNUSED_MS = 60_000;

function socketUrl(url: string, near: string | null): string {
  const address = url.replace(/^http/, 'ws');
  if (near === null) return address;
  return `${address}${address.includes('?') ? '&' : '?'}near=${encodeURIComponent(near)}`;
}

/** In place of a WebSocket where there is none. graphql-ws wants to see the states, too. */
class NoWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  constructor() {
    throw new Error('This platform has no WebSocket. Pass one as `webSocketImpl`, such as that of `ws`.');
  }
}

/**
 * Wraps a WebSocket constructor: graphql-ws would wait for ever when it throws, as browsers do for an address
 * that a page may not connect to.
 */
function socketConstructor(webSocketImpl: unknown, onError: (error: unknown) => void): unknown {
  const Socket = webSocketImpl ?? (globalThis as { WebSocket?: unknown }).WebSocket;
  return new Proxy(typeof Socket === 'function' ? Socket : NoWebSocket, {
    construct(target, args) {
      try {
        const socket = Reflect.construct(target, args) as Partial<WebSocket>;
        // `ws` throws when a socket that is given up while it is being opened has no such listener.
        socket.addEventListener?.('error', () => undefined);
        return socket;
      } catch (error) {
        onError(error);
        return { close: () => undefined };
      }
    },
  });
}
