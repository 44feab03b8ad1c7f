/**
 * A push service and the browsers behind it, on loopback: it checks who sends (VAPID) and decrypts what is sent, as a
 * browser does.
 */
import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import ece from 'http_ece';
import { importJWK, jwtVerify } from 'jose';
import webPush, { type VapidKeys } from 'web-push';
import type { PushConfig } from '../../src/config.js';
import type { PushSubscription } from '../../src/domain/push.js';

export interface PushedMessage {
  readonly message: unknown;
  readonly ttl: string | undefined;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
}

/** A browser that has subscribed. */
export interface TestBrowser extends PushSubscription {
  /** What it was sent, oldest first. */
  readonly received: PushedMessage[];
}

export interface PushService {
  readonly origin: string;
  /** For servers: their keys, and this service. */
  readonly config: PushConfig;
  /** A browser with an endpoint of its own. */
  subscribe(): TestBrowser;
  /** Takes over the answers for a browser; by default a message is taken with 201. */
  answer(browser: TestBrowser, answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Requests that are open. */
  readonly open: number;
  /** How many requests came, whatever became of them. */
  readonly requests: number;
  /** What was wrong with messages. */
  readonly problems: unknown[];
  close(): Promise<void>;
}

/** @param keys of the servers that send. */
export async function startPushService(
  { publicKey, privateKey }: VapidKeys = webPush.generateVAPIDKeys(),
): Promise<PushService> {
  const browsers = new Map<string, { browser: TestBrowser; keys: ECDH }>();
  const answers = new Map<TestBrowser, (request: IncomingMessage, response: ServerResponse) => void>();
  const problems: unknown[] = [];
  let requests = 0;
  let open = 0;

  async function checkSender(authorization: string | undefined): Promise<void> {
    const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization ?? '') ?? [];
    if (key !== publicKey) throw new Error(`signed with another key: ${authorization}`);
    const point = Buffer.from(key, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
    const jwk = await importJWK({ kty: 'EC', crv: 'P-256', x, y } as never, 'ES256');
    const { payload } = await jwtVerify(token, jwk, { audience: origin, algorithms: ['ES256'] });
    if (payload.sub !== 'mailto:ops@example.org' || (payload.exp ?? 0) * 1_000 > Date.now() + 86_400_000) {
      throw new Error('a wrong subject or expiry');
    }
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = browsers.get(request.url ?? '');
    const answer = found && answers.get(found.browser);
    if (answer !== undefined) return answer(request, response);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (found === undefined || request.method !== 'POST') throw new Error(`${request.method} ${request.url}`);
    await checkSender(request.headers.authorization);
    const authSecret = Buffer.from(found.browser.auth, 'base64url');
    const text = ece.decrypt(Buffer.concat(parts), {
      version: 'aes128gcm',
      privateKey: found.keys,
      authSecret,
    });
    const { ttl, urgency, topic } = request.headers as Record<string, string | undefined>;
    found.browser.received.push({ message: JSON.parse(text.toString()), ttl, urgency, topic });
    response.writeHead(201).end();
  }

  const server = createServer((request, response) => {
    requests += 1;
    open += 1;
    response.on('close', () => (open -= 1));
    take(request, response).catch((error: unknown) => {
      problems.push(error);
      response.writeHead(400).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    config: { publicKey, privateKey, subject: 'mailto:ops@example.org', services: [origin] },
    subscribe() {
      const keys = createECDH('prime256v1');
      const path = `/push/${randomBytes(16).toString('base64url')}`;
      const browser: TestBrowser = {
        endpoint: `${origin}${path}`,
        p256dh: keys.generateKeys('base64url'),
        auth: randomBytes(16).toString('base64url'),
        received: [],
      };
      browsers.set(path, { browser, keys });
      return browser;
    },
    answer: (browser, answer) => void answers.set(browser, answer),
    get open() {
      return open;
    },
    get requests() {
      return requests;
    },
    problems,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
