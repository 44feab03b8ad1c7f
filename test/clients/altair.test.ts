/** Altair, from its static package, in Chromium: used by hand, as testers do. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../browser/browser.js';
import { move, signUpFriends, type TestUser } from '../support/api.js';
import { NEARBY } from './apps/operations.js';
import { FAR, HERE, NEAR, NEARER, startServer } from './story.js';

const PATIENCE = { timeout: 60_000 };

interface AltairStatic {
  getDistDirectory(): string;
  renderAltair(options: object): string;
}

const altair = createRequire(new URL('apps/package.json', import.meta.url))('altair-static') as AltairStatic;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test.each([
  ['graphql-ws', socketOf],
  ['graphql-sse', (url: string) => `${url}/graphql`],
] as const)(
  'with its handler %s Altair shows how a friend comes, moves and leaves',
  async (handler, endpointOf) => {
    const { url } = await startServer();
    const [ada, bob] = await signUpFriends(url);
    await move(url, ada, HERE);
    const page = await openAltair(url, ada, {
      subscriptionsEndpoint: endpointOf(url),
      initialSubscriptionRequestHandlerId: handler,
    });
    await page.getByRole('button', { name: 'Send Request' }).click();
    const shows = (text: string) => expect.poll(() => resultOf(page), PATIENCE).toContain(text);
    await shows('"snapshot": true');
    await move(url, bob, NEAR);
    await shows(`"latitude": ${NEAR.latitude}`);
    await move(url, bob, NEARER);
    await shows(`"latitude": ${NEARER.latitude}`);
    await move(url, bob, FAR);
    await shows('"reason": "OUT_OF_RANGE"');
  },
);

test('with graphql-ws the list goes on after a restart, and stands still when the token has ended', async () => {
  const server = await startServer();
  const page = await openAltair(server.url, (await signUpFriends(server.url))[0], {
    subscriptionsEndpoint: socketOf(server.url),
    initialSubscriptionRequestHandlerId: 'graphql-ws',
  });
  let sockets = 0;
  page.on('websocket', () => (sockets += 1));
  await page.getByRole('button', { name: 'Send Request' }).click();
  await expect.poll(() => snapshotsOn(page), PATIENCE).toBe(1);
  await server.restart();
  await expect.poll(() => snapshotsOn(page), PATIENCE).toBe(2);
  const before = sockets;
  server.endTokens();
  // It comes back with the old token, again and again.
  await expect.poll(() => sockets, PATIENCE).toBeGreaterThan(before + 1);
  expect(await snapshotsOn(page)).toBe(2);
});

test('with graphql-sse a restart ends the list, and another request begins one', async () => {
  const server = await startServer();
  const page = await openAltair(server.url, (await signUpFriends(server.url))[0], {
    subscriptionsEndpoint: `${server.url}/graphql`,
    initialSubscriptionRequestHandlerId: 'graphql-sse',
  });
  await page.getByRole('button', { name: 'Send Request' }).click();
  await expect.poll(() => snapshotsOn(page), PATIENCE).toBe(1);
  await server.restart();
  await expect.poll(() => snapshotsOn(page), PATIENCE).toBe(0);
  await page.getByRole('button', { name: 'Send Request' }).click();
  await expect.poll(() => snapshotsOn(page), PATIENCE).toBe(1);
});

test("Altair's default handler speaks the legacy subprotocol, and is refused", async () => {
  const { url } = await startServer();
  const [ada] = await signUpFriends(url);
  const page = await openAltair(url, ada, { subscriptionsEndpoint: socketOf(url) });
  const refusals: string[] = [];
  page.on('websocket', (socket) => socket.on('socketerror', (error) => void refusals.push(error)));
  await page.getByRole('button', { name: 'Send Request' }).click();
  await expect.poll(() => refusals[0], PATIENCE).toContain("'Sec-WebSocket-Protocol'");
});

function socketOf(url: string): string {
  return `${url.replace('http', 'ws')}/graphql`;
}

/** @param options which say how it subscribes. */
async function openAltair(url: string, user: TestUser, options: object): Promise<Page> {
  const authorization = `Bearer ${user.token}`;
  const html = altair.renderAltair({
    endpointURL: `${url}/graphql`,
    initialQuery: NEARBY,
    // Over a socket the token goes into the connection parameters, over HTTP into the headers.
    initialSubscriptionsPayload: { authorization },
    initialHeaders: { authorization },
    ...options,
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 2_000 } });
  await page.goto(await serve(html));
  return page;
}

function resultOf(page: Page): Promise<string> {
  return page.locator('app-query-result').innerText();
}

async function snapshotsOn(page: Page): Promise<number> {
  return (await resultOf(page)).split('"snapshot": true').length - 1;
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** Altair's page and its files, by a server of their own, as where testers keep it. */
async function serve(html: string): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://altair');
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html').end(html);
      return;
    }
    readFile(join(altair.getDistDirectory(), pathname)).then(
      (file) =>
        response.setHeader('content-type', TYPES[extname(pathname)] ?? 'application/octet-stream').end(file),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
