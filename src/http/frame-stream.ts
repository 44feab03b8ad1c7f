/**
 * One nearbyFriends subscription on a socket: the text of a frame goes to the socket as it is, without an iterator, a
 * promise or an execution for each event. To graphql-ws it is an async generator that yields nothing and ends when the
 * subscription does.
 */
import type { NearbyFrame } from '../domain/proximity-gate.js';
import { asciiJson } from '../graphql/ascii-json.js';
import type { FrameWriter } from '../graphql/frame-writer.js';
import type { FrameSink } from '../services/frame-sink.js';
import type { NearbySubscription } from '../services/nearby-friends.js';
import type { TextSocket } from './text-socket.js';

export class FrameStream implements FrameSink, AsyncGenerator<never, undefined> {
  /** In JSON. */
  readonly #operationId: string;
  #subscription: NearbySubscription | null = null;
  #finish: ((result: IteratorResult<never, undefined>) => void) | null = null;
  /** Whether the socket will call when there is room again. */
  #waiting = false;

  constructor(
    readonly target: TextSocket,
    operationId: string,
    readonly write: FrameWriter['write'],
    /** Told how long each message is, in bytes. */
    readonly onWritten: (bytes: number) => void,
  ) {
    this.#operationId = asciiJson(operationId);
  }

  /** @param open opens the subscription that sends here. */
  start(open: (sink: FrameSink) => NearbySubscription): this {
    this.#subscription = open(this);
    return this;
  }

  get ready(): boolean {
    if (!this.target.isOpen) return false;
    if (!this.target.isFull) return true;
    if (!this.#waiting) {
      this.#waiting = true;
      this.target.onceEmpty(() => {
        this.#waiting = false;
        this.#subscription?.resume();
      });
    }
    return false;
  }

  send(frame: NearbyFrame): void {
    const text = `{"id":${this.#operationId},"type":"next","payload":${this.write(frame)}}`;
    this.target.writeAscii(text);
    this.onWritten(text.length);
  }

  /** What is handed to the socket can't be taken back; it is little, see `ready`. */
  discard(): boolean {
    return false;
  }

  end(): void {
    void this.return();
  }

  next(): Promise<IteratorResult<never, undefined>> {
    return new Promise((resolve) => (this.#finish = resolve));
  }

  return(): Promise<IteratorResult<never, undefined>> {
    this.#subscription?.end();
    this.#subscription = null;
    const done = { done: true, value: undefined } as const;
    this.#finish?.(done);
    return Promise.resolve(done);
  }

  throw(error: unknown): Promise<IteratorResult<never, undefined>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
