/**
 * The sharing subscription: whether friends may see the viewer, whether there is a live location to see, whose
 * friendship began or ended, and for whom an exception changed. Everything comes over the viewer's own topic, which
 * the server subscribes to while somebody listens; it never says where the viewer is. After a gap it reads again.
 */
import type { LocationUpdate } from '../domain/location-update.js';
import { parseDevice } from '../domain/position.js';
import { sharingAt, type Sharing } from '../domain/sharing.js';
import type { Viewer } from '../domain/user.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';
import { createBoundedQueue } from './bounded-queue.js';
import type { Friends } from './friends.js';
import type { LocationDispatcher } from './location-dispatcher.js';
import type { Notifications } from './notifications.js';
import type { SubscriptionQuota } from './subscription-quota.js';
import type {
  DeliveryLease,
  Interruption,
  LocationSubscriber,
  NotificationSubscriber,
} from './user-topics.js';
import type { ViewerLifetimes } from './viewer-lifetime.js';

export function createSharingStream(deps: SharingStreamDeps) {
  const { clock, dispatcher, friends, notifications, subscriptions, viewerLifetimes } = deps;
  const open = new Set<OpenStream>();
  const limit = createPerTurnLimit(STREAMS_PER_TURN, clock);

  /** Spread over turns of the event loop. */
  function each(streams: readonly OpenStream[], task: (stream: OpenStream) => void): void {
    for (const stream of streams) {
      limit(() => {
        if (open.has(stream)) task(stream);
      });
    }
  }

  function subscribe(viewer: Viewer, device: string | null): AsyncIterableIterator<SharingState, undefined> {
    const { userId } = viewer;
    const deviceTag = device === null ? null : deps.deviceTag(parseDevice(device));
    subscriptions.open(userId);

    /** As it was read last; null while it may be another. */
    let sharing: Sharing | null = null;
    /** Whose friendship began or ended since the last message; null when it is not known of whom. */
    let friendsChanged: Set<string> | null = null;
    /** Likewise, for whom an exception was made, changed or cleared. */
    let exceptionsChanged: Set<string> | null = null;
    /** As it was told last; undefined at first. */
    let place: LivePlace | null | undefined;
    let sent: string | null = null;
    /** Whether it was known once whether there is a location. */
    let hasBegun = false;
    let round = 0;
    let asked = 0;
    let cancelRetry = (): void => undefined;
    let cancelTurnover = (): void => undefined;

    const states = createBoundedQueue<SharingState>({
      limit: 0,
      onReady: send,
      onEnd: () => {
        round += 1;
        asked += 1;
        cancelRetry();
        cancelTurnover();
        stopWaiting();
        open.delete(stream);
        notifications.unsubscribe(userId, subscriber);
        dispatcher.unsubscribe([userId], subscriber);
        subscriptions.close(userId);
      },
    });
    const stopWaiting = viewerLifetimes.onEnd(viewer, () => {
      states.end();
    });

    const subscriber: NotificationSubscriber & LocationSubscriber = {
      onNotification(notification) {
        if (notification.kind === 'sharing') {
          if (notification.friendId === undefined) return void ask();
          exceptionsChanged?.add(notification.friendId);
          send();
        } else if (notification.kind === 'relation' && notification.isFriendship === true) {
          friendsChanged?.add(notification.friendId);
          send();
        }
      },
      onLocation: send,
      onInactive: send,
      onWhereabouts: () => undefined,
      onApproximate: () => undefined,
    };

    /** Subscribes first and reads second, at first and after a gap. */
    async function begin(): Promise<void> {
      const mine = ++round;
      cancelRetry();
      try {
        await notifications.subscribe(userId, subscriber);
        if (mine !== round) return;
        await dispatcher.whenLoaded(dispatcher.subscribe([userId], subscriber));
        if (mine !== round) return;
        hasBegun = true;
        friendsChanged = exceptionsChanged = null;
        await ask();
      } catch (error) {
        if (mine !== round) return;
        deps.onReadFailed(error);
        cancelRetry = clock.after(RETRY_MS, () => void begin());
      }
    }

    /** Reads what is shared. What was read before a change, or is read during it, is not told. */
    async function ask(): Promise<void> {
      const mine = ++asked;
      cancelTurnover();
      sharing = null;
      try {
        const found = await friends.sharing(viewer);
        if (mine !== asked) return;
        sharing = found;
        if (found.untilMs !== null) cancelTurnover = at(clock, found.untilMs, send);
        send();
      } catch (error) {
        if (mine !== asked) return;
        deps.onReadFailed(error);
        cancelTurnover = clock.after(RETRY_MS, () => void ask());
      }
    }

    /** Sends what is true now, when it is known and another than what was sent. */
    function send(): void {
      if (!states.ready || !hasBegun || sharing === null) return;
      // While the lease is not held, lists stand still: friends do not see what was reported here meanwhile.
      if (place === undefined || deps.lease.isHeld(userId)) {
        place = placeOf(dispatcher.newest(userId), deviceTag);
      }
      const state: SharingState = {
        sharing: sharingAt(sharing, clock.now()),
        place,
        friendsChanged: friendsChanged && [...friendsChanged],
        exceptionsChanged: exceptionsChanged && [...exceptionsChanged],
      };
      const text = JSON.stringify(state);
      if (text === sent) return;
      sent = JSON.stringify({ ...state, friendsChanged: [], exceptionsChanged: [] });
      [friendsChanged, exceptionsChanged] = [new Set(), new Set()];
      states.send(state);
    }

    const stream: OpenStream = {
      userId,
      resync: () => void begin(),
      resume: send,
      end: () => {
        states.end();
      },
    };
    open.add(stream);
    void begin();
    return states;
  }

  return {
    /**
     * What friends may see of the viewer, now and at each change, until returned, or until the viewer's session or
     * token ends.
     * @param device the name of the viewer's device; null for none.
     * @throws DomainError 'invalid' for a name that is none, 'rate-limited' when the viewer has too many.
     */
    subscribe,

    /** Reads again what viewers may have missed. */
    resync({ users }: Pick<Interruption, 'users'>): void {
      each(
        [...open].filter(({ userId }) => users.has(userId)),
        (stream) => {
          stream.resync();
        },
      );
    },

    /** Sends what waits because a lease had run out. */
    resume(): void {
      each([...open], (stream) => {
        stream.resume();
      });
    },

    /** Ends all subscriptions, as when the server closes. */
    close(): void {
      for (const stream of [...open]) stream.end();
    },
  };
}

