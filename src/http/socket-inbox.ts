import type { SocketWriter } from './socket-writer.js';

/**
 * What the peer of a socket sends. While the peer does not read what it is owed, no message is taken and nothing more
 * is read, so that TCP holds the peer back.
 */
export class SocketInbox {
  /** Came with what was read last; null while messages are taken. */
  #held: Buffer[] | null = null;

  constructor(
    readonly writer: SocketWriter,
    readonly take: (message: Buffer) => void,
  ) {}

  receive(message: Buffer): void {
    if (this.#held === null && this.writer.backpressure.isFull) this.#pause();
    if (this.#held === null) this.take(message);
    else this.#held.push(message);
  }

  #pause(): void {
    const { socket, backpressure } = this.writer;
    this.#held = [];
    socket.pause();
    backpressure.onceEmpty(() => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const message of held) this.receive(message);
      if (this.#held === null) socket.resume();
    });
  }
}
