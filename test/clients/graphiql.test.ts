/** GraphiQL's fetcher; test/browser/ has the whole of it in Chromium. */
import { beforeAll, test } from 'vitest';
import { openApp } from './app.js';
import type { SignUp } from './apps/person.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

let app: { readonly signUp: SignUp; readonly signUpWithClient: SignUp };
beforeAll(async () => {
  app = await openApp('graphiql');
});

test("GraphiQL's fetcher follows a friend with a token from its headers", async () => {
  const server = await startServer();
  const pair = await befriend(server.url, app.signUp);
  await comeMoveAndLeave(pair);
});

test("GraphiQL's fetcher follows a friend with a graphql-ws client of one's own", async () => {
  const server = await startServer();
  const pair = await befriend(server.url, app.signUpWithClient);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});
