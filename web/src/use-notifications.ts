/** Whether this browser shows notifications of the user, and of which friends the user is told when they come near. */
import {
  type NearbyFriendsClient,
  NearAlertsDocument,
  PushPublicKeyDocument,
  SetNearAlertDocument,
  type TextStorage,
} from 'nearby-friends-client';
import { createContext } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { renewPush, turnOffPush, turnOnPush, whyNoNotifications } from './push-subscription.js';

export function useNotifications(
  client: NearbyFriendsClient,
  storage: TextStorage,
  userId: string,
): NotificationsView {
  const [publicKey, setPublicKey] = useState<string | null>(null);
  const [state, setState] = useState<NotificationsState>('off');
  const [alerts, setAlerts] = useState<ReadonlyMap<string, number> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const user = useMemo(() => ({ client, storage, userId }), [client, storage, userId]);

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setError(null);
    await action().catch((caught: unknown) => {
      setError(failureText(caught));
    });
  };

  useEffect(() => {
    const start = async (): Promise<void> => {
      const { server } = await client.request(PushPublicKeyDocument);
      const key = server.pushPublicKey ?? null;
      setPublicKey(key);
      if (key === null) return;
      if (whyNoNotifications() === null && Notification.permission === 'denied') setState('refused');
      const renewed = renewPush(user);
      const { nearAlerts } = await client.request(NearAlertsDocument, { first: MOST_ALERTS });
      setAlerts(new Map(nearAlerts.edges.map(({ node }) => [node.friend.id, node.radiusMeters])));
      if (await renewed) setState('on');
    };
    // A server of the version before knows none of this.
    start().catch(() => undefined);
  }, [client, user]);

  return {
    isOffered: publicKey !== null,
    state: whyNoNotifications() === null ? state : 'impossible',
    alerts,
    error,
    turnOn: () =>
      attempt(async () => {
        if (publicKey !== null) setState(await turnOnPush(user, publicKey));
      }),
    turnOff: () =>
      attempt(async () => {
        setState('off');
        await turnOffPush(user);
      }),
    setAlert: (friendId, radiusMeters) =>
      attempt(async () => {
        const { setNearAlert } = await client.request(SetNearAlertDocument, { friendId, radiusMeters });
        setAlerts((before) => {
          const next = new Map(before);
          if (setNearAlert == null) next.delete(friendId);
          else next.set(friendId, setNearAlert.radiusMeters);
          return next;
        });
      }),
  };
}

type NotificationsState = 'impossible' | 'refused' | 'off' | 'on';

export interface NotificationsView {
  /** Whether the server sends any; false until that is known. */
  readonly isOffered: boolean;
  readonly state: NotificationsState;
  /** How near a friend has to come, metres, by friend; null until it is known. */
  readonly alerts: ReadonlyMap<string, number> | null;
  /** Why the last change failed; null when it did not. */
  readonly error: string | null;
  turnOn(): Promise<void>;
  turnOff(): Promise<void>;
  /** @param radiusMeters null for no alert. */
  setAlert(friendId: string, radiusMeters: number | null): Promise<void>;
}

/** For what is shown of friends in many places. Null where there are no notifications. */
export const Notifications = createContext<NotificationsView | null>(null);

const MOST_ALERTS = 1_000;
