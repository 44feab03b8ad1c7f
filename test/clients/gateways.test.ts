/** Hive Gateway and schema stitching in front of a server, for a client of server-sent events. */
import { type DocumentNode, parse } from 'graphql';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { codesOf, signUpFriends, type TestUser } from '../support/api.js';
import { openApp } from './app.js';
import { signUpByEvents } from './sse-person.js';
import { befriend, comeMoveAndLeave, endWithServer, endWithToken, startServer } from './story.js';

interface Front {
  readonly url: string;
  close(): Promise<void>;
}
type Open = (url: string) => Promise<Front>;

interface Gateways {
  readonly openHiveGateway: Open;
  readonly openStitching: Open;
  buildGraphQLWSExecutor(options: {
    url: string;
  }): (request: {
    document: DocumentNode;
    extensions: { connectionParams: object };
  }) => Promise<unknown> & AsyncIterable<unknown>;
}

let app: Gateways;
beforeAll(async () => {
  app = await openApp<Gateways>('gateways');
});

test.each([
  ['Hive Gateway', 'openHiveGateway', { message: 'Unexpected error.' }],
  ['schema stitching', 'openStitching', { message: 'aborted' }],
] as const)(
  'behind %s an app follows a friend, and is told by an error when its token ends or the server is away',
  async (_, open, cut) => {
    const server = await startServer();
    const front = await app[open](server.url);
    onTestFinished(() => front.close());
    expect(await codesOf(front.url, null, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    const first = await befriend(front.url, signUpByEvents);
    await comeMoveAndLeave(first);
    await endWithToken(first, server, [cut]);
    await endWithServer(await befriend(front.url, signUpByEvents), server, [cut]);
  },
);

test('a WebSocket executor asks for everybody as the one who asked first', async () => {
  const { url } = await startServer();
  const [ada, bob] = await signUpFriends(url);
  const execute = app.buildGraphQLWSExecutor({ url: `${url.replace('http', 'ws')}/graphql` });
  const request = (query: string, { token }: TestUser) => ({
    document: parse(query),
    extensions: { connectionParams: { authorization: `Bearer ${token}` } },
  });
  const updates = execute(request('subscription { nearbyFriends { snapshot } }', ada))[
    Symbol.asyncIterator
  ]();
  onTestFinished(() => void updates.return?.());
  await updates.next();
  expect(await execute(request('{ me { id } }', bob))).toEqual({ data: { me: { id: ada.id } } });
});
