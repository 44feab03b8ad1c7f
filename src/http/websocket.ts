/**
 * GraphQL over WebSocket (subprotocol graphql-transport-ws): one graphql-ws server, bound to `ws` by ourselves so that
 * no fault of the server closes a socket with a code after which clients give up. A socket ends with its viewer's token,
 * and when its peer does not answer pings.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Services } from '../graphql/context.js';
import { toClientError } from '../graphql/errors.js';
import type { Log, LogIds, ReportFailure } from '../log.js';
import type { Clock } from '../services/clock.js';
import type { Inbox } from '../services/inbox.js';
import { createTurnstile } from '../services/turnstile.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { bearerToken, connectionToken } from './bearer-token.js';
import {
  createSocketOperations,
  type Operation,
  type OperationOwner,
  type SocketMeter,
} from './socket-operation.js';
import { SocketViewer, TRY_AGAIN_LATER } from './socket-viewer.js';
import { TextSocket } from './text-socket.js';
import type { Yoga } from './yoga.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_OPERATIONS_PER_SOCKET = 200;
const HANDSHAKES_PER_TURN = 10;
const INIT_TIMEOUT_MS = 10_000;
/** Apps report their place as often, so that those who do are hardly ever pinged. */
const PING_AFTER_SILENCE_MS = 30_000;
const CUT_AFTER_SILENCE_MS = 2 * PING_AFTER_SILENCE_MS;
const CHECK_INTERVAL_MS = 1_000;

export interface Connection extends OperationOwner {
  readonly socket: WebSocket;
  readonly owner: SocketViewer;
  /** When the peer was last heard of, milliseconds since the epoch. */
  heardAtMs: number;
  /** Whether it was pinged since. */
  pinged: boolean;
}

/** What is kept of a socket's upgrade request, which weighs as much as all else of the connection. */
interface Caller {
  readonly connection: Connection;
  readonly headerToken: string | null;
}

/** Told of what is refused or cut. */
export interface EndpointMeter extends SocketMeter {
  drop(
    cause:
      | 'operations over limit'
      | 'origin refused'
      | 'token refused'
      | 'protocol broken'
      | 'silent socket'
      | 'slow reader',
  ): void;
}

interface WebSocketOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly inbox: Inbox;
  readonly allowedOrigins: AllowedOrigins;
  readonly clock: Clock;
  readonly meter: EndpointMeter;
  readonly log: Log;
  readonly reportFailure: ReportFailure;
}

export type WebSocketEndpoint = ReturnType<typeof createWebSocketEndpoint>;

export function createWebSocketEndpoint(options: WebSocketOptions) {
  const { yoga, schema, services, inbox, clock, meter, log, reportFailure } = options;
  const connections = new Set<Connection>();
  /** Sockets so far, which gives each its number in the log: shorter to keep than any id. */
  let accepted = 0;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const pass = createTurnstile(HANDSHAKES_PER_TURN);
  const operations = createSocketOperations({ yoga, schema, services, meter, clientError });
  const protocol = makeServer<Record<string, unknown>, Caller>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect(context) {
      const { extra, connectionParams } = context;
      const token = connectionToken(connectionParams) ?? extra.headerToken;
      // A token is not kept longer than it is needed.
      Object.assign(context, { connectionParams: undefined, extra: { ...extra, headerToken: null } });
      return extra.connection.owner.signIn(token);
    },
    onSubscribe({ extra: { connection }, subscriptions }, id, payload) {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS_PER_SOCKET) {
        meter.drop('operations over limit');
        const refusal = new DomainError('rate-limited', 'Too many operations at once on this socket.');
        return [clientError(refusal, connection.logIds)];
      }
      return operations.prepare(connection, id, payload);
    },
    execute: (args) => operations.execute(args as Operation),
    subscribe: (args) => operations.subscribe(args as Operation),
  });

  function clientError(error: unknown, logIds: LogIds): GraphQLError {
    return toClientError(error, (defect) => {
      reportFailure(defect, logIds);
    });
  }

  /** By graphql-ws, which closes sockets for what came over them only. */
  function onRefused(code: number): void {
    meter.drop(code === Number(CloseCode.Forbidden) ? 'token refused' : 'protocol broken');
  }

  function accept(socket: WebSocket, stream: Duplex, request: IncomingMessage): void {
    const owner = new SocketViewer(socket, services.accounts, inbox, clock);
    const heardAtMs = clock.now();
    const target = new TextSocket(socket, stream, onRefused);
    const logIds = { connectionId: ++accepted };
    const connection: Connection = { socket, target, logIds, owner, heardAtMs, pinged: false, running: 0 };
    connections.add(connection);
    log.debug(logIds, 'a WebSocket opened');
    const heard = (): void => {
      connection.heardAtMs = clock.now();
      connection.pinged = false;
    };
    const closed = protocol.opened(target, {
      connection,
      headerToken: bearerToken(request.headers.authorization),
    });
    socket.on('message', (data: Buffer) => {
      // Who sends but doesn't read is not there: the ping is not answered either.
      if (!target.isFull) heard();
      target.handle(data.toString()).catch((error: unknown) => {
        log.error({ ...logIds, err: error }, 'a WebSocket message could not be handled');
        socket.close(TRY_AGAIN_LATER, 'Try again later');
      });
    });
    socket.on('pong', heard);
    socket.on('ping', heard);
    socket.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.name;
      // What `ws` says of its peer, such as that a message is too long; all else is the network's.
      if (code.startsWith('WS_ERR_')) meter.drop('protocol broken');
      log.debug({ ...logIds, code }, 'a WebSocket broke');
    });
    socket.on('close', (code, reason) => {
      connections.delete(connection);
      log.debug({ ...logIds, code }, 'a WebSocket closed');
      owner.release();
      void closed(code, reason.toString());
    });
  }

  /** Once a second: sockets whose token has expired, and those whose peer has not been heard of for long. */
  function check(): void {
    const now = clock.now();
    for (const connection of connections) {
      connection.owner.closeIfExpired(now);
      const silentMs = now - connection.heardAtMs;
      if (silentMs >= CUT_AFTER_SILENCE_MS) {
        meter.drop(connection.target.isFull ? 'slow reader' : 'silent socket');
        connection.socket.terminate();
      } else if (silentMs >= PING_AFTER_SILENCE_MS && !connection.pinged) {
        connection.pinged = true;
        connection.socket.ping();
      }
    }
    stopChecking = clock.after(CHECK_INTERVAL_MS, check);
  }
  let stopChecking = clock.after(CHECK_INTERVAL_MS, check);

  return {
    /** Answers an HTTP upgrade on the GraphQL path. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (!isAllowedOrigin(request.headers.origin, options.allowedOrigins, request.headers.host)) {
        meter.drop('origin refused');
        refuseUpgrade(stream, '403 Forbidden');
        return;
      }
      stream.on('error', ignoreBroken);
      pass(() => {
        stream.off('error', ignoreBroken);
        sockets.handleUpgrade(request, stream, head, (socket) => {
          accept(socket, stream, request);
        });
      });
    },

    connections,

    /** Looks at sessions again, after a gap in which notices to their users may have been lost. */
    recheck(userIds: ReadonlySet<string>): void {
      for (const { owner } of connections) {
        if (owner.viewer !== null && userIds.has(owner.viewer.userId)) void owner.recheck();
      }
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

/** A socket that breaks before its handshake is found broken by the handshake. */
function ignoreBroken(): void {
  return undefined;
}
