/** Turns notifications on this device on and off. The browser asks its user only when somebody taps. */
import type { JSX } from 'preact';
import { Choices } from './choices.js';
import './notifications-control.css';
import { whyNoNotifications } from './push-subscription.js';
import type { NotificationsView } from './use-notifications.js';

export function NotificationsControl({ view }: NotificationsControlProps): JSX.Element | null {
  if (!view.isOffered) return null;
  const { state, error } = view;
  return (
    <div class="notifications" role="group" aria-label="Notifications">
      <p role="status">{whyNoNotifications() ?? SENTENCES[state]}</p>
      {error !== null && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
      {state !== 'impossible' && (
        <Choices
          options={[
            { label: 'Notify me', value: true, isChosen: state === 'on' },
            { label: 'Do not notify', value: false, isChosen: state !== 'on' },
          ]}
          isDisabled={false}
          onChoose={(isOn) => void (isOn ? view.turnOn() : view.turnOff())}
        />
      )}
    </div>
  );
}

interface NotificationsControlProps {
  readonly view: NotificationsView;
}

const SENTENCES: Readonly<Record<NotificationsView['state'], string>> = {
  impossible: '',
  refused:
    'Your browser does not let this page notify you. Allow notifications in the settings beside the address, then tap ' +
    'Notify me.',
  off: 'Notifications are off: of friend requests, and of friends who come near.',
  on: 'Notifications are on: of friend requests, and of friends who come as near as you choose for each.',
};
