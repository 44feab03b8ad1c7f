/** Requests as some proxies and health checks send them, and the address that the server prints. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/http/http-server.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1, { allowedOrigins: ['https://app.example'] });
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());

/** Sends what stands in `path` as the request's target, as it is. */
async function send(path: string, options: RequestOptions = {}, body = ''): Promise<[number, string]> {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, agent: false, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode ?? 0, await text(response)];
}

describe('a request in absolute form is answered like its path', () => {
  it.each([
    ['http://nearby.test/health/ready', 'ready\n'],
    ['HTTP://nearby.test:81/health/live?x', 'live\n'],
    ['http://nearby.test', 'Nearby Friends'],
    ['http://nearby.test/page.json', '"defaultRadiusMeters"'],
    ['http://nearby.test/.well-known/jwks.json', '"keys"'],
    ['http://nearby.test/graphql?query={__typename}', '"Query"'],
  ])('%s', async (target, answer) => {
    const [status, body] = await send(target, { headers: { accept: 'application/json, */*' } });
    expect(body).toContain(answer);
    expect(status).toBe(200);
  });

  it('a mutation', async () => {
    const headers = { 'content-type': 'application/json' };
    const [, body] = await send(
      'http://nearby.test/graphql',
      { method: 'POST', headers },
      '{"query":"mutation { refreshToken(refreshToken: \\"x\\") { accessToken } }"}',
    );
    expect(body).toContain('UNAUTHENTICATED');
  });

  it('a path that is none', async () => {
    expect(await send('http://nearby.test/nothing')).toEqual([404, 'not found\n']);
  });

  it.each([
    ['http://nearby.test', 101],
    ['http://elsewhere.test', 403],
  ])('a WebSocket from the origin %s', async (origin, status) => {
    const { hostname, port } = new URL(url);
    const sent = request({
      hostname,
      port,
      path: 'http://nearby.test/graphql',
      headers: {
        origin,
        // The target's host counts, not this one (RFC 9112, section 3.2.2).
        host: 'elsewhere.test',
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': 'graphql-transport-ws',
      },
    });
    onTestFinished(() => void sent.destroy());
    sent.end();
    const [response] = (await Promise.race([once(sent, 'upgrade'), once(sent, 'response')])) as [
      IncomingMessage,
    ];
    expect(response.statusCode).toBe(status);
  });
});

describe('the address that is printed', () => {
  it.each(['0.0.0.0', '::', '127.0.0.1'])('can be opened when the server listens at %s', async (host) => {
    const server = createServer((_request, response) => response.end('here'));
    onTestFinished(() => void server.close());
    const printed = await listen(server, host, 0);
    expect(printed).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(printed)).text()).toBe('here');
  });
});
