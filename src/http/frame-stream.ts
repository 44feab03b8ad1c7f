/**
 * One nearbyFriends subscription on a socket. It writes the text of each frame straight to the socket,
 * without an iterator, a promise or an execution for each event. For graphql-ws it is an async generator that
 * yields nothing and ends when the subscription does.
 */
import type { NearbyFrame } from '../domain/proximity-gate.js';
import { asciiJson } from '../graphql/ascii-json.js';
import type { FrameWriter } from '../graphql/frame-writer.js';
import type { FrameSink } from '../services/frame-sink.js';
import type { NearbySubscription } from '../services/nearby-friends.js';
import type { SocketWriter } from './socket-writer.js';

/** A class, since a server has one for each subscription. */
export class FrameStream implements FrameSink, AsyncGenerator<never, undefined> {
  /** The operation's id as a JSON string. */
  readonly #operationId: string;
  #subscription: NearbySubscription | null = null;
  #finish: ((result: IteratorResult<never, undefined>) => void) | null = null;
  #waitsForRoom = false;

  /** @param onWritten called with the length of each message in bytes. */
  constructor(
    readonly writer: SocketWriter,
    operationId: string,
    readonly write: FrameWriter['write'],
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
    const { isOpen, isSilent, backpressure } = this.writer;
    if (!isOpen || isSilent) return false;
    if (!backpressure.isFull) return true;
    if (!this.#waitsForRoom) {
      this.#waitsForRoom = true;
      backpressure.onceEmpty(() => {
        this.#waitsForRoom = false;
        this.#subscription?.resume();
      });
    }
    return false;
  }

  send(frame: NearbyFrame): void {
    const text = `{"id":${this.#operationId},"type":"next","payload":${this.write(frame)}}`;
    this.writer.writeAscii(text);
    this.onWritten(text.length);
  }

  /** Drops nothing: what was handed to the socket can't be taken back, and `ready` keeps it little. */
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
