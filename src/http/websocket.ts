/**
 * GraphQL over WebSocket (subprotocol graphql-transport-ws): one graphql-ws server, bound to `ws` by ourselves so that
 * no fault of the server closes a socket with a code after which clients give up. A socket lives as long as its token:
 * it is closed with 4403 when the token expires or its session ends, and when its peer does not answer pings.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import {
  CloseCode,
  handleProtocols,
  makeServer,
  type Context,
  type OperationResult,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import { toClientError } from '../graphql/errors.js';
import type { Services } from '../graphql/context.js';
import type { Log } from '../log.js';
import type { Clock } from '../services/clock.js';
import type { Inbox } from '../services/inbox.js';
import { afterExpiry, endsSession } from '../services/viewer-lifetime.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { bearerToken, connectionToken } from './bearer-token.js';
import { onOwnEnd } from './own-end.js';
import type { Yoga } from './yoga.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_OPERATIONS_PER_SOCKET = 200;
const INIT_TIMEOUT_MS = 10_000;
/** How long a connection waits until it hears of its session's end. */
const INBOX_WAIT_MS = 1_000;
const PING_INTERVAL_MS = 12_000;
/** Close codes after which graphql-ws clients come back. */
const TRY_AGAIN_LATER = 1013;

export interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Null before connection_init, and for a socket without a token. */
  viewer: Viewer | null;
  /** What the viewer was authenticated by. */
  token: string | null;
  /** Whether the peer has answered since the last ping. */
  answered: boolean;
  /** Queries and mutations that are not answered yet. */
  running: number;
  /** Undoes what belongs to the viewer. */
  release(): void;
}

interface WebSocketOptions {
  readonly yoga: Yoga;
  readonly services: Services;
  readonly inbox: Inbox;
  readonly allowedOrigins: AllowedOrigins;
  readonly clock: Clock;
  readonly log: Log;
}

/** What Yoga's plugins made of graphql-js for one operation. */
interface Enveloped {
  readonly schema: GraphQLSchema;
  parse(query: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): unknown;
  execute(args: ExecutionArgs): OperationResult;
  subscribe(args: ExecutionArgs): OperationResult;
}

/** Yoga's functions travel with the operation that they belong to. */
type Operation = ExecutionArgs &
  Pick<Enveloped, 'execute' | 'subscribe'> & { readonly connection: Connection };

export type WebSocketEndpoint = ReturnType<typeof createWebSocketEndpoint>;

