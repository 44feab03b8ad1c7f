/** Watches how much of what was written to a stream its reader has not taken yet. */
import type { Duplex } from 'node:stream';

/** A class, since a server has one for each socket. */
export class Backpressure {
  #callbacks: (() => void)[] | null = null;

  constructor(readonly stream: Duplex) {}

  /** Whether the reader is so slow that nothing more should be sent now. */
  get isFull(): boolean {
    return this.stream.writableLength > MAX_WAITING_BYTES;
  }

  /** Calls back once when nothing waits any more, after `isFull`; at the latest when the stream is closed. */
  onceEmpty(callback: () => void): void {
    if (this.#callbacks !== null) {
      this.#callbacks.push(callback);
      return;
    }
    const { stream } = this;
    const callbacks = (this.#callbacks = [callback]);
    const onEmpty = (): void => {
      this.#callbacks = null;
      stream.off('drain', onEmpty);
      stream.off('close', onEmpty);
      for (const call of callbacks) call();
    };
    stream.on('drain', onEmpty);
    stream.on('close', onEmpty);
  }
}

/** Bytes that may wait for a slow reader. */
const MAX_WAITING_BYTES = 64 * 1024;
