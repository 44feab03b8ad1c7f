import type { AddressedNotice } from '../domain/notice.js';
import type { Clock } from './clock.js';

/**
 * Delivers notices at least once. A store writes them into the outbox in the transaction that causes them; they
 * are published right after it and taken out. What a crash or a failing bus leaves behind, the relay of any server
 * publishes a little later. A failing bus never fails the change that was made.
 */
export function createOutbox({ store, publishNotices, log }: OutboxDeps) {
  return {
    /** Publishes what a transaction wrote, then takes it out of the outbox. Never rejects. */
    async deliver(posted: readonly PostedNotice[]): Promise<void> {
      if (posted.length === 0) return;
      try {
        await publishNotices(posted.map(({ userId, notice }) => ({ userId, notice })));
        await store.remove(posted.map(({ id }) => id));
      } catch (error) {
        log.warn({ err: error, notices: posted.length }, 'notices are left to the outbox relay');
      }
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Publishes every `intervalMs` what has lain in the outbox for `minAgeMs`. Any number of servers may run it.
 * close() resolves when the run under way has ended.
 */
export function startOutboxRelay(
  { store, publishNotices, log, clock }: OutboxDeps & { readonly clock: Clock },
  { intervalMs = 1_000, minAgeMs = 2_000, batchSize = 1_000 } = {},
): { close(): Promise<void> } {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let cancel = schedule();

  function schedule(): () => void {
    return clock.after(intervalMs, () => {
      running = run().then(() => {
        if (!closed) cancel = schedule();
      });
    });
  }

  async function run(): Promise<void> {
    try {
      while (!closed && (await store.relay(minAgeMs, batchSize, publishNotices)) === batchSize);
    } catch (error) {
      log.warn({ err: error }, 'the outbox relay failed and will try again');
    }
  }

  return {
    async close() {
      closed = true;
      cancel();
      await running;
    },
  };
}

export interface OutboxDeps {
  readonly store: OutboxStore;
  readonly publishNotices: PublishNotices;
  readonly log: { warn(details: object, message: string): void };
}

/** Hands notices to the sockets of the users that they are addressed to, on every server; rejects when it cannot. */
export type PublishNotices = (notices: readonly AddressedNotice[]) => Promise<void>;

/** A notice that stands in the outbox. */
export interface PostedNotice extends AddressedNotice {
  readonly id: string;
}

/** What a change resulted in, and the notices of it that are committed and now to be delivered. */
export interface Posted<T> {
  readonly result: T;
  readonly posted: readonly PostedNotice[];
}

export interface OutboxStore {
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Publishes the oldest notices that have lain for `minAgeMs`, at most `limit`, and takes them out; those that
   * another server has in hand are left to it. When `publish` rejects they all stay. Resolves to how many.
   */
  relay(minAgeMs: number, limit: number, publish: PublishNotices): Promise<number>;
}
