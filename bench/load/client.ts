/** Connects one user over a bare socket, greets and subscribes by its protocol, and from then on hands on texts. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { LoadUser } from './crowd.js';
import type { Protocol } from './protocols.js';

/** How long a subscription without a snapshot is given to open. */
const SETTLE_MS = 300;
/** About as long as browsers wait: when all connect at once, the last one waits for the others. */
const CONNECT_TIMEOUT_MS = 240_000;
/** The close code of a server that cannot take a client now. The client tries again, as clients do. */
const TRY_AGAIN_LATER = 1013;
const RETRY_MS = 500;

export interface Client {
  readonly user: LoadUser;
  /** Receives every message once the subscription is open. */
  onText: (text: string) => void;
  send(text: string): void;
  /** False once the connection broke, or the server closed it. */
  isOpen(): boolean;
  /** Resolves when the socket is closed. */
  close(): Promise<void>;
}

export interface Opened {
  readonly client: Client;
  /** The first message of the subscription; empty where there is none. */
  readonly snapshot: string;
}

export function openClient(url: string, user: LoadUser, protocol: Protocol): Promise<Opened> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + protocol.path(user), protocol.subprotocol ?? [], {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: 64 * 1024 * 1024,
  });
  const client: Client = {
    user,
    onText: () => undefined,
    send: (text) => socket.send(text),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.terminate();
      await closed;
    },
  };

  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${user.handle}: ${what}`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', (code, reason) => {
      if (code === TRY_AGAIN_LATER) resolve(sleep(RETRY_MS).then(() => openClient(url, user, protocol)));
      else fail(`closed with ${code} ${reason.toString()}`);
    });
    socket.on('open', () => {
      const hello = protocol.hello(user);
      if (hello !== null) socket.send(hello);
    });

    const opened = (snapshot: string): void => {
      receive = (text) => client.onText(text);
      resolve({ client, snapshot });
    };
    const welcome = (text: string): void => {
      if (protocol.isError(text)) return fail(text);
      if (!protocol.isWelcome(text)) return;
      if (protocol.subscribe !== null) socket.send(protocol.subscribe);
      else if (protocol.keepsList) return opened(text);
      receive = (next) => (protocol.isError(next) ? fail(next) : opened(next));
      if (!protocol.keepsList) setTimeout(opened, SETTLE_MS, '');
    };
    let receive = welcome;

    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      const reply = text.length < 100 ? protocol.reply(text) : null;
      if (reply !== null) socket.send(reply);
      else receive(text);
    });
  });
}
