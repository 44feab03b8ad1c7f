/** What a hostile client sends, at random: bytes, messages of the protocol, documents and variables. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Random } from './random.js';
import { mutateText, type RandomOperation, randomOperation, strangeValue } from './random-operations.js';

export interface Target {
  readonly url: string;
  /** Access tokens of users who may be anybody but bystanders. */
  readonly tokens: readonly string[];
  /** Called with every text that the server sent. */
  onAnswer(text: string): void;
}

export type Attack = (random: Random, target: Target) => Promise<void>;

/** Each takes at most about a second. */
export const ATTACKS: Readonly<Record<string, Attack>> = { bytes, frames, messages, requests, streams };

/** Bytes at a port: none of HTTP, or HTTP with mistakes. */
async function bytes(random: Random, target: Target): Promise<void> {
  const { hostname, port, host } = new URL(target.url);
  const token = random.pick(target.tokens);
  const body = '{"query":"{ me { id } }"}';
  const requests = [
    `GET /graphql HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}\r\n`,
    `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    `GET /graphql?query={__typename} HTTP/1.0\r\n\r\n`,
    `GET http://${host}/metrics HTTP/1.1\r\nHost: elsewhere\r\n\r\n`,
  ];
  const text = random.pick(requests);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', target.onAnswer);
  const sent = random.chance(0.2)
    ? random.bytes(random.below(2_000))
    : Buffer.from(random.chance(0.7) ? mutateText(random, text) : text, 'latin1');
  // In pieces, and mostly not to the end.
  const cut = random.below(sent.length + 1);
  socket.write(sent.subarray(0, cut));
  await sleep(random.below(30));
  if (random.chance(0.7)) socket.write(sent.subarray(cut));
  await Promise.race([once(socket, 'close'), sleep(random.below(200))]);
  socket.destroy();
}

