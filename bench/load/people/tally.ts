/**
 * Counts what goes between servers and Redis, by what it is for. A message about somebody is needed by a server with
 * somebody else for whom that person is near, which is found out by comparing all places, whatever the servers know.
 */
import type { RedisObserver } from './redis-proxy.js';

export type Tally = ReturnType<typeof createTally>;

export function createTally(servers: number, { numberOf, serverOf, isNeeded }: Whereabouts) {
  const counts: Counts = { ...NOTHING };
  /** The topics and inboxes that each server has joined. */
  const joined = Array.from({ length: servers }, () => new Set<string>());

  function countMessage(server: number, channel: string, message: string): void {
    const { kind, userId } = partsOf(channel);
    if (kind === 'other') counts.otherMessages += 1;
    else if (kind === 'inbox') {
      const from = numberOf(SENDER.exec(message)?.[1] ?? '');
      counts[serverOf(from) === server ? 'ownInboxMessages' : 'inboxMessages'] += 1;
    } else {
      const about = numberOf(userId);
      if (serverOf(about) === server) counts.ownMessages += 1;
      else counts[isNeeded(about, server) ? 'neededMessages' : 'needlessMessages'] += 1;
    }
  }

  return {
    counts,
    joined: joined as readonly ReadonlySet<string>[],

    /** Counts for one server. */
    observer: (server: number): RedisObserver => ({
      onConnection() {
        counts.connections += 1;
      },
      onBytes(count) {
        counts.bytes += count;
      },
      onMessage(channel, message) {
        countMessage(server, channel, message);
      },
      onJoin(channels) {
        for (const channel of channels.filter(isCounted)) {
          joined[server]?.add(channel);
          counts.joins += 1;
        }
      },
      onLeave(channels) {
        for (const channel of channels.filter(isCounted)) {
          joined[server]?.delete(channel);
          counts.leaves += 1;
        }
      },
    }),
  };
}

/** Who is where now. Users are numbers. */
export interface Whereabouts {
  /** -1 for an id that is nobody's. */
  numberOf(userId: string): number;
  /** The server that a user is connected to; -1 for none. */
  serverOf(user: number): number;
  /** Whether a server has a friend of the user's online for whom the user is near. */
  isNeeded(user: number, server: number): boolean;
}

export interface Counts {
  /** Messages on users' topics: to the server of the user whom they are about; to others that need them, and do not. */
  ownMessages: number;
  neededMessages: number;
  needlessMessages: number;
  /** Messages to inboxes: about users of the same server, and of others. */
  ownInboxMessages: number;
  inboxMessages: number;
  /** Heartbeats, which servers publish to themselves. */
  otherMessages: number;
  /** Topics and inboxes in SUBSCRIBE and UNSUBSCRIBE commands. */
  joins: number;
  leaves: number;
  /** From Redis to all servers. */
  bytes: number;
  /** Connections to Redis that servers made. */
  connections: number;
}

const NOTHING: Counts = {
  ownMessages: 0,
  neededMessages: 0,
  needlessMessages: 0,
  ownInboxMessages: 0,
  inboxMessages: 0,
  otherMessages: 0,
  joins: 0,
  leaves: 0,
  bytes: 0,
  connections: 0,
};

/** A channel of a topic, of ours or of the floor, or of an inbox. */
const CHANNEL = /(?:^|:)(user|floor|inbox):([0-9a-f-]{36})$/;
/** Whom a message to an inbox is about. */
const SENDER = /"friendId":"([0-9a-f-]{36})"/;

interface ChannelParts {
  readonly kind: 'topic' | 'inbox' | 'other';
  readonly userId: string;
}

function partsOf(channel: string): ChannelParts {
  const [, kind, userId = ''] = CHANNEL.exec(channel) ?? [];
  if (kind === undefined) return { kind: 'other', userId };
  return { kind: kind === 'inbox' ? 'inbox' : 'topic', userId };
}

const isCounted = (channel: string): boolean => CHANNEL.test(channel);