export function createWebSocketEndpoint(options: WebSocketOptions) {
  const { yoga, services, inbox, clock, log } = options;
  const connections = new Set<Connection>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });

  const protocol = makeServer<Record<string, unknown>, { connection: Connection }>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (context) => signIn(context.extra.connection, connectionToken(context.connectionParams)),
    onSubscribe: (context, _id, payload) => prepare(context, payload),
    execute: (args) => execute(args as Operation),
    subscribe: (args) => subscribe(args as Operation),
  });

  /** False refuses the connection with 4403: the token does not hold. */
  async function signIn(connection: Connection, initToken: string | null): Promise<boolean> {
    const token = initToken ?? bearerToken(connection.request.headers.authorization);
    if (token === null) return true;
    try {
      const viewer = await services.accounts.authenticate(token);
      const onNotice = (notice: Notice): void => {
        if (notice.kind === 'session-ended') services.accounts.forgetSession(notice.sessionId, viewer.userId);
        if (endsSession(notice, viewer)) dismiss(connection, 'Session ended');
      };
      const cancelExpiry = afterExpiry(viewer, clock, () => {
        dismiss(connection, 'Token expired');
      });
      connection.release = () => {
        cancelExpiry();
        inbox.unwatch(viewer.userId, onNotice);
      };
      // Without Redis nobody hears of ended sessions, and all of them are looked at again when it is back.
      await atMost(inbox.watch(viewer.userId, onNotice), INBOX_WAIT_MS, clock);
      if (!connections.has(connection)) {
        connection.release();
        return false;
      }
      // The session may have ended before the inbox was watched.
      services.accounts.forgetSession(viewer.sessionId, viewer.userId);
      connection.viewer = await services.accounts.authenticate(token);
      connection.token = token;
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') return false;
      throw error;
    }
  }

  /** Also what still comes while the socket closes is nobody's. */
  function dismiss(connection: Connection, reason: string): void {
    connection.viewer = null;
    connection.socket.close(CloseCode.Forbidden, reason);
  }

  /** What to execute, or the errors that answer instead. */
  async function prepare(
    context: Context<Record<string, unknown>, { connection: Connection }>,
    payload: SubscribePayload,
  ): Promise<Operation | readonly GraphQLError[]> {
    const { connection } = context.extra;
    if (Object.keys(context.subscriptions).length > MAX_OPERATIONS_PER_SOCKET) {
      return [clientError(new DomainError('rate-limited', 'Too many operations at once on this socket.'))];
    }
    try {
      const enveloped: Enveloped = yoga.getEnveloped({ socketViewer: connection.viewer, params: payload });
      const { schema, execute, subscribe } = enveloped;
      const document = enveloped.parse(payload.query);
      const errors = enveloped.validate(schema, document);
      if (errors.length > 0) return errors;
      if (getOperationAST(document, payload.operationName) == null) {
        return [clientError(new DomainError('invalid', 'The operation to run is not in the document.'))];
      }
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await enveloped.contextFactory(),
        execute,
        subscribe,
        connection,
      };
    } catch (error) {
      return [clientError(error)];
    }
  }

  /** The answer is sent in the same turn of the event loop in which the operation ends. */
  async function execute(operation: Operation): Promise<Awaited<OperationResult>> {
    const { connection } = operation;
    connection.running += 1;
    try {
      return await operation.execute(operation);
    } finally {
      connection.running -= 1;
    }
  }

  /**
   * A stream ends by itself only with its session. Then the socket closes: "complete" would tell the client that there
   * is nothing to come back for.
   */
  async function subscribe(operation: Operation): Promise<Awaited<OperationResult>> {
    const result = await operation.subscribe(operation);
    if (!(Symbol.asyncIterator in result)) return result;
    return onOwnEnd(result, () => {
      dismiss(operation.connection, 'Session ended');
    });
  }

  function clientError(error: unknown): GraphQLError {
    return toClientError(error, (defect) => {
      log.error({ err: defect }, 'an operation failed');
    });
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const connection: Connection = {
      socket,
      request,
      viewer: null,
      token: null,
      answered: true,
      running: 0,
      release: () => undefined,
    };
    connections.add(connection);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code, reason) => {
          socket.close(code, reason);
        },
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => {
            handle(data.toString()).catch((error: unknown) => {
              log.error({ err: error }, 'a WebSocket message could not be handled');
              socket.close(TRY_AGAIN_LATER, 'Try again later');
            });
          });
        },
      },
      { connection },
    );
    socket.on('pong', () => (connection.answered = true));
    socket.on('error', (error) => {
      log.debug({ code: 'code' in error ? error.code : error.name }, 'a WebSocket broke');
    });
    socket.once('close', (code, reason) => {
      connections.delete(connection);
      connection.release();
      void closed(code, reason.toString());
    });
  }

  async function recheckSession(connection: Connection): Promise<void> {
    const { viewer, token, socket } = connection;
    if (viewer === null || token === null) return;
    services.accounts.forgetSession(viewer.sessionId, viewer.userId);
    try {
      await services.accounts.authenticate(token);
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated')
        dismiss(connection, 'Session ended');
      else socket.close(TRY_AGAIN_LATER, 'Try again later');
    }
  }

  function pingAll(): void {
    for (const connection of connections) {
      if (connection.answered) {
        connection.answered = false;
        connection.socket.ping();
      } else connection.socket.terminate();
    }
    stopPinging = clock.after(PING_INTERVAL_MS, pingAll);
  }
  let stopPinging = clock.after(PING_INTERVAL_MS, pingAll);

  return {
    /** Answers an HTTP upgrade on the GraphQL path. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (!isAllowedOrigin(request.headers.origin, options.allowedOrigins)) {
        refuseUpgrade(stream, '403 Forbidden');
        return;
      }
      sockets.handleUpgrade(request, stream, head, accept);
    },

    connections,

    /** Looks at every session again, after a gap in which notices may have been lost. */
    recheck(): void {
      for (const connection of connections) void recheckSession(connection);
    },

    close(): void {
      stopPinging();
      for (const { socket } of connections) socket.terminate();
    },
  };
}

/** Answers an upgrade with an HTTP error and closes. */
export function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Resolves when the text is handed to the system, so that who sends waits for a reader that is slow. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) {
      resolve();
      return;
    }
    socket.send(text, (error) => {
      if (error == null || socket.readyState !== socket.OPEN) resolve();
      else reject(error);
    });
  });
}

/** Resolves with the promise or when the time is over; rejects with the promise. */
async function atMost(promise: Promise<unknown>, waitMs: number, clock: Clock): Promise<void> {
  let cancel: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (cancel = clock.after(waitMs, resolve)));
  await Promise.race([promise, over]).finally(cancel);
}
