import { once } from 'node:events';
import { Agent, type IncomingMessage, request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRawSocket } from '../support/raw-socket.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

/** What Java's HttpClient sends with the first request on a connection. */
const OFFER = {
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: 'h2c',
  'http2-settings': 'AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA',
};

let cluster: TestCluster;
let url: string;
beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());

describe('a request that offers HTTP/2', () => {
  it('is answered over HTTP/1.1, also when its body comes later', async () => {
    const agent = keptAlive();
    const sent = sendRequest(`${url}/graphql`, {
      agent,
      method: 'POST',
      headers: { ...OFFER, 'content-type': 'application/json', expect: '100-continue' },
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end(JSON.stringify({ query: `{ __typename } # ${'x'.repeat(100_000)}` }));
    expect(await answerTo(sent)).toMatchObject({ status: 200, body: '{"data":{"__typename":"Query"}}' });
  });

  it('leaves the connection for the next request', async () => {
    const agent = keptAlive();
    for (const [nth, headers] of [OFFER, {}, OFFER].entries()) {
      const sent = sendRequest(`${url}/health/live`, { agent, headers });
      sent.end();
      expect((await answerTo(sent)).status).toBe(200);
      expect(sent.reusedSocket).toBe(nth > 0);
    }
  });

  it('and is followed by another at once has both answered in order', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const offer = Object.entries(OFFER).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /health/live HTTP/1.1\r\nHost: x\r\n${offer.join('')}\r\n`);
    socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const statuses = (await text(socket)).match(/^HTTP\/1.1 \d+/gm);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });
});

it('a WebSocket is one in any case of letters', async () => {
  const raw = await openRawSocket(url, { headers: { Upgrade: 'WebSocket' } });
  await raw.init(null);
  raw.socket.close();
});

function keptAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  return agent;
}

async function answerTo(sent: ReturnType<typeof sendRequest>): Promise<{ status?: number; body: string }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}
