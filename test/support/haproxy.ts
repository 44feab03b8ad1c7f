/** HAProxy as we ship its configuration, on a free port; it ends with the test's process at the latest. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { startSupervised } from '../../src/embedded/supervised-process.js';

const CONFIGURATION = resolve('deploy/haproxy/haproxy.cfg');
const NOTICED_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

export interface Haproxy {
  /** What clients connect to. */
  readonly url: string;
  /** Resolves when it takes these servers for ready and no others, counted from 0. */
  untilReady(servers: readonly number[]): Promise<void>;
  /** Resolves when it has no connection to a server. */
  untilIdle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param ports of the three servers on 127.0.0.1; they need not listen yet.
 * @param more configuration to add, such as another frontend.
 */
export async function startHaproxy(ports: readonly number[], more = ''): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-haproxy-'));
  const statistics = join(folder, 'statistics');
  const added = join(folder, 'added.cfg');
  await writeFile(added, `global\n  stats socket ${statistics} mode 600 level user\n${more}`);
  const listen = `127.0.0.1:${await freePort()}`;
  let output = '';
  const haproxy = await startSupervised({
    command: 'env',
    args: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `LISTEN=${listen}`,
      ...ports.map((port, index) => `NEARBY_${index + 1}=127.0.0.1:${port}`),
      ...['haproxy', '-db', '-f', CONFIGURATION, '-f', added],
    ],
    stopSignal: 'TERM',
    onOutput: (more) => (output += more),
  });

  haproxy.unref();

  /** What HAProxy says of its servers: the backend, the server and the value of a column. */
  async function statisticsOf(column: string): Promise<{ backend: string; server: string; value: string }[]> {
    const socket = connect(statistics);
    await once(socket, 'connect');
    socket.end('show stat\n');
    const [names = [], ...rows] = (await text(socket)).split('\n').map((line) => line.split(','));
    const at = names.indexOf(column);
    return rows
      .map(([backend = '', server = '', ...rest]) => ({ backend, server, value: rest[at - 2] ?? '' }))
      .filter(({ server }) => server.startsWith('nearby'));
  }

  /** Servers that take requests, as HAProxy sees them. */
  async function ready(): Promise<number[]> {
    return (await statisticsOf('status'))
      .filter(({ backend }) => backend === 'requests')
      .flatMap(({ value }, index) => (value.startsWith('UP') ? [index] : []));
  }

  const failed = haproxy.ended.then(() => {
    throw new Error(`HAProxy has ended (npm test installs it): ${output}`);
  });
  failed.catch(() => undefined);
  await Promise.race([vi.waitFor(ready, NOTICED_MS), failed]);
  return {
    url: `http://${listen}`,
    async untilReady(servers) {
      await vi.waitFor(async () => expect(await ready()).toEqual(servers), {
        timeout: NOTICED_MS,
        interval: 20,
      });
    },
    async untilIdle() {
      await vi.waitFor(
        async () => expect((await statisticsOf('scur')).filter(({ value }) => value !== '0')).toEqual([]),
        { timeout: NOTICED_MS, interval: 5 },
      );
    },
    async close() {
      await haproxy.stop(STOP_TIMEOUT_MS);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
