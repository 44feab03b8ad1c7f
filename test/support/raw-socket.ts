/** A WebSocket spoken to message by message, for what a well-behaved client library would never do. */
import { once } from 'node:events';
import WebSocket, { type ClientOptions } from 'ws';

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface RawSocket {
  readonly socket: WebSocket;
  /** All that came, in order. */
  readonly messages: readonly Message[];
  send(message: Message): void;
  /** The first message, past or to come, that fits; rejects when the socket closes before. */
  message(fits: (message: Message) => boolean): Promise<Message>;
  /** connection_init, and the answer awaited. */
  init(token: string | null): Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** @param query of the address, from its question mark. */
export async function openRawSocket(
  url: string,
  options: ClientOptions = {},
  query = '',
): Promise<RawSocket> {
  const raw = rawSocket(url, options, query);
  await once(raw.socket, 'open');
  return raw;
}

/** Not open yet. */
export function rawSocket(url: string, options: ClientOptions = {}, query = ''): RawSocket {
  const address = `${url.replace(/^http/, 'ws')}/graphql${query}`;
  const socket = new WebSocket(address, 'graphql-transport-ws', options);
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let isClosed = false;
  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Message);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      isClosed = true;
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });

  const raw: RawSocket = {
    socket,
    messages,
    closed,
    send(message) {
      socket.send(JSON.stringify(message));
    },
    message(fits) {
      return new Promise((resolve, reject) => {
        // Each message is looked at once, as there may be thousands.
        let seen = 0;
        const check = (): void => {
          const found = messages.slice(seen).find(fits);
          seen = messages.length;
          if (found === undefined && !isClosed) return;
          waiting.delete(check);
          if (found === undefined) reject(new Error('the socket closed'));
          else resolve(found);
        };
        waiting.add(check);
        check();
      });
    },
    async init(token) {
      const payload = token === null ? {} : { authorization: `Bearer ${token}` };
      raw.send({ type: 'connection_init', payload });
      await raw.message(({ type }) => type === 'connection_ack');
    },
  };
  return raw;
}
