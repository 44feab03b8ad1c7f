/** graphql-codegen with its client preset, by introspection. */
import { test } from 'vitest';
import { openApp, run } from './app.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

test('an app with the client preset of graphql-codegen follows a friend', async () => {
  const server = await startServer();
  await run('graphql-codegen', 'graphql-codegen', ['--config', 'codegen.ts'], {
    SCHEMA_URL: `${server.url}/graphql`,
  });
  const { signUp } = await openApp('graphql-codegen');
  const pair = await befriend(server.url, signUp);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});
