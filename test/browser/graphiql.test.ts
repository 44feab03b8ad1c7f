import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { befriend, move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { launchBrowser } from './browser.js';
import { type GraphiQLPage, openGraphiQL } from './graphiql-page.js';

const ACROPOLIS = { latitude: 37.9715, longitude: 23.7267 };
const SYNTAGMA = { latitude: 37.9755, longitude: 23.7348 };
const PATIENCE = { timeout: 10_000 };

let cluster: TestCluster;
let browser: Browser;
let url: string;
let graphiql: GraphiQLPage;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(2), launchBrowser()]);
  url = cluster.urls[0] ?? '';
});
afterAll(async () => {
  await browser.close();
  await cluster.close();
});
beforeEach(async () => {
  graphiql = await openGraphiQL(browser, url);
});
afterEach(() => graphiql.page.close());

function bearer(token: string): string {
  return JSON.stringify({ authorization: `Bearer ${token}` });
}

function isElsewhere(request: string): boolean {
  const { protocol, origin } = new URL(request);
  return protocol !== 'data:' && origin !== url;
}

describe('GraphiQL', { timeout: 60_000 }, () => {
  it('subscribes over WebSocket with the token from its headers, shows how a friend moves, and loads nothing from elsewhere', async () => {
    const [ada, grace] = [await signUp(url, 'ada'), await signUp(url, 'grace')];
    await befriend(url, ada, grace);
    await move(url, ada, SYNTAGMA);

    await graphiql.openTab('NearbyFriends');
    await graphiql.writeHeaders(bearer(ada.token));
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toContain('"nearby": []');

    // Through the other server.
    await move(cluster.urls[1] ?? '', grace, ACROPOLIS);
    await expect.poll(graphiql.result, PATIENCE).toMatch(/"handle": "grace"[^]*"latitude": 37\.9715,/);
    await move(url, grace, { ...ACROPOLIS, latitude: 37.9725 });
    await expect.poll(graphiql.result, PATIENCE).toContain('"latitude": 37.9725');
    await move(url, grace, { latitude: 40.6, longitude: 22.9 });
    await expect.poll(graphiql.result, PATIENCE).toContain('"reason": "OUT_OF_RANGE"');

    const [socket] = graphiql.sockets;
    expect(graphiql.sockets).toHaveLength(1);
    expect(socket?.url).toBe(`${url.replace('http', 'ws')}/graphql`);
    expect(JSON.parse(socket?.sent[0] ?? '')).toEqual({
      type: 'connection_init',
      payload: { authorization: `Bearer ${ada.token}` },
    });
    await graphiql.pressRun();
    await expect.poll(() => socket?.sent.at(-1), PATIENCE).toContain('"complete"');
    expect(graphiql.errors).toEqual([]);
    expect(graphiql.requests.length).toBeGreaterThan(1);
    expect(graphiql.requests.filter(isElsewhere)).toEqual([]);
  });

  it('runs everything else over HTTP, and offers what to try first', async () => {
    const { id, token } = await signUp(url);
    await graphiql.openTab('UpdateLocation');
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toContain('"code": "UNAUTHENTICATED"');
    await graphiql.openTab('SignUp');
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toMatch(/"accessToken"|"CONFLICT"/);
    await graphiql.openTab('UpdateLocation');
    await graphiql.writeHeaders(bearer(token));
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toContain('"recorded": true');
    await graphiql.writeQuery('WhoAmI', 'query WhoAmI { me { id } }');
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toContain(id);
    expect(graphiql.sockets).toEqual([]);
  });

  it('says so when the token is not good', async () => {
    await graphiql.openTab('NearbyFriends');
    await graphiql.pressRun();
    await expect.poll(graphiql.result, PATIENCE).toMatch(/closed the connection: 4403 Forbidden/);
  });
});
