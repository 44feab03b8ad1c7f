/**
 * Writes text messages to a WebSocket, for nearbyFriends directly and for graphql-ws through its own
 * interface. A message in ASCII goes to the stream as one string; `ws` would write a head and a body and
 * encode the body as UTF-8, which takes 33 µs for a frame of one friend where this takes 27. Such frames may
 * stand between those of `ws`, since nothing is compressed.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { writeTogether } from '../time/write-together.js';
import { Backpressure } from './backpressure.js';
import { textFrame } from './text-frame.js';

/** One object for each socket, which graphql-ws is given too, instead of another one with its closures. */
export class SocketWriter implements ProtocolSocket {
  readonly backpressure: Backpressure;
  /** Whether the session has ended: the answers under way are sent, but no events. */
  isSilent = false;
  /** Handles a message, as graphql-ws has set it. */
  handleMessage: (text: string) => Promise<void> = () => Promise.resolve();

  /** @param stream the connection under the socket, as the HTTP server handed it over. */
  constructor(
    readonly socket: WebSocket,
    readonly stream: Duplex,
    /** Called with the close code when the peer has broken the protocol. */
    readonly onRefused: (code: number) => void,
    /** Called when another message would go to a peer that has not read MAX_OWED_BYTES; it is not sent. */
    readonly onOverflow: (socket: WebSocket) => void,
  ) {
    this.backpressure = new Backpressure(stream);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  onMessage(handle: (text: string) => Promise<void>): void {
    this.handleMessage = handle;
  }

  /** Closes the socket of a peer that has broken the protocol. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.onRefused(code);
    this.socket.close(code, fittingReason(reason));
  }

  /** Sends a message at once, or nothing when the socket is no longer open. @param text in ASCII */
  writeAscii(text: string): void {
    if (this.isOpen) this.stream.write(textFrame(text), 'latin1');
  }

  /** Sends a message together with what else is sent in this turn. Resolves when more may follow. */
  async send(text: string): Promise<void> {
    if (this.stream.writableLength > MAX_OWED_BYTES) {
      if (this.isOpen) this.onOverflow(this.socket);
      return;
    }
    writeTogether(this.stream);
    if (NOT_ASCII.test(text)) this.socket.send(text, ignore);
    else this.writeAscii(text);
    if (this.backpressure.isFull && this.isOpen) {
      await new Promise<void>((resolve) => this.backpressure.onceEmpty(resolve));
    }
  }
}

const NOT_ASCII = /[^ -~]/;
/** What may wait for a reader. A client that reads gets here only by asking for many long answers at once. */
const MAX_OWED_BYTES = 1024 * 1024;
/** RFC 6455, section 5.5: a control frame has at most 125 bytes, of which the code takes two. */
const MAX_REASON_BYTES = 123;

/** The beginning of a reason that a close frame has room for. */
function fittingReason(reason: string): string {
  const bytes = new TextEncoder().encodeInto(reason, new Uint8Array(MAX_REASON_BYTES));
  return reason.slice(0, bytes.read);
}

/** A message that can't be sent is followed by the end of the socket. */
function ignore(): void {
  return undefined;
}
