/**
 * One topic per user, subscribed once per server however many subscribers it has there: subscribers of the
 * user's locations, and the user's own connections. A topic lives from its first subscriber to its last. If
 * it loses its last subscriber while Redis is still being asked, it is unsubscribed as soon as that is done.
 */
import type { LocationUpdate } from '../domain/location-update.js';
import { swapRemove } from '../domain/swap-remove.js';
import type { Notification } from '../domain/notification.js';

/** @param receiver gets the messages of all topics. */
export function createUserTopics(topics: MessageChannels, receiver: TopicReceiver) {
  const byUser = new Map<string, UserTopic>();
  topics.onMessage(receive);

  const topicOf = (userId: string): UserTopic => byUser.get(userId) ?? open(userId);

  function open(userId: string): UserTopic {
    const topic = new UserTopic(userId);
    topic.subscribed = subscribe(topic);
    // A failure reaches whoever awaits `subscribed`; the next subscriber tries anew.
    topic.subscribed.catch(() => {
      if (byUser.get(userId) === topic) byUser.delete(userId);
    });
    byUser.set(userId, topic);
    return topic;
  }

  function receive({ userId, message }: UserMessage): void {
    const topic = byUser.get(userId);
    if (topic === undefined) return;
    // What is thrown here would end the process.
    try {
      if (Array.isArray(message)) receiver.onLocation(topic, message);
      else receiver.onNotification(topic, message);
    } catch (error) {
      receiver.onFailed(error);
    }
  }

  async function subscribe(topic: UserTopic): Promise<void> {
    await topics.subscribe(topic.userId);
    topic.isLive = true;
    topic.subscribed = DONE;
    // Who came meanwhile has a topic of its own, for which the channel stays subscribed.
    if (!topic.isUsed && !byUser.has(topic.userId)) topics.unsubscribe(topic.userId);
  }

  function endIfUnused(topic: UserTopic): void {
    if (topic.isUsed) return;
    byUser.delete(topic.userId);
    if (topic.isLive) topics.unsubscribe(topic.userId);
  }

  return {
    /**
     * Adds a subscriber once. It gets every location from now on, for certain once `subscribed` has resolved.
     */
    subscribeLocations(userId: string, subscriber: LocationSubscriber): UserTopic {
      const topic = topicOf(userId);
      topic.locationSubscribers = withSubscriber(topic.locationSubscribers, subscriber);
      return topic;
    },

    unsubscribeLocations(userId: string, subscriber: LocationSubscriber): void {
      const topic = byUser.get(userId);
      if (topic !== undefined && removeSubscriber(topic.locationSubscribers, subscriber)) endIfUnused(topic);
    },

    /**
     * Adds a subscriber once. It gets every notification from now on, for certain once `subscribed` has
     * resolved.
     */
    subscribeNotifications(userId: string, subscriber: NotificationSubscriber): UserTopic {
      const topic = topicOf(userId);
      topic.notificationSubscribers = withSubscriber(topic.notificationSubscribers, subscriber);
      return topic;
    },

    unsubscribeNotifications(userId: string, subscriber: NotificationSubscriber): void {
      const topic = byUser.get(userId);
      if (topic !== undefined && removeSubscriber(topic.notificationSubscribers, subscriber))
        endIfUnused(topic);
    },

    /**
     * Calls each subscriber. One that throws keeps nothing from the others; the first error is reported.
     */
    tell<Subscriber>(subscribers: readonly Subscriber[], call: (subscriber: Subscriber) => void): void {
      const errors: unknown[] = [];
      for (const subscriber of subscribers) {
        try {
          call(subscriber);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) receiver.onFailed(errors[0]);
    },

    publish: (userId: string, message: unknown) => topics.publish(userId, message),

    /** Makes `subscribed` wait until the topics of an interruption are subscribed again. */
    awaitRestored({ users, restored }: Pick<Interruption, 'users' | 'restored'>): void {
      for (const userId of users) {
        const topic = byUser.get(userId);
        // A topic that is still being subscribed for the first time is not affected.
        if (topic === undefined || topic.subscribed !== DONE) continue;
        topic.subscribed = restored.then(() => {
          topic.subscribed = DONE;
        });
      }
    },

    /** Whether the user's topic has subscribers and is subscribed. */
    isSubscribed: (userId: string) => byUser.get(userId)?.subscribed === DONE,

    get: (userId: string) => byUser.get(userId),
    values: () => byUser.values(),
    /** How many topics have subscribers. */
    get size() {
      return byUser.size;
    },
  };
}

export type UserTopics = ReturnType<typeof createUserTopics>;

/**
 * Carries messages between servers, on a topic and an inbox for each user: Redis, or memory where there is
 * one server only.
 */
export interface Topics extends MessageChannels {
  /** Carry the whereabouts of friends to a user's lists. */
  readonly inboxes: MessageChannels;
  /** Sets the one listener that is called when messages may be lost. */
  onInterrupted(listener: (interruption: Interruption) => void): void;
}

/** A channel for each user. */
export interface MessageChannels {
  publish(userId: string, message: unknown): Promise<void>;
  /** Adds a listener that gets the messages of all users whose channels are subscribed. */
  onMessage(listener: (message: UserMessage) => void): void;
  /** Resolves once every message published from then on will arrive. Repeating it does no harm. */
  subscribe(userId: string): Promise<void>;
  unsubscribe(userId: string): void;
}

/** A message on a user's channel. */
export interface UserMessage {
  readonly userId: string;
  readonly message: unknown;
}

/** Tells whether what is published on topics reaches this server in time. */
export interface DeliveryLease {
  /**
   * Whether everything has arrived that was published on the user's topic up to LEASE_MS ago, while it was
   * subscribed: see domain/delivery-times.ts.
   */
  isHeld(userId: string): boolean;
  /** Sets the one listener that is called when leases that had run out are held again. */
  onRenewed(listener: () => void): void;
}

/** From now on messages of subscribed topics and inboxes may be lost, and what was kept lately may be. */
export interface Interruption {
  /** The users whose topics or inboxes are concerned. */
  readonly users: ReadonlySet<string>;
  /** Whether what is kept of a user is. */
  concerns(userId: string): boolean;
  /** Resolves when all of them are subscribed again. */
  readonly restored: Promise<void>;
}

/**
 * Gets what comes over the topics: locations are arrays, everything else is for the user's own connections.
 */
export interface TopicReceiver {
  onLocation(topic: UserTopic, record: unknown[]): void;
  onNotification(topic: UserTopic, notification: unknown): void;
  /** Called with what was thrown on the way of a message to its subscribers. */
  onFailed(error: unknown): void;
}

/** A user as one server knows them, shared by all subscribers. */
export interface TrackedUser {
  readonly userId: string;
  /** The newest location; null for an inactive user, at the latest a second after the TTL. */
  readonly newest: LocationUpdate | null;
  /**
   * The newest location of which is known that the location store kept it. `newest` may be newer; null while
   * none is known.
   */
  readonly kept: LocationUpdate | null;
  /**
   * Where the user is shown approximately; null when nowhere, and while no list asks. It changes at full minutes, and
   * when the user comes or goes.
   */
  readonly approximate: LocationUpdate | null;
  /** Resolves once the topic is subscribed, or subscribed again after an interruption. */
  readonly subscribed: Promise<void>;
  /**
   * Resolves once `newest` was read after subscribing; null before anybody asked, and after a failed read.
   */
  readonly loaded: Promise<void> | null;
}

export interface LocationSubscriber {
  onLocation(user: TrackedUser, update: LocationUpdate): void;
  /** The user's whereabouts are others. */
  onWhereabouts(user: TrackedUser): void;
  /** The user's approximate place is another one. */
  onApproximate(user: TrackedUser): void;
  /** The user has sent nothing for the TTL, or has taken the location back. */
  onInactive(user: TrackedUser): void;
}

export interface NotificationSubscriber {
  onNotification(notification: Notification): void;
}

/**
 * A class with bare arrays, since a server has a topic for each of its users and each friend whom a list
 * watches (docs/decisions/046, 104).
 */
export class UserTopic implements TrackedUser {
  newest: LocationUpdate | null = null;
  kept: LocationUpdate | null = null;
  approximate: LocationUpdate | null = null;
  /** Until then, on the monotonic clock, `newest` counts. */
  activeUntilMs = 0;
  /** What was received by then, milliseconds since the epoch, the user has taken back; 0 for nothing. */
  clearedAtMs = 0;
  subscribed: Promise<void> = DONE;
  loaded: Promise<void> | null = null;
  /** In no order. */
  locationSubscribers: LocationSubscriber[] = NO_SUBSCRIBERS;
  /** The user's own connections, in no order. */
  notificationSubscribers: NotificationSubscriber[] = NO_SUBSCRIBERS;
  /** Whether it was subscribed. */
  isLive = false;

  constructor(readonly userId: string) {}

  get isUsed(): boolean {
    return this.locationSubscribers.length > 0 || this.notificationSubscribers.length > 0;
  }
}

/** Up to here an array of subscribers is kept without spare room (docs/decisions/046). */
const FEW = 64;
const NO_SUBSCRIBERS: never[] = [];
const DONE = Promise.resolve();

function withSubscriber<Subscriber>(subscribers: Subscriber[], subscriber: Subscriber): Subscriber[] {
  if (subscribers.includes(subscriber)) return subscribers;
  // An array that grows in place takes room for half as many again and 16 more: too much for the many short
  // ones.
  if (subscribers.length < FEW) return subscribers.concat([subscriber]);
  subscribers.push(subscriber);
  return subscribers;
}

/** @returns whether it was there. */
function removeSubscriber<Subscriber>(subscribers: Subscriber[], subscriber: Subscriber): boolean {
  const index = subscribers.indexOf(subscriber);
  if (index < 0) return false;
  swapRemove(subscribers, index);
  return true;
}
