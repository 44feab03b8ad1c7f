/** The page of a signed-in user: nearby friends on a map and in a list, and all controls. */
import type { NearbyFriendsClient, TextStorage } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { AccountView } from './account-view.js';
import { ChosenFriend } from './chosen-friend.js';
import { ConnectionBadge } from './connection-badge.js';
import { ErrorBoundary } from './error-boundary.js';
import { FriendMap } from './friend-map.js';
import { HistoryBar } from './history-bar.js';
import { InvitedDialog } from './invited-dialog.js';
import { LocationControl } from './location-control.js';
import { NotificationsControl } from './notifications-control.js';
import { NearbyList } from './nearby-list.js';
import { PeoplePanel } from './people-panel.js';
import { radiiWith } from './radii.js';
import { RequestToasts } from './request-toasts.js';
import { SharingControl } from './sharing-control.js';
import { useFarFriends } from './use-far-friends.js';
import { useHistoryDay } from './use-history-day.js';
import { useInvitation } from './use-invitation.js';
import { markerAt, useMyLocation } from './use-my-location.js';
import { useNearbyFriends } from './use-nearby-friends.js';
import { Notifications, useNotifications } from './use-notifications.js';
import { useNow } from './use-now.js';
import { usePeople } from './use-people.js';
import { useRadius } from './use-radius.js';
import { useSharing } from './use-sharing.js';
import { createWording } from './wording.js';
import type { PageSetup } from './page-setup.js';

export function NearbyPage({ client, storage, setup, userId, onSignOut }: NearbyPageProps): JSX.Element {
  const [radiusMeters, setRadiusMeters] = useRadius(storage, userId, setup.defaultRadiusMeters);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [isAccountOpen, setIsAccountOpen] = useState(false);
  const history = useHistoryDay(client);
  const nowMs = useNow(client);
  const ttlMs = setup.locationTtlSeconds * 1_000;
  const view = useNearbyFriends({ client, storage, userId, ttlMs, nowMs }, radiusMeters);
  const mine = useMyLocation(client, storage, userId, setup.demo);
  const notifications = useNotifications(client, storage, userId);
  const sharing = useSharing(client, storage, nowMs);
  const people = usePeople(client, sharing.friendships);
  const [isLookingAtFriends, lookAtFriends] = useState(false);
  const far = useFarFriends(client, view, radiusMeters, isLookingAtFriends || chosenId !== null);
  const invitation = useInvitation();
  const [wording] = useState(() => createWording(navigator.languages));
  const staleAfterMs = ttlMs * STALE_SHARE;
  /** Chooses a friend, or nobody when it is the one who is chosen. */
  const choose = useCallback((friendId: string) => {
    setChosenId((before) => (before === friendId ? null : friendId));
  }, []);
  const place = mine.choice.from === 'marker' ? mine.choice.place : view.origin;

  return (
    <div class="page">
      <header>
        <h1>Nearby Friends</h1>
        <ConnectionBadge connection={view.connection} nowMs={nowMs} />
        <button
          type="button"
          onClick={() => {
            setIsAccountOpen(true);
          }}
        >
          Account
        </button>
        <button
          type="button"
          onClick={() => {
            onSignOut('You are signed out.');
          }}
        >
          Sign out
        </button>
      </header>
      {isAccountOpen && (
        <AccountView
          client={client}
          connection={view.connection}
          history={history}
          wording={wording}
          nowMs={nowMs}
          onClose={() => {
            setIsAccountOpen(false);
          }}
          onDeleted={() => {
            onSignOut('Your account is deleted.');
          }}
        />
      )}
      <section class="me" aria-label="Me">
        <ErrorBoundary>
          <LocationControl mine={mine} place={place} />
          <SharingControl client={client} view={sharing} wording={wording} nowMs={nowMs} />
          <NotificationsControl view={notifications} />
        </ErrorBoundary>
      </section>
      <ErrorBoundary>
        <FriendMap
          tiles={setup.tiles}
          unit={wording.unit}
          place={place}
          isMovable={mine.choice.from === 'marker' && history.day === null}
          track={history.track}
          radiusMeters={radiusMeters}
          friends={view.friends}
          nowMs={nowMs}
          staleAfterMs={staleAfterMs}
          chosenId={chosenId}
          onChoose={choose}
          onPlace={(next) => {
            mine.choose(markerAt(next));
          }}
        >
          <HistoryBar history={history} wording={wording} nowMs={nowMs} />
        </FriendMap>
      </ErrorBoundary>
      <ErrorBoundary>
        <Notifications.Provider value={notifications}>
          <ChosenFriend
            client={client}
            friendId={chosenId}
            view={view}
            far={far}
            people={people}
            sharing={sharing}
            wording={wording}
            nowMs={nowMs}
            onClose={() => {
              setChosenId(null);
            }}
          />
        </Notifications.Provider>
        <RequestToasts client={client} people={people} />
        {invitation.handle !== null && (
          <InvitedDialog
            key={invitation.handle}
            client={client}
            handle={invitation.handle}
            people={people}
            onClose={invitation.answer}
          />
        )}
      </ErrorBoundary>
      <main>
        <section aria-labelledby="near">
          <h2 id="near">Near me</h2>
          <label class="radius">
            Within
            <select
              value={radiusMeters}
              onChange={(event) => {
                setRadiusMeters(Number(event.currentTarget.value));
              }}
            >
              {radiiWith(wording.unit, setup.defaultRadiusMeters, radiusMeters).map((meters) => (
                <option key={meters} value={meters}>
                  {wording.distance(meters)}
                </option>
              ))}
            </select>
          </label>
          <ErrorBoundary>
            <NearbyList
              view={view}
              wording={wording}
              nowMs={nowMs}
              staleAfterMs={staleAfterMs}
              chosenId={chosenId}
              onChoose={choose}
            />
          </ErrorBoundary>
        </section>
        <ErrorBoundary>
          <PeoplePanel
            client={client}
            people={people}
            view={view}
            far={far}
            sharing={sharing}
            wording={wording}
            nowMs={nowMs}
            chosenId={chosenId}
            onChoose={choose}
            onLook={lookAtFriends}
          />
        </ErrorBoundary>
      </main>
    </div>
  );
}

interface NearbyPageProps {
  readonly client: NearbyFriendsClient;
  readonly storage: TextStorage;
  readonly setup: PageSetup;
  readonly userId: string;
  /** @param notice what to tell the user who is signed out. */
  onSignOut(notice: string): void;
}

/**
 * After this share of the time until a friend counts as inactive, the friend's location is shown as stale.
 */
const STALE_SHARE = 1 / 3;
