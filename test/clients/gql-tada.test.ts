/** gql.tada, by schema.graphql. */
import { test } from 'vitest';
import { openApp, run } from './app.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

test('an app with gql.tada follows a friend', async () => {
  const server = await startServer();
  await run('gql-tada', 'gql.tada', ['generate-output']);
  await run('gql-tada', 'gql.tada', ['check']);
  const { signUp } = await openApp('gql-tada');
  const pair = await befriend(server.url, signUp);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});
