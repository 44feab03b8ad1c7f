/**
 * The operations of a socket by id, each from its `subscribe` until nothing of it runs any more. That may be long
 * after the client's `complete`: another operation of that id would be confused with it, and the work of completed
 * operations is work all the same. Streams end with the socket, whatever graphql-ws knows of them.
 */
export class RunningOperations {
  /** The stream of a subscription, null of other operations and before it is there. */
  readonly #streams = new Map<string, Stream | null>();
  #newest: string | null = null;
  #closed = false;

  get size(): number {
    return this.#streams.size;
  }

  /** @returns false when an operation of that id still runs. */
  start(id: string): boolean {
    if (this.#streams.has(id)) return false;
    this.#streams.set(id, null);
    this.#newest = id;
    return true;
  }

  /** The id that was started since the last call, or null. */
  takeNewest(): string | null {
    const id = this.#newest;
    this.#newest = null;
    return id;
  }

  /** To be called with the stream of an operation; ends it at once when the socket is closed. */
  own(id: string, stream: Stream): void {
    if (this.#closed) void stream.return?.();
    else this.#streams.set(id, stream);
  }

  /** To be called when nothing of the operation runs any more. */
  settled(id: string): void {
    this.#streams.delete(id);
  }

  /** Ends all streams, and those still to come. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams.values()) void stream?.return?.();
  }
}

type Stream = Pick<AsyncIterator<unknown>, 'return'>;
