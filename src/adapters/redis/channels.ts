/**
 * The channels that a server wants, subscribed in as few commands as possible and subscribed again after
 * every loss. A failed SUBSCRIBE is repeated until it works: it is neither fatal nor forgotten.
 */
import type { Log } from '../../log.js';
import { backoff } from '../../time/backoff.js';
import type { Clock } from '../../time/clock.js';
import { sleep } from '../../time/within.js';
import { createBatcher } from './batcher.js';
import { commandsFor, type Grouping } from './partitions.js';

/**
 * A lost group may be lost again while it is being restored. Waiting for the SUBSCRIBE under way would then
 * report it restored although its channels are gone once more. So each loss starts an attempt of its own, and
 * only the newest attempt of a group finishes its restoration.
 */
export function createChannels(subscriber: ChannelSubscriber, log: Log, clock: Clock) {
  const wanted = new Map<number, Set<string>>();
  const lost = new Map<number, Restoration>();
  let reportInterrupted: InterruptionListener = () => undefined;
  let closed = false;

  const { groupOf } = subscriber;
  const inCommands = (channels: Iterable<string>): string[][] =>
    commandsFor(channels, groupOf, CHANNELS_PER_COMMAND);
  const isWanted = (channel: string): boolean => wanted.get(groupOf(channel))?.has(channel) === true;

  const addChange = createBatcher<Change>((changes) => {
    const joining = new Map<string, () => void>();
    const leaving = new Set<string>();
    for (const { channel, onSubscribed } of changes) {
      if (onSubscribed !== null) {
        const before = joining.get(channel);
        const both = (): void => {
          before?.();
          onSubscribed();
        };
        joining.set(channel, before === undefined ? onSubscribed : both);
      } else {
        joining.delete(channel);
        leaving.add(channel);
      }
    }
    // Leaving goes first: a channel that was left and is wanted again must end up subscribed.
    for (const channels of inCommands(leaving)) subscriber.unsubscribe(channels);
    for (const channels of inCommands(joining.keys())) {
      void subscribe(channels).then(() => {
        for (const channel of channels) joining.get(channel)?.();
      });
    }
  });

  /** Resolves when those of the channels that are still wanted are subscribed; never after `close`. */
  async function subscribe(channels: readonly string[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const stillWanted = channels.filter(isWanted);
      if (stillWanted.length === 0) return;
      try {
        await subscriber.subscribe(stillWanted);
        return;
      } catch (error) {
        if (closed) return new Promise(() => undefined);
        if (attempt === 0) {
          log.warn({ code: error instanceof Error ? error.name : '' }, 'SUBSCRIBE failed, trying again');
        }
        await sleep(clock, retryDelayMs(attempt));
      }
    }
  }

  async function restore(group: number, restoration: Restoration): Promise<void> {
    const attempt = ++restoration.attempt;
    await Promise.all(inCommands(wanted.get(group) ?? []).map(subscribe));
    if (restoration.attempt !== attempt) return;
    lost.delete(group);
    restoration.finish();
  }

  subscriber.onLost((groups) => {
    const newlyLost = new Map(
      [...groups].filter((group) => !lost.has(group)).map((group) => [group, newRestoration()]),
    );
    for (const [group, restoration] of newlyLost) lost.set(group, restoration);
    for (const group of groups) {
      const restoration = lost.get(group);
      if (restoration !== undefined) void restore(group, restoration);
    }
    if (newlyLost.size === 0) return;
    const restored = Promise.all([...newlyLost.values()].map((restoration) => restoration.restored));
    reportInterrupted(
      [...newlyLost.keys()].flatMap((group) => [...(wanted.get(group) ?? [])]),
      new Set(newlyLost.keys()),
      restored.then(() => undefined),
    );
  });

  return {
    /** @param onSubscribed called once every message published from then on will arrive. */
    subscribe(channel: string, onSubscribed: () => void): void {
      const group = groupOf(channel);
      const channels = wanted.get(group) ?? new Set();
      wanted.set(group, channels.add(channel));
      addChange({ channel, onSubscribed });
    },

    unsubscribe(channel: string): void {
      const group = groupOf(channel);
      const channels = wanted.get(group);
      channels?.delete(channel);
      if (channels?.size === 0) wanted.delete(group);
      addChange({ channel, onSubscribed: null });
    },

    /** Adds a listener for messages, which are JSON. */
    onMessage(listener: (channel: string, message: string) => void): void {
      subscriber.onMessage(listener);
    },

    /** Sets the listener for losses. */
    onInterrupted(listener: InterruptionListener): void {
      reportInterrupted = listener;
    },

    close(): void {
      closed = true;
      subscriber.close();
    },
  };
}

export type Channels = ReturnType<typeof createChannels>;

/** @param restored resolves when all of the channels, which are those of the groups, are subscribed again. */
type InterruptionListener = (
  channels: readonly string[],
  groups: ReadonlySet<number>,
  restored: Promise<void>,
) => void;

/** Subscribes to channels, on one connection or on one to each master of a cluster. */
export interface ChannelSubscriber {
  /** Channels of one group go into one command. */
  readonly groupOf: Grouping;
  /** Subscribes to channels of one group. Rejects when that fails; it may be repeated. */
  subscribe(channels: readonly string[]): Promise<unknown>;
  /** Unsubscribes from channels of one group, some or all of which may not be subscribed. */
  unsubscribe(channels: readonly string[]): void;
  /** Adds a listener for messages, which are JSON, with the connection that brought them. */
  onMessage(listener: (channel: string, message: string, link: Link) => void): void;
  /** The connection that carries the channels of a name's group; null while none does. */
  linkOf(name: string): Link | null;
  /** Gives up the connection that carries a channel, for a new one: what was subscribed on it is lost. */
  renew(channel: string): void;
  /** Sets the listener for groups whose channels are no longer subscribed. */
  onLost(listener: (groups: ReadonlySet<number>) => void): void;
  close(): void;
}

/** A connection that carries channels. One that was made anew is another one. */
export interface Link {
  /** Until then, on the monotonic clock, it is proven to bring what is published: see delivery-lease.ts. */
  leaseUntilMs: number;
}

/** More than a server has in one partition: a million topics would be four thousand in each. */
const CHANNELS_PER_COMMAND = 5_000;
const retryDelayMs = backoff(50, 1_000);

/** A group whose channels are being subscribed again. */
interface Restoration {
  /** Grows when the group is lost again meanwhile. */
  attempt: number;
  readonly restored: Promise<void>;
  finish(): void;
}

/** A channel is wanted, or no longer wanted. */
interface Change {
  readonly channel: string;
  /** Called once it is subscribed; null for one that is no longer wanted. */
  readonly onSubscribed: (() => void) | null;
}

function newRestoration(): Restoration {
  let finish = (): void => undefined;
  const restored = new Promise<void>((resolve) => (finish = resolve));
  return { attempt: 0, restored, finish };
}
