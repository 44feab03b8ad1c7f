/**
 * Text messages on a WebSocket, each handed to its stream in one piece, as the bytes of one frame (RFC 6455, section
 * 5.2). `ws` hands over a head and a body and encodes the body as UTF-8: 33 microseconds for a frame of one friend
 * where this takes 27. Whole frames may stand between those of `ws` where nothing is compressed.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a slow reader. */
const MAX_WAITING_BYTES = 64 * 1024;

const FINAL_TEXT = '\x81';
const LENGTH_FOLLOWS = String.fromCharCode(126);
const LONGEST_SHORT = 125;
const LONGEST = 0xffff;
const NOT_ASCII = /[^ -~]/;

/** Also what graphql-ws sends its own messages to: one object for a socket instead of one more and its closures. */
export class TextSocket implements ProtocolSocket {
  /** Who wait for room. */
  #waiting: (() => void)[] | null = null;
  /** What graphql-ws does with a message. */
  handle: (text: string) => Promise<void> = () => Promise.resolve();

  /** @param stream what the HTTP server handed over, under the socket. */
  constructor(
    readonly socket: WebSocket,
    readonly stream: Duplex,
    /** Told when graphql-ws closes the socket, with the code. */
    readonly onRefused: (code: number) => void,
  ) {}

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Whether the reader is so slow that nothing more should be sent now. */
  get isFull(): boolean {
    return this.stream.writableLength > MAX_WAITING_BYTES;
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  onMessage(handle: (text: string) => Promise<void>): void {
    this.handle = handle;
  }

  close(code: number, reason: string): void {
    this.onRefused(code);
    this.socket.close(code, reason);
  }

  /** Sends a message at once. @param text in ASCII */
  writeAscii(text: string): void {
    const { length } = text;
    if (!this.isOpen || length > LONGEST) this.socket.send(text, ignore);
    else this.stream.write(headOf(length) + text, 'latin1');
  }

  /** Sends a message together with what else is sent before the event loop goes on. Resolves when more may follow. */
  async send(text: string): Promise<void> {
    const { stream } = this;
    stream.cork();
    if (NOT_ASCII.test(text)) this.socket.send(text, ignore);
    else this.writeAscii(text);
    process.nextTick(uncork, stream);
    if (this.isFull && this.isOpen) await new Promise<void>((resolve) => this.onceEmpty(resolve));
  }

  /** Calls back when nothing waits any more, after `isFull`; at the latest when the socket is closed. */
  onceEmpty(callback: () => void): void {
    if (this.#waiting !== null) {
      this.#waiting.push(callback);
      return;
    }
    const { stream } = this;
    const waiting = (this.#waiting = [callback]);
    const onEmpty = (): void => {
      this.#waiting = null;
      stream.off('drain', onEmpty);
      stream.off('close', onEmpty);
      for (const waiter of waiting) waiter();
    };
    stream.on('drain', onEmpty);
    stream.on('close', onEmpty);
  }
}

function headOf(length: number): string {
  if (length <= LONGEST_SHORT) return FINAL_TEXT + String.fromCharCode(length);
  return FINAL_TEXT + LENGTH_FOLLOWS + String.fromCharCode(length >> 8, length & 0xff);
}

function uncork(stream: Duplex): void {
  stream.uncork();
}

/** Whatever could not be sent is followed by the socket's end. */
function ignore(): void {
  return undefined;
}
