/** Documents by their ids, and a server that runs known documents only, over each transport. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { readTrustedDocuments } from '../../src/http/trusted-documents.js';
import { ask, connectForTest, signUp, type TestUser } from '../support/api.js';
import { newHandle, openClient, PASSWORD } from '../support/sdk-client.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const ME = 'query Me { me { id } }';
const PAUSE = 'mutation Pause { updateSharing(input: { enabled: false }) { enabled } }';
const LIST = 'subscription List { nearbyFriends { snapshot } }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const byHash = (text: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
});
const byDocumentId = (text: string) => ({ documentId: `sha256:${sha256(text)}` });

let folder: string;
let cluster: TestCluster;
/** The same people on a server that runs the documents of one manifest only. */
let strict: TestCluster;
let url: string;
let ann: TestUser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trusted-documents-'));
  const manifest = join(folder, 'app.json');
  await writeFile(manifest, JSON.stringify({ [sha256(ME)]: ME, [sha256(LIST)]: LIST }));
  cluster = await startTestCluster(1);
  ann = await signUp(cluster.urls[0] as string);
  const { databaseUrl, redisUrl } = cluster.config;
  strict = await startTestCluster(1, { databaseUrl, redisUrl, trustedDocuments: [manifest] });
  url = strict.urls[0] as string;
});

afterAll(async () => {
  await strict.close();
  await cluster.close();
  await rm(folder, { recursive: true });
});

type Body = Record<string, unknown>;

function post(server: string, body: Body, accept = 'application/json'): Promise<Response> {
  return fetch(`${server}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${ann.token}` },
    body: JSON.stringify(body),
  });
}

const get = (server: string, params: Record<string, string>): Promise<Response> =>
  fetch(`${server}/graphql?${new URLSearchParams(params).toString()}`, {
    headers: { accept: 'application/json', authorization: `Bearer ${ann.token}` },
  });

/** The first message of an operation over a socket, where `query` is never left out. */
async function overSocket(server: string, body: Body): Promise<ExecutionResult> {
  const client = connectForTest(server, ann.token);
  const results = client.iterate({ query: '', ...body });
  const { value } = await results.next();
  await results.return?.();
  return value as ExecutionResult;
}

const codeOf = ({ errors }: ExecutionResult): unknown => errors?.[0]?.extensions['code'];

describe('a server that runs all documents', () => {
  it('answers a hash without its text so that Apollo Client sends the text', async () => {
    const uri = `${cluster.urls[0]}/graphql`;
    const sent: Body[] = [];
    const http = new HttpLink({
      uri,
      headers: { authorization: `Bearer ${ann.token}` },
      fetch: (input, init) => {
        sent.push(JSON.parse(init?.body as string) as Body);
        return fetch(input, init);
      },
    });
    const link = new PersistedQueryLink({ sha256 }).concat(http);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const query = gql(ME);
    expect((await client.query({ query })).data).toMatchObject({ me: { id: ann.id } });
    await client.query({ query, fetchPolicy: 'network-only' });
    expect(sent.map((body) => 'query' in body)).toEqual([false, true, true]);
  });

  it.each([byHash(ME), byDocumentId(ME)])('asks for the text over each transport: %j', async (body) => {
    const server = cluster.urls[0] as string;
    const told = {
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'BAD_USER_INPUT' } }],
    };
    expect(await (await post(server, body)).json()).toMatchObject(told);
    await expect(overSocket(server, body)).rejects.toMatchObject(told.errors);
  });
});

describe('a server that runs trusted documents', () => {
  it.each([
    ['hash', byHash],
    ['document id', byDocumentId],
    ['text', (query: string) => ({ query })],
  ])('runs one by its %s', async (_name, by) => {
    const me = { data: { me: { id: ann.id } } };
    expect(await (await post(url, by(ME))).json()).toEqual(me);
    expect(await overSocket(url, by(ME))).toEqual(me);
    const list = { data: { nearbyFriends: { snapshot: true } } };
    expect(await overSocket(url, by(LIST))).toEqual(list);
    for (const accept of ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0']) {
      const { body } = await post(url, by(LIST), accept);
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      let text = '';
      while (!text.includes(JSON.stringify(list)))
        text += Buffer.from((await reader.read()).value ?? '').toString();
      await reader.cancel();
    }
  });

  it('runs one of a GET', async () => {
    const extensions = JSON.stringify(byHash(ME).extensions);
    expect(await (await get(url, { extensions })).json()).toEqual({ data: { me: { id: ann.id } } });
  });

  it.each([
    ['hash', byHash(PAUSE)],
    ['text', { query: PAUSE }],
    ['text under the hash of another', { query: PAUSE, ...byHash('{ another }') }],
    ['text that differs by a space', { query: `${ME} ` }],
    ['nothing', {}],
  ])('refuses others, by their %s, and does nothing of them', async (_name, body) => {
    for (const accept of ['application/json', 'text/event-stream', 'multipart/mixed;subscriptionSpec=1.0']) {
      const response = await post(url, body, accept);
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('"FORBIDDEN"');
    }
    const refused = await overSocket(url, body).catch((errors: unknown) => ({ errors }) as ExecutionResult);
    expect(codeOf(refused)).toBe('FORBIDDEN');
    const { sharing } = await ask<{ sharing: { enabled: boolean } }>(
      cluster.urls[0] as string,
      ann.token,
      '{ sharing { enabled } }',
    );
    expect(sharing.enabled).toBe(true);
  });

  it('runs the text of a trusted hash, whatever text comes with it', async () => {
    expect(await (await post(url, { query: PAUSE, ...byHash(ME) })).json()).toEqual({
      data: { me: { id: ann.id } },
    });
  });

  it('refuses introspection', async () => {
    expect((await get(url, { query: '{ __schema { queryType { name } } }' })).status).toBe(403);
  });

  it('runs those of the SDK', async () => {
    const client = openClient(url);
    await client.signUp({ handle: newHandle(), displayName: 'Me', password: PASSWORD });
    let state: string | null = null;
    client.nearbyFriends().subscribe(({ connection }) => (state = connection.state));
    await vi.waitFor(() => expect(state).toBe('live'), { timeout: 10_000 });
  });
});

describe('a manifest', () => {
  it("may be Apollo's", async () => {
    const file = join(folder, 'apollo.json');
    const operations = [{ id: 'me-of-apollo', name: 'Me', type: 'query', body: ME }];
    await writeFile(
      file,
      JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
    );
    expect(readTrustedDocuments([file]).textOf({ documentId: 'me-of-apollo' })).toBe(ME);
  });

  test.each([
    ['that is not there', null],
    ['that is no JSON', '{'],
    ['that is something else', '["a", 1]'],
  ])('%s stops the start and is named', async (name, text) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.json`);
    if (text !== null) await writeFile(file, text);
    expect(() => readTrustedDocuments([file])).toThrow(/^TRUSTED_DOCUMENTS: .*json can't be used: .*\.$/);
  });
});