export type SharingStream = ReturnType<typeof createSharingStream>;

/** What friends may see of a user at a moment. */
export interface SharingState {
  readonly sharing: Sharing;
  /** Null when there is no live location. */
  readonly place: LivePlace | null;
  /** Whose friendship began or ended since the message before; null when it is not known of whom. */
  readonly friendsChanged: readonly string[] | null;
  /** For whom an exception was made, changed or cleared since then; null when it is not known for whom. */
  readonly exceptionsChanged: readonly string[] | null;
}

/** That there is a live location. */
export interface LivePlace {
  /** When a server last heard of it, milliseconds since the epoch. */
  readonly updatedAtMs: number;
  /** Null when it is not known. */
  readonly ofThisDevice: boolean | null;
}

export interface SharingStreamDeps {
  readonly dispatcher: Pick<LocationDispatcher, 'subscribe' | 'unsubscribe' | 'whenLoaded' | 'newest'>;
  readonly friends: Pick<Friends, 'sharing'>;
  readonly notifications: Pick<Notifications, 'subscribe' | 'unsubscribe'>;
  /** When it is renewed, streams are to be resumed. */
  readonly lease: Pick<DeliveryLease, 'isHeld'>;
  /** The live subscriptions of each user. */
  readonly subscriptions: SubscriptionQuota;
  readonly viewerLifetimes: ViewerLifetimes;
  /** The short form of a device's name. */
  deviceTag(name: string): string;
  readonly clock: Clock;
  /** Called for a failed read, which is repeated until it works or the subscription ends. */
  onReadFailed(error: unknown): void;
}

interface OpenStream {
  readonly userId: string;
  resync(): void;
  resume(): void;
  end(): void;
}

const RETRY_MS = 1_000;

/** Each takes some microseconds, and a read of PostgreSQL after a gap. */
const STREAMS_PER_TURN = 100;

function placeOf(newest: LocationUpdate | null, deviceTag: string | null): LivePlace | null {
  if (newest === null) return null;
  const { receivedAtMs, device } = newest;
  const isKnown = deviceTag !== null && device !== undefined;
  return { updatedAtMs: receivedAtMs, ofThisDevice: isKnown ? device === deviceTag : null };
}
