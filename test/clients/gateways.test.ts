/** Hive Gateway and schema stitching in front of a server, for a client of server-sent events. */
import { beforeAll, onTestFinished, test } from 'vitest';
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

/** Neither tells its clients otherwise that the server behind it has cut the stream, and so they do not come back. */
const CUT = [{ message: 'aborted' }];

test.each(['openHiveGateway', 'openStitching'] as const)(
  'behind %s an app follows a friend, and is told when its token ends or the server is away',
  async (open) => {
    const server = await startServer();
    const front = await app[open](server.url);
    onTestFinished(() => front.close());
    const first = await befriend(front.url, signUpByEvents);
    await comeMoveAndLeave(first);
    await endWithToken(first, server, CUT);
    await endWithServer(await befriend(front.url, signUpByEvents), server, CUT);
  },
);
