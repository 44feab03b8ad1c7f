/** What HTTP refuses before it runs anything, and that a refusal leaves nothing behind, on the server or in its log. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../src/log.js';
import { ask, connectForTest, metric, requestOverSocket, signUp, type TestUser } from '../support/api.js';
import { startHaproxy } from '../support/haproxy.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';

const CANARY = '55.123456';

let cluster: TestCluster;
let url: string;
let ann: TestUser;
const written: string[] = [];

beforeAll(async () => {
  const log = createLogger('trace', { write: (line) => void written.push(line) });
  cluster = await startTestCluster(3, {}, { log });
  url = cluster.urls[0] as string;
  ann = await signUp(url);
});

afterAll(() => cluster.close());

function post(query: string, accept = '*/*'): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${ann.token}` },
    body: JSON.stringify({ query }),
  });
}

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

describe('"accept"', () => {
  const LIST = 'subscription { nearbyFriends { snapshot } }';

  it.each([
    'application/json',
    'application/graphql-response+json',
    'multipart/mixed',
    'multipart/mixed;subscriptionSpec=2.0',
    'text/html',
    'image/*',
  ])('%s gets no subscription, which does not begin', async (accept) => {
    const response = await post(LIST, accept);
    expect(response.status).toBe(406);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(await metric(url, 'nearby_subscriptions')).toBe(0);
  });

  it('tells a subscriber what to ask for', async () => {
    expect(await (await post(LIST, 'application/json')).text()).toContain('text/event-stream');
  });

  it.each(['text/plain', 'text/html', 'application/json;q=0', 'application/json;charset=latin1'])(
    '%s gets no mutation, which is not done',
    async (accept) => {
      const response = await post(
        'mutation { updateSharing(input: { enabled: false }) { enabled } }',
        accept,
      );
      expect(response.status).toBe(406);
      expect(await codeOf(response)).toBe('BAD_USER_INPUT');
      expect(await ask(url, ann.token, '{ sharing { enabled } }')).toEqual({ sharing: { enabled: true } });
    },
  );

  it.each([
    'application/json',
    'application/graphql-response+json, application/json;q=0.9',
    'application/*',
    'text/event-stream',
    'multipart/mixed;subscriptionSpec=1.0',
    'application/json, text/event-stream;q=0',
  ])('%s gets the answer of a query', async (accept) => {
    const response = await post('{ me { id } }', accept);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(ann.id);
  });

  it('of errors is not asked: they are JSON', async () => {
    const response = await post('subscription { nothing }', 'text/event-stream');
    expect(await response.text()).toContain('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('JSON that can not be read', () => {
  const broken = [
    ['variables', `query={__typename}&variables=${encodeURIComponent(`{"a":l${CANARY}`)}`],
    ['extensions', `query={__typename}&extensions=${encodeURIComponent(`l${CANARY}`)}`],
  ] as const;

  it.each(broken)('in %s of a GET is BAD_USER_INPUT', async (_name, search) => {
    const failures = await metric(url, 'nearby_operation_failures_total');
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await fetch(`${url}/graphql?${search}`, { headers: { accept } });
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe('BAD_USER_INPUT');
    }
    expect(await metric(url, 'nearby_operation_failures_total')).toBe(failures);
  });

  it('in a body is BAD_USER_INPUT', async () => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const headers = { 'content-type': 'application/json', accept };
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: `{"query":l${CANARY}`,
      });
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(text).toContain('BAD_USER_INPUT');
      expect(text).not.toContain(CANARY);
    }
  });
});

it('no part of what was sent is in any line of the log, whatever can not be read', async () => {
  await fetch(`${url}/graphql?query={__typename}&variables=l${CANARY}`);
  await fetch(`${url}/${CANARY}`);
  await post(`{ ${CANARY} }`);
  await post(
    `mutation { updateLocation(input: { latitude: ${CANARY}, longitude: "${CANARY}" }) { recorded } }`,
  );
  await post(`subscription { nearbyFriends(radiusMeters: "${CANARY}") { snapshot } }`, 'text/event-stream');
  await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': CANARY }, body: CANARY });
  await fetch(`${url}/graphql`, { headers: { authorization: `Bearer ${CANARY}.${CANARY}.${CANARY}` } });
  for (const message of [
    `l${CANARY}`,
    `{"type":"${CANARY}"}`,
    `{"id":"1","type":"subscribe","payload":${CANARY}}`,
  ]) {
    const raw = await openRawSocket(url);
    await raw.init(null);
    raw.socket.send(message);
    await raw.closed;
  }
  const raw = await openRawSocket(url);
  raw.socket.send(`{"type":"connection_init","payload":{"authorization":"Bearer l${CANARY}"}}`);
  await raw.closed;
  const broken = connect(Number(new URL(url).port), '127.0.0.1');
  broken.end(`GET /graphql?${CANARY} HTTP/9.9\r\n${CANARY}\r\n\r\n`);
  broken.resume();
  await once(broken, 'close');
  expect(written.length).toBeGreaterThan(0);
  expect(written.filter((line) => line.includes(CANARY))).toEqual([]);
});

