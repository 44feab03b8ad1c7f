/** genql, by introspection. */
import { test } from 'vitest';
import { openApp, run } from './app.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

test('an app with genql follows a friend', async () => {
  const server = await startServer();
  const scalars = ['Latitude:number', 'Longitude:number', 'DateTime:string'].flatMap((each) => ['-S', each]);
  await run('genql', 'genql', ['--endpoint', `${server.url}/graphql`, '--output', 'generated', ...scalars]);
  const { signUp } = await openApp('genql');
  const pair = await befriend(server.url, signUp);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});
