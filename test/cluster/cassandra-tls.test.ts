/** Nodes of Cassandra whose certificate nobody vouches for are refused: whoever stands between would read the history. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parseCassandraAddress } from '../../src/adapters/cassandra/address.js';
import { connectCassandra } from '../../src/adapters/cassandra/client.js';

const run = promisify(execFile);

test('a certificate that nobody vouches for ends the start', async ({ skip }) => {
  const version = await run('openssl', ['version']).catch(() => null);
  if (version === null) skip('openssl is not on PATH');
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-tls-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=nearby-friends-test', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', certificate],
  ]);
  let sent = 0;
  const node = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (socket) => {
    socket.on('data', ({ length }) => (sent += length));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((listening) => node.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void node.close());
  const { port } = node.address() as AddressInfo;

  const address = parseCassandraAddress(`ada:secret@127.0.0.1:${port}?tls=on`);
  if (address === undefined) throw new Error('not an address');
  await expect(connectCassandra(address)).rejects.toThrow(
    /^HISTORY_CASSANDRA: Cassandra at 127\.0\.0\.1:\d+ cannot be used: .*self-signed certificate/,
  );
  expect(sent).toBe(0);
});