describe('a body over 1 MiB in chunks', () => {
  const PIECE = Buffer.alloc(64 * 1024, 'x');

  async function* pieces(count: number): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < count; sent++) yield PIECE;
  }

  const tooLarge = (target: string): Promise<Response> =>
    fetch(`${target}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: pieces(20),
      duplex: 'half',
    } as object);

  it('ends its connection with the answer', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    let answers = '';
    socket.on('data', (data: Buffer) => (answers += data.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    for (let sent = 0; sent < 17; sent++) socket.write(`10000\r\n${PIECE.toString()}\r\n`);
    await closed;
    expect(answers).toMatch(/^HTTP\/1.1 413 [^]*\r\nconnection: close\r\n/i);
  });

  it('leaves the requests of others alone, in a pool of connections and behind the load balancer', async () => {
    const haproxy = await startHaproxy(cluster.urls.map((each) => Number(new URL(each).port)));
    onTestFinished(() => haproxy.close());
    await haproxy.untilReady([0, 1, 2]);
    for (const target of [url, haproxy.url]) {
      // Who goes on sending may see the connection end before the answer.
      await Promise.allSettled(Array.from({ length: 15 }, () => tooLarge(target)));
      const others = Array.from({ length: 60 }, () =>
        fetch(`${target}/graphql?query={__typename}`, { signal: AbortSignal.timeout(5_000) }),
      );
      expect(new Set((await Promise.all(others)).map(({ status }) => status))).toEqual(new Set([200]));
    }
  });
});

describe('the cost of an operation', () => {
  const many = (count: number, field: string): string =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;
  const client = () => connectForTest(url, ann.token);

  it.each([
    ['many lists of nearby friends', many(70, 'nearbyFriends { updatedAt }')],
    ['many pages', many(40, 'friends(first: 1000) { edges { node { id } } }')],
    [
      'pages whose size is a variable',
      `query ($n: Int!) ${many(40, 'friends(first: $n) { edges { node { id } } }')}`,
    ],
    [
      'introspection again and again',
      `${many(50, '__schema { ...F }')} fragment F on __Schema { types { name fields { name args { name } } } }`,
    ],
    ['lists in fragments', `${many(100, 'nearbyFriends { ...F }')} fragment F on NearbyFriend { updatedAt }`],
    ['as many questions to the database', many(100, 'me { id }')],
    [
      'conditions',
      `{ ${Array.from({ length: 50 }, (_, i) => `a${i}: nearbyFriends @skip(if: true) { updatedAt }`).join(' ')} }`,
    ],
  ])('is limited: %s', async (_name, query) => {
    const refused = {
      errors: [
        {
          message: expect.stringContaining('costs more') as string,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    };
    expect(await (await post(query)).json()).toMatchObject(refused);
    expect(await requestOverSocket(client(), query, { n: 1 })).toMatchObject(refused);
  });

  it.each([
    ['introspection', getIntrospectionQuery()],
    [
      'all of introspection',
      getIntrospectionQuery({
        descriptions: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    ],
    [
      'everything on a screen',
      `query ($n: Int!) { me { id handle displayName } nearbyFriends { friend { id handle displayName } distanceMeters updatedAt location { latitude longitude } } friends(first: $n) { totalCount edges { node { id handle displayName } } } friendRequests(first: 100) { edges { node { id from { id displayName } } } } }`,
    ],
    [
      'nearby friends twice',
      many(
        2,
        'nearbyFriends { friend { id handle displayName } distanceMeters updatedAt location { latitude longitude recordedAt } }',
      ),
    ],
  ])('leaves apps and tools alone: %s', async (_name, query) => {
    const result = await requestOverSocket(client(), query, { n: 100 });
    expect(result.errors).toBeUndefined();
  });
});
