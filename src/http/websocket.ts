/**
 * GraphQL over WebSocket (subprotocol graphql-transport-ws), by graphql-ws without its own adapter for `ws`:
 * no fault of the server closes a socket with a code after which clients give up. A socket ends with its
 * viewer's token, and when its peer does not answer pings.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Services } from '../graphql/context.js';
import { toClientError } from '../graphql/errors.js';
import type { Log, LogIds, ReportFailure } from '../log.js';
import type { Notifications } from '../services/notifications.js';
import type { SessionRecheck } from '../services/session-recheck.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { bearerToken, connectionToken } from './bearer-token.js';
import type { ClientAddress } from './client-address.js';
import { CLOSE, CUT_AFTER_SILENCE_MS } from './close-codes.js';
import type { DocumentCache } from './document-cache.js';
import type { OperationDurations } from './operation-durations.js';
import {
  createSocketOperations,
  type Operation,
  type OperationConnection,
  type SocketMeter,
} from './socket-operation.js';
import { RunningOperations } from './running-operations.js';
import { SocketInbox } from './socket-inbox.js';
import { createSocketLimits, type LimitedSocket, type SocketLimitOptions } from './socket-limits.js';
import { SocketSession } from './socket-session.js';
import { SocketWriter } from './socket-writer.js';
import type { TrustedDocuments } from './trusted-documents.js';
import type { Yoga } from './yoga.js';

export function createWebSocketEndpoint(options: WebSocketOptions) {
  const { services, notifications, sessionRecheck, clientAddress } = options;
  const { clock, meter, log, reportFailure } = options;
  const connections = new Set<Connection>();
  /** Numbers the sockets for the log; a number is shorter to keep than any id. */
  let accepted = 0;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const limits = createSocketLimits(options.limits, () => {
    meter.drop('sockets over limit');
  });
  const limitHandshakes = createPerTurnLimit(HANDSHAKES_PER_TURN, clock);
  const operations = createSocketOperations({ ...options, clientError });
  const protocol = makeServer<Record<string, unknown>, Caller>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    async onConnect(context) {
      const { extra, connectionParams } = context;
      const token = connectionToken(connectionParams) ?? extra.headerToken;
      // A token is not kept longer than it is needed.
      Object.assign(context, { connectionParams: undefined, extra: { ...extra, headerToken: null } });
      const { connection } = extra;
      const { session, socket, logIds } = connection;
      try {
        if (!(await session.signIn(token))) return false;
      } catch (error) {
        clientError(error, logIds);
        socket.close(CLOSE.tryAgainLater.code, CLOSE.tryAgainLater.reason);
        return false;
      }
      const { viewer } = session;
      const near = viewer === null ? null : await services.placement.nearUser(viewer.userId);
      if (!connections.has(connection) || !limits.takeForUser(connection)) {
        socket.close(CLOSE.tooManySockets.code, CLOSE.tooManySockets.reason);
        return new Promise<never>(() => undefined);
      }
      const { time, locationTtlSeconds } = services.serverInfo();
      const told = { serverTime: new Date(time).toISOString(), locationTtlSeconds };
      return near === null ? told : { ...told, near };
    },
    onSubscribe({ extra: { connection } }, id, payload) {
      const { running, writer, logIds } = connection;
      connection.operatedAtMs = clock.monotonic();
      if (!running.start(id)) {
        // graphql-ws itself refuses the id of an operation, but not of one that is completed and still runs.
        writer.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
        return [NOT_SENT];
      }
      if (running.size > MAX_OPERATIONS_PER_SOCKET) {
        meter.drop('operations over limit');
        const refusal = new DomainError('rate-limited', 'Too many operations at once on this socket.');
        return [clientError(refusal, logIds)];
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

  /** Counts sockets that are closed for what came over them. */
  function onRefused(code: number): void {
    meter.drop(code === Number(CloseCode.Forbidden) ? 'token refused' : 'protocol broken');
  }

  function cutSlowReader(socket: WebSocket): void {
    meter.drop('slow reader');
    socket.terminate();
  }

  function accept(socket: WebSocket, stream: Duplex, request: IncomingMessage, address: string): void {
    const writer = new SocketWriter(socket, stream, onRefused, cutSlowReader);
    const session = new SocketSession(writer, services.accounts, notifications, sessionRecheck, clock);
    const logIds = { connectionId: ++accepted };
    const running = new RunningOperations();
    const activeAtMs = clock.monotonic();
    const connection: Connection = {
      socket,
      writer,
      logIds,
      session,
      running,
      address,
      userId: null,
      activeAtMs,
      operatedAtMs: activeAtMs,
      pinged: false,
    };
    connections.add(connection);
    limits.opened(connection);
    log.debug(logIds, 'a WebSocket opened');
    const noteActivity = (): void => {
      connection.activeAtMs = clock.monotonic();
      connection.pinged = false;
    };
    const closed = protocol.opened(writer, {
      connection,
      headerToken: bearerToken(request.headers.authorization),
    });
    const handle = (data: Buffer): void => {
      if (session.isEnding || !writer.isOpen) return;
      noteActivity();
      const handled = writer.handleMessage(data.toString());
      const id = running.takeNewest();
      handled.then(
        () => {
          if (id !== null) running.settled(id);
        },
        () => {
          // Nothing of ours throws there: graphql-ws did not expect the message, or can't write its payload back.
          writer.close(CloseCode.BadRequest, 'Unexpected message');
        },
      );
    };
    // A peer that sends but does not read counts as silent: it does not answer the ping either.
    const inbox = new SocketInbox(writer, handle);
    socket.on('message', (data: Buffer) => {
      inbox.receive(data);
    });
    socket.on('pong', noteActivity);
    socket.on('ping', noteActivity);
    socket.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.name;
      // Codes of `ws` are faults of the peer, such as a message that is too long; the others are the
      // network's.
      if (code.startsWith('WS_ERR_')) meter.drop('protocol broken');
      log.debug({ ...logIds, code }, 'a WebSocket broke');
    });
    socket.on('close', (code, reason) => {
      connections.delete(connection);
      limits.closed(connection);
      log.debug({ ...logIds, code }, 'a WebSocket closed');
      session.release();
      running.close();
      void closed(code, reason.toString());
    });
  }

  /**
   * Closes sockets whose token has expired, and pings or cuts those whose peer is silent. A peer can keep a socket
   * closing for half a minute, without what runs on it.
   */
  function check(): void {
    const [nowMs, monotonicMs] = [clock.now(), clock.monotonic()];
    for (const connection of connections) {
      if (!connection.writer.isOpen) connection.running.close();
      connection.session.closeIfExpired(nowMs);
      if (isIdle(connection, monotonicMs)) {
        meter.drop('idle socket');
        connection.operatedAtMs = Infinity;
        connection.socket.close(CLOSE.idle.code, CLOSE.idle.reason);
      }
      const silentMs = monotonicMs - connection.activeAtMs;
      if (silentMs >= CUT_AFTER_SILENCE_MS) {
        meter.drop(connection.writer.backpressure.isFull ? 'slow reader' : 'silent socket');
        connection.socket.terminate();
      } else if (silentMs >= PING_AFTER_SILENCE_MS && !connection.pinged) {
        connection.pinged = true;
        connection.socket.ping();
      }
    }
  }
  const stopChecking = every(clock, CHECK_INTERVAL_MS, check);

  return {
    /** Answers an HTTP upgrade on the GraphQL path. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (!isAllowedOrigin(request.headers.origin, options.allowedOrigins, request.headers.host)) {
        meter.drop('origin refused');
        refuseUpgrade(stream, '403 Forbidden');
        return;
      }
      stream.on('error', ignoreBroken);
      limitHandshakes(() => {
        stream.off('error', ignoreBroken);
        const address = clientAddress(request);
        const refusal = limits.refusalOf(connections.size, address);
        if (refusal !== null) {
          refuseUpgrade(stream, refusal);
          return;
        }
        sockets.handleUpgrade(request, stream, head, (socket) => {
          accept(socket, stream, request, address);
        });
      });
    },

    connections,

    close(): void {
      void stopChecking();
      for (const { socket } of connections) socket.terminate();
    },
  };
}

export type WebSocketEndpoint = ReturnType<typeof createWebSocketEndpoint>;

export interface Connection extends OperationConnection, LimitedSocket {
  readonly socket: WebSocket;
  /** When the peer last sent something, on the monotonic clock, milliseconds. */
  activeAtMs: number;
  /** When an operation last came, or else the socket. */
  operatedAtMs: number;
  /** Whether it was pinged since. */
  pinged: boolean;
}

