/**
 * Proves to a server that what is published reaches it. At each Redis it publishes heartbeats to itself, the
 * way notifications are published. A connection brings everything in the order in which it was published, so
 * a heartbeat that arrives tells that whatever was published before it was sent has arrived, too. The lease
 * of a connection ends so long after its last heartbeat was sent: see domain/delivery-times.ts.
 */
import { HEARTBEAT_MS, LEASE_MS } from '../../domain/delivery-times.js';
import type { DeliveryLease } from '../../services/user-topics.js';
import type { Clock } from '../../time/clock.js';
import { every } from '../../time/every.js';
import type { ChannelSubscriber, Link } from './channels.js';
import { type Names, PARTITIONS } from './partitions.js';
import { newServerId } from './server-id.js';

/**
 * @param publish as notifications are published.
 * @param onLapsed called once for each connection that brings no heartbeat.
 */
export function startDeliveryLease(
  subscriber: ChannelSubscriber,
  publish: (channel: string, message: string) => Promise<unknown>,
  { heartbeat }: Pick<Names, 'heartbeat'>,
  clock: Clock,
  onLapsed: (error: Error) => void,
): DeliveryLease & { close(): void } {
  const serverId = newServerId();
  const channels = Array.from({ length: PARTITIONS }, (_, partition) => heartbeat(partition, serverId));
  /** How many heartbeats in a row a connection should have brought. */
  const missing = new WeakMap<Link, number>();
  let reportRenewed = (): void => undefined;
  const isHeldBy = (link: Link): boolean => link.leaseUntilMs > clock.monotonic();

  subscriber.onMessage((channel, message, link) => {
    if (!channel.endsWith(serverId)) return;
    const sentAtMs = Number(message);
    if (!(sentAtMs <= clock.monotonic()) || sentAtMs + LEASE_MS <= link.leaseUntilMs) return;
    const wasHeld = isHeldBy(link);
    link.leaseUntilMs = sentAtMs + LEASE_MS;
    if (!isHeldBy(link)) return;
    missing.delete(link);
    if (!wasHeld) reportRenewed();
  });

  const send = (channel: string): Promise<unknown> => publish(channel, String(clock.monotonic()));

  /** One heartbeat for each connection, over the channel of one of its partitions. */
  function beat(): void {
    const beaten = new Set<Link>();
    for (const channel of channels) {
      const link = subscriber.linkOf(channel);
      if (link === null || beaten.has(link)) continue;
      beaten.add(link);
      send(channel).catch(ignore);
      if (!isHeldBy(link)) renew(link, channel);
    }
  }

  /** Subscribing again does no harm: the channel is new to the connection, or lost with a slot that moved. */
  function renew(link: Link, channel: string): void {
    subscriber
      .subscribe([channel])
      .then(() => send(channel))
      .catch(ignore);
    const count = (missing.get(link) ?? 0) + 1;
    missing.set(link, count);
    // The first may be late because this process is.
    if (count === 2) onLapsed(new Error('what is published does not arrive in time'));
  }

  beat();
  const stop = every(clock, HEARTBEAT_MS, beat);
  return {
    isHeld(userId) {
      const link = subscriber.linkOf(userId);
      return link !== null && isHeldBy(link);
    },
    onRenewed(listener) {
      reportRenewed = listener;
    },
    close: () => void stop(),
  };
}

/** A heartbeat that could not be sent does not arrive, which is what it is for. */
function ignore(): void {
  return undefined;
}
