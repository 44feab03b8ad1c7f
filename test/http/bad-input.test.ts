import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, befriend, type GraphQLAnswer, metric, move, signUp, type TestUser } from '../support/api.js';
import { type BadOperation, badOperations } from '../support/bad-input.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';

type Errors = NonNullable<GraphQLAnswer['errors']>;

let cluster: TestCluster;
let url: string;
let ann: TestUser;
let bad: BadOperation[];

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
  ann = await signUp(url);
  bad = await badOperations(url, ann);
});

afterAll(() => cluster.close());

const bodyOf = ({ query, variables = '{}', operationName }: BadOperation): string =>
  `{"query":${JSON.stringify(query)},"variables":${variables}${
    operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`
  }}`;

/** Null, or what is wrong with an answer. */
function fault(
  { name, codes, secret }: BadOperation,
  errors: Errors | undefined,
  text: string,
): string | null {
  const code = errors?.[0]?.extensions?.code;
  if (code === undefined) return `${name}: not refused: ${text.slice(0, 200)}`;
  if (!codes.includes(code)) return `${name}: ${code}, not ${codes.join(' or ')}: ${text.slice(0, 200)}`;
  const messages = errors?.map(({ message }) => message).join('\n') ?? '';
  if (secret !== undefined && text.includes(secret))
    return `${name}: repeats ${secret}: ${text.slice(0, 200)}`;
  if (/\bat .*\.(js|ts):\d|\b(SELECT|INSERT|Prisma|prisma|postgres)\b/.test(text))
    return `${name}: tells too much: ${text}`;
  return messages.length > 1_000 ? `${name}: says ${messages.length} characters` : null;
}

/** What all the operations together might have stored. */
async function stored(): Promise<unknown> {
  return ask(
    url,
    ann.token,
    `{ me { id handle displayName } sharing { enabled until } friends { totalCount } blockedUsers { totalCount }
       locationHistory { edges { node { recordedAt } } }
       incoming: friendRequests { edges { node { id } } }
       outgoing: friendRequests(direction: OUTGOING) { edges { node { id } } } }`,
  );
}

it('over HTTP bad input gets its documented code, and nothing is stored', async () => {
  const before = await stored();
  const faults: (string | null)[] = [];
  for (const operation of bad) {
    const isSubscription = operation.query.startsWith('subscription');
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: isSubscription ? 'text/event-stream' : 'application/json',
        authorization: `Bearer ${ann.token}`,
      },
      body: bodyOf(operation),
    });
    const text = await response.text();
    const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
    faults.push(fault(operation, (JSON.parse(json) as { errors?: Errors }).errors, text));
  }
  expect(faults.filter((one) => one !== null)).toEqual([]);
  expect(faults.length).toBeGreaterThan(150);
  expect(await stored()).toEqual(before);
}, 60_000);

it('over one WebSocket bad input gets its documented code, the socket lives on, and nothing is stored', async () => {
  const before = await stored();
  const friend = await signUp(url);
  const list = follow(url, friend, 500_000);
  await list.next();
  const raw = await openRawSocket(url);
  await raw.init(ann.token);
  const faults: (string | null)[] = [];
  for (const [index, operation] of bad.entries()) {
    raw.socket.send(`{"id":"${index}","type":"subscribe","payload":${bodyOf(operation)}}`);
    const answer = await raw.message(({ id }) => id === String(index));
    const { payload } = answer;
    const errors =
      answer.type === 'error' ? (payload as Errors) : (payload as GraphQLAnswer | undefined)?.errors;
    faults.push(fault(operation, errors, JSON.stringify(payload)));

    raw.send({ id: `me ${index}`, type: 'subscribe', payload: { query: '{ me { id } }' } });
    const next = await raw.message(({ id }) => id === `me ${index}`);
    expect(next.payload, `after ${operation.name}`).toEqual({ data: { me: { id: ann.id } } });
  }
  expect(faults.filter((one) => one !== null)).toEqual([]);
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  expect(await stored()).toEqual(before);

  // Nothing went out live either: the friend's list stays empty until the first update that is one.
  await befriend(url, ann, friend);
  await move(url, friend, { latitude: 0, longitude: 0 });
  await move(url, ann, { latitude: 1, longitude: 1 });
  await list.until(({ entries }) => entries.size > 0);
  expect(list.frames.flatMap(({ nearby }) => nearby.map(({ location }) => location.latitude))).toEqual([1]);
  raw.socket.close();
}, 60_000);

it('bodies and messages that are too large or are no operations are refused, and the server goes on', async () => {
  const post = (body: string, type = 'application/json'): Promise<Response> =>
    fetch(`${url}/graphql`, { method: 'POST', body, headers: { 'content-type': type } });
  expect((await post(JSON.stringify({ query: '{ me { id } }', extra: 'x'.repeat(2_000_000) }))).status).toBe(
    413,
  );
  for (const body of [
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"query":1}',
    '{"query":"{ me { id } }","variables":[1]}',
  ]) {
    const response = await post(body);
    const text = await response.text();
    expect(response.status, `${body}: ${text}`).toBeLessThan(500);
    expect(text, body).toMatch(/"code":"(BAD_USER_INPUT|GRAPHQL_\w+_FAILED)"/);
  }
  expect((await post('{"query":"{ me { id } }"}', 'text/plain')).status).toBe(415);

  const before = await metric(url, 'nearby_drops_total{cause="protocol broken"}');
  const tooLarge = await openRawSocket(url);
  await tooLarge.init(ann.token);
  tooLarge.socket.send(
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'x'.repeat(2_000_000) } }),
  );
  expect((await tooLarge.closed).code).toBe(1009);
  const senseless = await openRawSocket(url);
  senseless.socket.send('{"type":"nonsense"}');
  expect((await senseless.closed).code).toBe(4400);
  expect(await metric(url, 'nearby_drops_total{cause="protocol broken"}')).toBe(before + 2);
  expect((await ask<{ me: { id: string } }>(url, ann.token, '{ me { id } }')).me.id).toBe(ann.id);
});