/** The part of a socket's upgrade request that is kept; the whole request would take far more memory. */
interface Caller {
  readonly connection: Connection;
  readonly headerToken: string | null;
}

/** Counts what is refused or cut. */
export interface EndpointMeter extends SocketMeter {
  drop(
    cause:
      | 'operations over limit'
      | 'origin refused'
      | 'token refused'
      | 'protocol broken'
      | 'silent socket'
      | 'idle socket'
      | 'sockets over limit'
      | 'slow reader',
  ): void;
}

interface WebSocketOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  readonly documents: DocumentCache;
  readonly durationsOf: OperationDurations;
  readonly trustedDocuments: TrustedDocuments;
  readonly services: Services;
  readonly notifications: Notifications;
  readonly sessionRecheck: SessionRecheck;
  /** An upgrade from any other origin is answered 403. */
  readonly allowedOrigins: AllowedOrigins;
  readonly clientAddress: ClientAddress;
  readonly limits: SocketLimitOptions;
  readonly clock: Clock;
  readonly meter: EndpointMeter;
  readonly log: Log;
  /** Called with an error of an operation that is no fault of the client. */
  readonly reportFailure: ReportFailure;
}

/** Answers an upgrade with an HTTP error and closes. */
export function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Answers an operation on a socket that is closed before. */
const NOT_SENT = new GraphQLError('The socket is closed.');
const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_OPERATIONS_PER_SOCKET = 200;
const HANDSHAKES_PER_TURN = 10;
const INIT_TIMEOUT_MS = 10_000;
/** As often as apps send their location, so that an app in use is hardly ever pinged. */
const PING_AFTER_SILENCE_MS = 30_000;
const CHECK_INTERVAL_MS = 1_000;
/** How long a socket may stay on which nobody has signed in and no operation comes. */
const IDLE_MS = 60_000;

function isIdle({ session, operatedAtMs }: Connection, monotonicMs: number): boolean {
  if (session.viewer !== null || session.isEnding || session.running > 0) return false;
  return monotonicMs - operatedAtMs >= IDLE_MS;
}

/** The handshake finds out by itself that a socket has broken. */
function ignoreBroken(): void {
  return undefined;
}
