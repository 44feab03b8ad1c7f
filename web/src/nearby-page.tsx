/** The page of a signed-in user: nearby friends on a map and in a list, and all controls. */
import type { NearbyFriendsClient, TextStorage } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConnectionBadge } from './connection-badge.js';
import { ErrorBoundary } from './error-boundary.js';
import { FriendMap } from './friend-map.js';
import { LocationControl } from './location-control.js';
import { NotificationsControl } from './notifications-control.js';
import { NearbyList } from './nearby-list.js';
import type { PageSetup } from './page-setup.js';
import { PeoplePanel } from './people-panel.js';
import { radiiWith } from './radii.js';
import { SharingControl } from './sharing-control.js';
import { markerAt, useMyLocation } from './use-my-location.js';
import { useNearbyFriends } from './use-nearby-friends.js';
import { Notifications, useNotifications } from './use-notifications.js';
import { useNow } from './use-now.js';
import { useRadius } from './use-radius.js';
import { useSharing } from './use-sharing.js';
import { createWording } from './wording.js';

export function NearbyPage({ client, storage, setup, userId, onSignOut }: NearbyPageProps): JSX.Element {
  const [radiusMeters, setRadiusMeters] = useRadius(storage, userId, setup.defaultRadiusMeters);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const nowMs = useNow(client);
  const ttlMs = setup.locationTtlSeconds * 1_000;
  const view = useNearbyFriends({ client, storage, userId, ttlMs, nowMs }, radiusMeters);
  const mine = useMyLocation(client, storage, userId, setup.demo);
  const notifications = useNotifications(client, storage, userId);
  const sharing = useSharing(client, storage, nowMs);
  const [wording] = useState(() => createWording(navigator.languages));
  const staleAfterMs = ttlMs * STALE_SHARE;
  const place = mine.choice.from === 'marker' ? mine.choice.place : view.origin;

  return (
    <div class="page">
      <header>
        <h1>Nearby Friends</h1>
        <ConnectionBadge connection={view.connection} nowMs={nowMs} />
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
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
          isMovable={mine.choice.from === 'marker'}
          radiusMeters={radiusMeters}
          friends={view.friends}
          nowMs={nowMs}
          staleAfterMs={staleAfterMs}
          chosenId={chosenId}
          onChoose={setChosenId}
          onPlace={(next) => {
            mine.choose(markerAt(next));
          }}
        />
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
              onChoose={setChosenId}
            />
          </ErrorBoundary>
        </section>
        <ErrorBoundary>
          <Notifications.Provider value={notifications}>
            <PeoplePanel client={client} sharing={sharing} wording={wording} nowMs={nowMs} />
          </Notifications.Provider>
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
  onSignOut(): void;
}

/**
 * After this share of the time until a friend counts as inactive, the friend's location is shown as stale.
 */
const STALE_SHARE = 1 / 3;
