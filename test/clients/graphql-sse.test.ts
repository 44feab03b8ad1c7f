/** graphql-sse's client in its distinct mode. */
import { test } from 'vitest';
import { signUpByEvents } from './sse-person.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

test('an app with graphql-sse follows a friend', async () => {
  const server = await startServer();
  const pair = await befriend(server.url, signUpByEvents);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});
