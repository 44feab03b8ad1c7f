/** Everything under a path prefix, behind a real load balancer that strips it and ends TLS. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { befriend, move, signUp, signUpFriends } from '../support/api.js';
import { type Haproxy, startHaproxy } from '../support/haproxy.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { follow, metersOf, openClient, PASSWORD } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';
import { launchBrowser } from './browser.js';
import { openGraphiQL } from './graphiql-page.js';
import { type MapPage, openMapPage } from './map-page.js';

const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 15_000 };

let cluster: TestCluster;
let haproxy: Haproxy;
let browser: Browser;
let url: string;
/** Under the prefix, with TLS and without. */
let secure: string;
let plain: string;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([
    startTestCluster(1),
    launchBrowser(['--ignore-certificate-errors']),
  ]);
  url = cluster.urls[0] ?? '';
  const port = Number(new URL(url).port);
  const [securePort, plainPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-tls-'));
  try {
    const certificate = await makeCertificate(folder);
    haproxy = await startHaproxy(
      [port, port, port],
      `frontend prefixed
  bind "127.0.0.1:${securePort}" ssl crt ${certificate}
  bind "127.0.0.1:${plainPort}"
  http-request return status 404 unless { path_reg ^/friends(/|$) }
  http-request replace-path ^/friends/?(.*) /\\1
  use_backend sockets if { hdr(upgrade) -i websocket }
  default_backend requests
`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  await haproxy.untilReady([0, 1, 2]);
  secure = `https://localhost:${securePort}/friends`;
  plain = `http://127.0.0.1:${plainPort}/friends`;
});
afterAll(async () => {
  await browser.close();
  await haproxy.close();
  await cluster.close();
});

/** A self-signed certificate with its key, as HAProxy reads them. */
async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate, both] = ['key', 'certificate', 'both.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0)
    throw new Error(`The tests need openssl on PATH (npm test installs it): ${made.stderr}`);
  await writeFile(both, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')));
  return both;
}

/** What the page asked the server for, apart from what it made itself. */
const asked = ({ requests }: MapPage): string[] => requests.filter((request) => !request.startsWith('blob:'));

describe('under a path prefix and behind TLS', { timeout: 60_000 }, () => {
  it('the map page works, and its socket is secure', async () => {
    const viewer = await signUp(url);
    const friend = await signUp(url, undefined, 'Grace');
    await befriend(url, viewer, friend);
    const mine = await openMapPage(browser, `${secure}/`);
    await mine.signIn(viewer.handle);
    await mine.tellWhereFrom('Use a marker');
    await mine.me.waitFor();
    await move(url, friend, SYNTAGMA);
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
    await expect.poll(() => mine.marker('Grace').count(), PATIENCE).toBe(1);
    await mine.page.reload();
    await expect.poll(() => mine.nearby('Grace').count(), PATIENCE).toBe(1);
    await mine.page.waitForLoadState('networkidle');
    const addresses = mine.sockets.map((socket) => socket.replace(/\?near=\d+$/, ''));
    expect(new Set(addresses)).toEqual(new Set([`${secure.replace('https', 'wss')}/graphql`]));
    expect(asked(mine).filter((request) => !request.startsWith(`${secure}/`))).toEqual([]);
    expect(mine.requests.some((request) => request.includes('/assets/land-'))).toBe(true);
    expect(mine.errors).toEqual([]);
    await mine.page.context().close();
  });

  it('its address works without the slash at the end, too', async () => {
    const { handle } = await signUp(url);
    const mine = await openMapPage(browser, `${secure}?from=a-link#here`);
    await mine.signIn(handle);
    await mine.page.getByRole('button', { name: 'Sign out' }).waitFor();
    await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Live');
    expect(mine.page.url()).toBe(`${secure}/?from=a-link#here`);
    await mine.page.context().close();
  });

  it('another deployment on the same origin has its own tokens', async () => {
    const { handle } = await signUp(url);
    const mine = await openMapPage(browser, `${secure}/`);
    await mine.signIn(handle);
    await mine.page.getByRole('button', { name: 'Sign out' }).waitFor();
    const kept = await mine.page.evaluate(() => Object.keys(localStorage).sort());
    expect(kept.filter((key) => !key.startsWith('/friends/ '))).toEqual([]);
    expect(kept).toContain('/friends/ nearby-friends-tokens');
    await mine.page.context().close();
  });

  it('the map page opens without a network there, and its manifest is its own', async () => {
    const { handle } = await signUp(url);
    const mine = await openMapPage(browser, `${plain}/`);
    const { page } = mine;
    await mine.signIn(handle);
    await expect.poll(() => mine.connection.innerText(), PATIENCE).toBe('Live');
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect(scope).toBe(`${plain}/`);
    const manifest = await page.evaluate(async () => {
      const { href } = document.querySelector<HTMLLinkElement>('link[rel=manifest]') as HTMLLinkElement;
      const { start_url } = (await (await fetch(href)).json()) as { start_url: string };
      return { href, start: new URL(start_url, href).href };
    });
    expect(manifest).toEqual({ href: `${plain}/manifest.webmanifest`, start: `${plain}/` });
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(
      mine.requests.filter((request) => !request.startsWith(`${plain}/`) && !request.startsWith('blob:')),
    ).toEqual([]);
    await page.context().close();
  });

  it('GraphiQL works, subscriptions too', async () => {
    const [viewer, friend] = await signUpFriends(url);
    await move(url, viewer, SYNTAGMA);
    const graphiql = await openGraphiQL(browser, secure);
    await graphiql.openTab('NearbyFriends');
    await graphiql.writeHeaders(JSON.stringify({ authorization: `Bearer ${viewer.token}` }));
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toContain('"nearby": []');
    await move(url, friend, SYNTAGMA);
    await expect.poll(graphiql.result, PATIENCE).toContain(`"handle": "${friend.handle}"`);
    expect(graphiql.sockets.map((socket) => socket.url)).toEqual([
      `${secure.replace('https', 'wss')}/graphql`,
    ]);
    await graphiql.openTab('SignUp');
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toMatch(/"accessToken"|"CONFLICT"/);
    await graphiql.page.close();
  });

  it('the SDK works', async () => {
    const [viewer, friend] = await signUpFriends(url);
    await move(url, viewer, SYNTAGMA);
    const client = openClient(plain);
    await client.signIn({ handle: viewer.handle, password: PASSWORD });
    const states = follow(client, 5_000);
    await expect.poll(() => states.at(-1)?.connection.state, PATIENCE).toBe('live');
    await move(url, friend, travel(SYNTAGMA, 0, 1_000));
    await expect.poll(() => metersOf(states.at(-1)), PATIENCE).toEqual([1_000]);
  });
});
