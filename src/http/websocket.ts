/**
 * GraphQL over WebSocket (subprotocol graphql-transport-ws): one graphql-ws server, bound to `ws` by ourselves so that
 * no fault of the server closes a socket with a code after which clients give up. A socket ends with its viewer's token,
 * and when its peer does not answer pings.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Services } from '../graphql/context.js';
import { toClientError } from '../graphql/errors.js';
import type { Log } from '../log.js';
import type { Clock } from '../services/clock.js';
import type { Inbox } from '../services/inbox.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { connectionToken } from './bearer-token.js';
import { createSocketOperations, type Operation, type OperationOwner } from './socket-operation.js';
import { SocketViewer, TRY_AGAIN_LATER } from './socket-viewer.js';
import type { Yoga } from './yoga.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_OPERATIONS_PER_SOCKET = 200;
const INIT_TIMEOUT_MS = 10_000;
const PING_INTERVAL_MS = 12_000;
const CHECK_INTERVAL_MS = 1_000;

export interface Connection extends OperationOwner {
  readonly owner: SocketViewer;
  /** Whether the peer has answered since the last ping. */
  answered: boolean;
}

interface WebSocketOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly inbox: Inbox;
  readonly allowedOrigins: AllowedOrigins;
  readonly clock: Clock;
  readonly log: Log;
}

export type WebSocketEndpoint = ReturnType<typeof createWebSocketEndpoint>;

export function createWebSocketEndpoint(options: WebSocketOptions) {
  const { yoga, schema, services, inbox, clock, log } = options;
  const connections = new Set<Connection>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const prepare = createSocketOperations({ yoga, schema, services, clientError });
  const protocol = makeServer<Record<string, unknown>, { connection: Connection; request: IncomingMessage }>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: ({ extra: { connection, request }, connectionParams }) =>
      connection.owner.signIn(connectionToken(connectionParams), request),
    onSubscribe({ extra: { connection }, subscriptions }, id, payload) {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS_PER_SOCKET) {
        return [clientError(new DomainError('rate-limited', 'Too many operations at once on this socket.'))];
      }
      return prepare(connection, id, payload);
    },
    execute: (args) => (args as Operation).execute(args),
    subscribe: (args) => (args as Operation).subscribe(args),
  });

  function clientError(error: unknown): GraphQLError {
    return toClientError(error, (defect) => {
      log.error({ err: defect }, 'an operation failed');
    });
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const owner = new SocketViewer(socket, services.accounts, inbox, clock);
    const connection: Connection = { socket, owner, answered: true, running: 0 };
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
      { connection, request },
    );
    socket.on('pong', () => (connection.answered = true));
    socket.on('error', (error) => {
      log.debug({ code: 'code' in error ? error.code : error.name }, 'a WebSocket broke');
    });
    socket.once('close', (code, reason) => {
      connections.delete(connection);
      owner.release();
      void closed(code, reason.toString());
    });
  }

  /** Once a second: sockets whose token has expired, and now and then whether the others' peers are there. */
  function check(): void {
    const now = clock.now();
    const pings = now >= nextPingAtMs;
    if (pings) nextPingAtMs = now + PING_INTERVAL_MS;
    for (const connection of connections) {
      connection.owner.closeIfExpired(now);
      if (!pings) continue;
      if (connection.answered) connection.socket.ping();
      else connection.socket.terminate();
      connection.answered = false;
    }
    stopChecking = clock.after(CHECK_INTERVAL_MS, check);
  }
  let nextPingAtMs = clock.now() + PING_INTERVAL_MS;
  let stopChecking = clock.after(CHECK_INTERVAL_MS, check);

  return {
    /** Answers an HTTP upgrade on the GraphQL path. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (!isAllowedOrigin(request.headers.origin, options.allowedOrigins, request.headers.host)) {
        refuseUpgrade(stream, '403 Forbidden');
        return;
      }
      sockets.handleUpgrade(request, stream, head, accept);
    },

    connections,

    /** Looks at every session again, after a gap in which notices may have been lost. */
    recheck(): void {
      for (const { owner } of connections) void owner.recheck();
    },

    close(): void {
      stopChecking();
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