/** Frames of the WebSocket protocol with mistakes, on a connection that was upgraded. */
async function frames(random: Random, target: Target): Promise<void> {
  const { hostname, port, host } = new URL(target.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', target.onAnswer);
  socket.write(`GET /graphql HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}\r\n`);
  await Promise.race([once(socket, 'data'), sleep(1_000)]);
  for (let count = random.below(20); count > 0; count--) {
    const isText = random.chance(0.7);
    const payload = isText
      ? Buffer.from(random.chance(0.5) ? randomMessage(random, target) : '{"type":"connection_init"}')
      : random.bytes(random.below(300));
    socket.write(frameOf(random, payload, isText));
  }
  await Promise.race([once(socket, 'close'), sleep(random.below(200))]);
  socket.destroy();
}

/** Messages of the protocol in any order, with few ids, often in one go and often unread. */
async function messages(random: Random, target: Target): Promise<void> {
  const socket = new WebSocket(`${target.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    target.onAnswer(data.toString());
  });
  await Promise.race([once(socket, 'open'), sleep(1_000)]).catch(() => undefined);
  const send = (text: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  if (random.chance(0.9)) send(initMessage(random, target));
  if (random.chance(0.9)) await Promise.race([once(socket, 'message'), sleep(300)]);
  const stream = random.chance(0.3) ? (socket as WebSocket & { readonly _socket: Socket })._socket : null;
  stream?.cork();
  if (random.chance(0.1)) socket.pause();
  for (let count = random.below(60); count > 0; count--) {
    send(randomMessage(random, target));
    if (stream === null && random.chance(0.1)) await sleep(random.below(20));
  }
  stream?.uncork();
  await Promise.race([once(socket, 'close'), sleep(random.below(300))]);
  if (socket.isPaused && random.chance(0.5)) socket.resume();
  if (random.chance(0.5)) socket.terminate();
  else socket.close();
}

/** Operations over HTTP. */
async function requests(random: Random, target: Target): Promise<void> {
  for (let count = 1 + random.below(5); count > 0; count--) {
    await exchange(random, target, randomOperation(random), random.pick(ACCEPTED));
  }
}

/** Subscriptions as event streams, left at any moment. */
async function streams(random: Random, target: Target): Promise<void> {
  const operation = randomOperation(random);
  if (operation.isSubscription) await exchange(random, target, operation, 'text/event-stream');
}

async function exchange(
  random: Random,
  target: Target,
  operation: RandomOperation,
  accept: string,
): Promise<void> {
  const { query, variables, operationName } = operation;
  const headers = {
    accept,
    'content-type': random.chance(0.9)
      ? 'application/json'
      : random.pick(['text/plain', 'application/graphql', 'x']),
    ...(random.chance(0.8) ? { authorization: `Bearer ${random.pick([...target.tokens, 'x.y.z'])}` } : {}),
  };
  const name = operationName === null ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  const body = `{"query":${JSON.stringify(query)},"variables":${variables}${name}}`;
  const asGet = random.chance(0.15) && variables.length < 4_000;
  const sent = random.chance(0.1) ? variables.slice(0, -1) : variables;
  const address = asGet
    ? `${target.url}/graphql?query=${encodeURIComponent(Buffer.from(query).toString())}&variables=${encodeURIComponent(sent)}`
    : `${target.url}/graphql`;
  const signal = AbortSignal.timeout(20 + random.below(operation.isSubscription ? 200 : 2_000));
  try {
    const response = await fetch(
      address,
      asGet ? { headers, signal } : { method: 'POST', headers, body, signal },
    );
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) target.onAnswer(decoder.decode(chunk, { stream: true }));
  } catch {
    // Left before the end, or the server closed the connection; whether it lives is looked at elsewhere.
  }
}

const ACCEPTED = [
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'text/html',
  'image/png',
  '',
];

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n';

const TYPES = [
  'subscribe',
  'complete',
  'ping',
  'pong',
  'next',
  'error',
  'connection_ack',
  'connection_init',
  'nothing',
];
/** Few, so that they meet; the longest does not fit a close frame. */
const IDS = ['a', 'a', 'b', 'c', '__proto__', 'ü', 'x'.repeat(110), '😀'.repeat(40)];
/** What is asked most, so that it is running when its id comes again. */
const FREQUENT = [
  'subscription { nearbyFriends { snapshot nearby { distanceMeters } } }',
  'subscription { friendRequests { id } }',
  '{ me { id } }',
  'mutation { updateLocation(input: { latitude: 1, longitude: 2 }) { recorded } }',
];

function initMessage(random: Random, target: Target): string {
  const token = random.chance(0.8) ? random.pick(target.tokens) : random.pick(['', 'x.y.z', '\u0000']);
  const payload = random.chance(0.9)
    ? JSON.stringify({ authorization: `Bearer ${token}` })
    : strangeValue(random);
  return `{"type":"connection_init","payload":${payload}}`;
}

function randomMessage(random: Random, target: Target): string {
  const type = random.chance(0.7) ? random.pick(['subscribe', 'subscribe', 'complete']) : random.pick(TYPES);
  // A second one ends the socket, so it is rare.
  if (type === 'connection_init') return random.chance(0.1) ? initMessage(random, target) : '{"type":"ping"}';
  const id = JSON.stringify(random.pick(IDS));
  const operation = randomOperation(random);
  const payload =
    type !== 'subscribe'
      ? random.pick([strangeValue(random), '{}', 'null', `{"text":"${'x'.repeat(random.below(20_000))}"}`])
      : random.chance(0.6)
        ? JSON.stringify({ query: random.pick(FREQUENT) })
        : `{"query":${JSON.stringify(operation.query)},"variables":${operation.variables},"operationName":${JSON.stringify(operation.operationName)}}`;
  const text = `{"id":${random.chance(0.98) ? id : strangeValue(random)},"type":"${type}","payload":${payload}}`;
  return random.chance(0.02) ? mutateText(random, text) : text;
}

/** A frame of a client, mostly a right one. */
function frameOf(random: Random, payload: Buffer, isText: boolean): Buffer {
  const opcode = random.chance(0.85) ? (isText ? 1 : 2) : random.below(16);
  const first = (random.chance(0.9) ? 0x80 : 0) | (random.chance(0.95) ? 0 : random.below(8) << 4) | opcode;
  const isMasked = random.chance(0.95);
  const { length } = payload;
  const told = random.chance(0.95) ? length : random.below(2 ** 16);
  const head =
    told < 126
      ? Buffer.from([first, told])
      : told < 2 ** 16
        ? Buffer.from([first, 126, told >> 8, told & 255])
        : Buffer.from([first, 127, 0, 0, 0, 0, 0, (told >> 16) & 255, (told >> 8) & 255, told & 255]);
  if (!isMasked) return Buffer.concat([head, payload]);
  head[1] = (head[1] ?? 0) | 0x80;
  const mask = random.bytes(4);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
