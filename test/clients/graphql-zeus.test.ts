/** graphql-zeus, by introspection. */
import { beforeAll, test } from 'vitest';
import { openApp, run } from './app.js';
import type { SignUp } from './apps/person.js';
import { befriend, comeMoveAndLeave, endWithServer, endWithToken, startServer } from './story.js';

let app: { readonly signUp: SignUp; readonly signUpForEvents: SignUp };

beforeAll(async () => {
  // Zeus 7.2.1 takes the first two words for the path of Node and of its own.
  const path = ['-', '-', '../../../../schema.graphql', 'generated'];
  await run('graphql-zeus', 'zeus', [...path, '--subscriptions', 'graphql-ws']);
  app = await openApp('graphql-zeus');
});

test('an app with Zeus follows a friend over graphql-ws, and is told late that its token has ended', async () => {
  const server = await startServer();
  const pair = await befriend(server.url, app.signUp);
  await comeMoveAndLeave(pair);
  await endWithToken(pair, server, { code: 4403 });
}, 120_000);

test('an app with Zeus is told over graphql-ws that a server is away', async () => {
  const server = await startServer();
  await endWithServer(await befriend(server.url, app.signUp), server, { type: 'error' });
});

test('an app with Zeus follows a friend by server-sent events, until its token ends', async () => {
  const server = await startServer();
  const pair = await befriend(server.url, app.signUpForEvents);
  await comeMoveAndLeave(pair);
  await endWithToken(pair, server, { errors: ['terminated'] });
});

test('an app with Zeus is told by server-sent events that a server is away', async () => {
  const server = await startServer();
  await endWithServer(await befriend(server.url, app.signUpForEvents), server, { errors: ['terminated'] });
});
