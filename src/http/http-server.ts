/**
 * The one HTTP server: the map page, GraphQL and its WebSocket, what location apps send, health, metrics and the public
 * keys of tokens.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lifecycle } from '../lifecycle.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { StartupError } from '../startup-error.js';
import type { Clock } from '../time/clock.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';
import type { ClientAddress } from './client-address.js';
import { declineUpgrade, isWebSocket } from './declined-upgrade.js';
import type { Ingest } from './ingest/ingest.js';
import type { MapPage } from './map-page.js';
import { requestIdOf } from './request-id.js';
import { refuseUpgrade, type WebSocketEndpoint } from './websocket.js';
import type { Yoga } from './yoga.js';

/**
 * Longer than load balancers keep an idle connection, so none is closed while the next request is on its way.
 */
const KEEP_ALIVE_MS = 75_000;
/**
 * Connections that wait to be accepted, as when all clients reconnect at once; the system may allow fewer.
 */
const BACKLOG = 4_096;
/** Requests without a token that start in one turn of the event loop: a flood of sign-ins delays no update. */
const STRANGERS_PER_TURN = 1;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { yoga, webSocket, ingest, page, clientAddress, lifecycle, metrics, log } = options;
  const unanswered = new Set<ServerResponse>();
  const limitStrangers = createPerTurnLimit(STRANGERS_PER_TURN, options.clock);
  let probed = false;

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    response.setHeader('x-request-id', requestId);
    // A kept-alive connection would tie a client to a server that is about to leave.
    if (lifecycle.stage !== 'ready') response.setHeader('connection', 'close');
    switch (pathOf(request)) {
      case '/health/live':
        reply(response, 200, 'text/plain', 'live\n');
        return;
      case '/health/ready': {
        probed = true;
        const ready = await options.isReady();
        reply(response, ready ? 200 : 503, 'text/plain', ready ? 'ready\n' : 'not ready\n');
        return;
      }
      case '/metrics':
        if (options.metricsElsewhere) reply(response, 404, 'text/plain', 'not found\n');
        else reply(response, 200, metrics.contentType, await metrics.text());
        return;
      case '/.well-known/jwks.json':
        reply(response, 200, 'application/jwk-set+json', JSON.stringify(options.publicKeys()));
        return;
      case '/graphql':
        if (request.headers.authorization === undefined) await new Promise<void>(limitStrangers);
        await yoga(request, response, {
          req: request,
          res: response,
          address: clientAddress(request),
          logIds: { requestId },
        });
        return;
      case '/ingest/owntracks':
      case '/ingest/overland':
        await ingest.answer(pathOf(request), request, response);
        return;
      default:
        page(request, response, () => {
          reply(response, 404, 'text/plain', 'not found\n');
        });
    }
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    toOriginForm(request);
    const requestId = requestIdOf(request);
    const startedAtMs = performance.now();
    unanswered.add(response);
    closeIfUnread(request, response);
    response.once('close', () => {
      unanswered.delete(response);
      const { statusCode: status } = response;
      // An unknown path may contain anything, and a query string holds the operation.
      const path = status === 404 ? undefined : pathOf(request);
      const tookMs = Math.round(performance.now() - startedAtMs);
      log.debug({ requestId, method: request.method, path, status, tookMs }, 'a request was answered');
    });
    answer(request, response, requestId).catch((error: unknown) => {
      log.error({ requestId, err: error }, 'a request could not be answered');
      if (!response.headersSent) reply(response, 500, 'text/plain', 'internal server error\n');
      else response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, stream, head) => {
    if (!isWebSocket(request)) {
      declineUpgrade(server, request, stream, head);
      return;
    }
    stream.on('error', () => stream.destroy());
    // RFC 6455, section 4.2.1; Node itself checks only requests that are no upgrades.
    const isBad = request.httpVersion !== '1.1' || !request.headers.host;
    toOriginForm(request);
    if (isBad) refuseUpgrade(stream, '400 Bad Request');
    else if (pathOf(request) !== '/graphql') refuseUpgrade(stream, '404 Not Found');
    else if (lifecycle.stage !== 'ready') refuseUpgrade(stream, '503 Service Unavailable');
    else webSocket.upgrade(request, stream, head);
  });
  return {
    server,
    isBusy: () => [...unanswered].some((response) => !isStream(response)),
    isProbed: () => probed,
  };
}

interface HttpServerOptions {
  readonly yoga: Yoga;
  readonly webSocket: WebSocketEndpoint;
  readonly ingest: Ingest;
  readonly page: MapPage;
  readonly clientAddress: ClientAddress;
  /**
   * From the stage 'draining' on, upgrades are answered 503 and connections are closed after their answer.
   */
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  /** Whether a server of its own answers for metrics. */
  readonly metricsElsewhere: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the server takes new work and its dependencies answer. */
  isReady(): Promise<boolean>;
  /** JSON Web Key Set (RFC 7517) of the keys that sign access tokens. */
  publicKeys(): object;
}

export interface HttpServer {
  readonly server: Server;
  /** Whether requests are under way, apart from subscriptions, which do not end by themselves. */
  isBusy(): boolean;
  /**
   * Whether /health/ready has been requested: its reader has to see that the server leaves before it is gone.
   */
  isProbed(): boolean;
}

/**
 * Starts listening; returns the URL to open, which for all addresses (0.0.0.0, ::) is that of this machine.
 * @param settings that name the address, for the error.
 * @throws StartupError when the address is taken or not ours.
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
  settings = 'PORT, HOST',
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
      reject(new StartupError(`${settings}: ${host}:${port} ${reason}.`));
    });
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${taken}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

/**
 * Rewrites a request in absolute form, such as `GET http://host/health/ready`, as the same one in origin form.
 * Its own host counts instead of the header's (RFC 9112, section 3.2.2).
 */
function toOriginForm(request: IncomingMessage): void {
  const { url = '/' } = request;
  if (url.startsWith('/') || !URL.canParse(url)) return;
  const { host, pathname, search } = new URL(url);
  request.url = pathname + search;
  request.headers.host = host;
}

/**
 * Ends the connection with an answer that comes before the end of a body in chunks, such as that a body is too large.
 * Nothing reads the rest, so a next request, behind a load balancer somebody else's, would have no answer.
 */
function closeIfUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['transfer-encoding'] === undefined) return;
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    if (!request.complete) response.shouldKeepAlive = false;
    return writeHead(...args);
  };
}

function isStream(response: ServerResponse): boolean {
  return /^(text\/event-stream|multipart\/mixed)/.test(String(response.getHeader('content-type')));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
