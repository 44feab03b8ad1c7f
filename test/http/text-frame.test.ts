import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from '../../src/http/text-frame.js';

/** The messages that a client of `ws` reads when the server writes `bytes` under an open socket. */
async function readByWs(bytes: Buffer, count: number): Promise<string[]> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer().on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, () => stream.write(bytes));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const messages: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data: Buffer) => {
      if (messages.push(data.toString()) === count) resolve();
    });
  });
  client.terminate();
  server.closeAllConnections();
  server.close();
  return messages;
}

const text = (length: number): string => 'x'.repeat(Math.max(0, length - 1)) + (length > 0 ? '!' : '');

test.each([0, 1, 124, 125, 126, 127, 255, 256, 65_534, 65_535, 65_536, 65_537, 1_000_000])(
  'ws reads a message of %i bytes, and the one behind it',
  async (length) => {
    const bytes = Buffer.from(textFrame(text(length)) + textFrame('behind'), 'latin1');
    expect(await readByWs(bytes, 2)).toEqual([text(length), 'behind']);
  },
);

test.each([
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
])('%i bytes take the shortest head, of %i bytes', (length, headLength) => {
  expect(textFrame(text(length)).length - length).toBe(headLength);
});
