/** Requests that offer another protocol than WebSocket, as Java's HTTP client offers HTTP/2 on every new connection. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers as if nothing had been offered (RFC 9110, section 7.8). Node 20 takes the connection out of HTTP before it
 * tells of the offer, so the request is put back in front of what follows it, and the connection begins again.
 */
export function declineUpgrade(server: Server, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!OF_THE_OFFER.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  stream.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', stream);
}

/** Connection names the others; without it a connection of HTTP/1.1 is kept. */
const OF_THE_OFFER = new Set(['connection', 'upgrade', 'http2-settings']);
