/**
 * Sends push messages to the browsers of users. Nobody waits for it and nothing is repeated: a message that a push
 * service does not take in time is lost, and so is one that finds no room to wait. Whom a message may go to is read when
 * it is sent, so a session that has ended gets none. Endpoints are in no error and no log.
 */
import pLimit from 'p-limit';
import { DomainError } from '../domain/errors.js';
import type { FriendRequest } from '../domain/friendship.js';
import { parsePushSubscription, type PushMessage, type PushSubscription, serviceOf } from '../domain/push.js';
import type { Viewer } from '../domain/user.js';

/** @param deps with no sender where nothing is sent. */
export function createPushNotifications({ store, sender, services, meter, onChanged, onFailed }: PushDeps) {
  const reads = pLimit(MAX_READS);
  /** One that does not answer keeps nobody's messages but its own waiting. */
  const calls = new Map(services.map((service) => [service, pLimit(MAX_CALLS)]));

  async function call(subscription: PushSubscription, message: PushMessage): Promise<void> {
    try {
      const outcome = (await sender?.send(subscription, message)) ?? 'refused';
      meter(message.kind, outcome);
      if (outcome === 'gone') await store.delete(subscription);
    } catch (error) {
      meter(message.kind, 'failed');
      onFailed(error);
    }
  }

  async function sendToAll(userId: string, message: PushMessage): Promise<void> {
    const friendId = message.kind === 'near' ? message.friend.id : null;
    for (const subscription of await store.subscriptionsOf(userId, friendId)) {
      // The operator may have taken a service off the list.
      const limit = calls.get(serviceOf(subscription.endpoint, services) ?? '');
      if (limit === undefined || limit.pendingCount >= MAX_WAITING) meter(message.kind, 'dropped');
      else void limit(call, subscription, message);
    }
  }

  /** Sends a message to all browsers of a user, some time soon. */
  function send(userId: string, message: PushMessage): void {
    if (sender === null) return;
    if (reads.pendingCount >= MAX_WAITING) meter(message.kind, 'dropped');
    else reads(sendToAll, userId, message).catch(onFailed);
  }

  return {
    /**
     * Lets messages be sent to a browser while the viewer's session lasts.
     * @throws DomainError 'invalid'; 'forbidden' without a session; 'unauthenticated' when it has ended.
     */
    async subscribe({ userId, sessionId }: Viewer, input: PushSubscription): Promise<true> {
      if (sender === null) throw new DomainError('invalid', 'This server sends no push messages.');
      const subscription = parsePushSubscription(input, services);
      if (sessionId === null) {
        throw new DomainError(
          'forbidden',
          'Push messages end with the session, and tokens of an external provider have none.',
        );
      }
      if (!(await store.save(userId, sessionId, subscription))) {
        throw new DomainError('unauthenticated', 'Sign in first.');
      }
      onChanged(userId);
      return true;
    },

    /** Resolves to whether the viewer had such a subscription. */
    async unsubscribe({ userId }: Viewer, endpoint: string): Promise<boolean> {
      const isRemoved = await store.remove(userId, endpoint);
      onChanged(userId);
      return isRemoved;
    },

    send,

    /** Tells who was asked. To be called for a request that the other is told of live. */
    asked({ from: { id, displayName }, to }: FriendRequest): void {
      send(to.id, { kind: 'friend-request', from: { id, displayName } });
    },

    /** Gives up what waits and what is being sent. */
    close(): void {
      for (const limit of [reads, ...calls.values()]) limit.clearQueue();
      sender?.close();
    },
  };
}

export type PushNotifications = ReturnType<typeof createPushNotifications>;

/** What became of a message to one browser. */
export type PushOutcome = 'sent' | 'refused' | 'gone';

export interface PushSender {
  /**
   * Hands a message to the push service of a browser, which takes some seconds at most.
   * @throws when the service can't be reached, or not in time.
   */
  send(subscription: PushSubscription, message: PushMessage): Promise<PushOutcome>;
  /** Makes what is under way fail. */
  close(): void;
}

export interface PushStore {
  /** Keeps a subscription as the session's. Of a user with too many the oldest end. False when the session has ended. */
  save(userId: string, sessionId: string, subscription: PushSubscription): Promise<boolean>;
  /** Resolves to whether the user had it. */
  remove(userId: string, endpoint: string): Promise<boolean>;
  /** Forgets a subscription that its push service does not know any more, unless it was renewed. */
  delete(subscription: PushSubscription): Promise<void>;
  /** @param alertOn none when the user has no alert for this friend; null for any. */
  subscriptionsOf(userId: string, alertOn: string | null): Promise<PushSubscription[]>;
}

interface PushDeps {
  readonly store: PushStore;
  readonly sender: PushSender | null;
  /** The origins of push services. */
  readonly services: readonly string[];
  /** Counts a message to one browser; one that finds no room is 'dropped'. */
  meter(kind: PushMessage['kind'], outcome: PushOutcome | 'failed' | 'dropped'): void;
  /** Called when a user has other subscriptions. */
  onChanged(userId: string): void;
  onFailed(error: unknown): void;
}

/** Questions to the database at a time. */
const MAX_READS = 4;
/** Calls to one push service at a time. */
const MAX_CALLS = 32;
/** Messages that wait for either. */
const MAX_WAITING = 1_000;
