/** Hive Gateway and schema stitching in front of a server, for a client of server-sent events. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { codesOf } from '../support/api.js';
import { openApp } from './app.js';
import { signUpByEvents } from './sse-person.js';
import { befriend, comeMoveAndLeave, endWithServer, endWithToken, startServer } from './story.js';

interface Front {
  readonly url: string;
  close(): Promise<void>;
}
type Open = (url: string) => Promise<Front>;

let app: { readonly openHiveGateway: Open; readonly openStitching: Open };
beforeAll(async () => {
  app = await openApp('gateways');
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
