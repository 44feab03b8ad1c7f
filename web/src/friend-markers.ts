/** The friends on the map. Screen readers skip them, as the list beside the map has the same. */
import { type Map as MapLibreMap, Marker } from 'maplibre-gl';
import type { NearbyFriend } from 'nearby-friends-client';

export function createFriendMarkers(map: MapLibreMap, onChoose: (friendId: string) => void): FriendMarkers {
  const markers = new Map<string, Marker>();

  function create({ friend }: NearbyFriend): Marker {
    const element = document.createElement('div');
    element.className = 'marker friend';
    element.ariaHidden = 'true';
    const dot = document.createElement('span');
    dot.textContent = firstLetter(friend.displayName);
    const arrow = document.createElement('span');
    arrow.className = 'arrow';
    const label = document.createElement('bdi');
    label.textContent = friend.displayName;
    element.append(dot, arrow, label);
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      onChoose(friend.id);
    });
    return new Marker({ element });
  }

  return {
    show(friends, staleBeforeMs, chosenId) {
      const shown = new Set(friends.map(({ friend }) => friend.id));
      for (const [id, marker] of markers) {
        if (shown.has(id)) continue;
        marker.remove();
        markers.delete(id);
      }
      for (const entry of friends) {
        const { friend, location, updatedAt } = entry;
        const known = markers.get(friend.id);
        const marker = known ?? create(entry);
        marker.setLngLat([location.longitude, location.latitude]);
        if (known === undefined) markers.set(friend.id, marker.addTo(map));
        showHeading(marker, location.headingDegrees ?? null);
        const { classList } = marker.getElement();
        classList.toggle('stale', Date.parse(updatedAt) < staleBeforeMs);
        classList.toggle('chosen', friend.id === chosenId);
      }
    },
  };
}

/** North is always up on this map. */
function showHeading(marker: Marker, degrees: number | null): void {
  const arrow = marker.getElement().querySelector<HTMLElement>('.arrow');
  if (arrow === null) return;
  arrow.hidden = degrees === null;
  arrow.style.rotate = `${degrees ?? 0}deg`;
}

/** As people count letters: with its accents, and an emoji of several characters whole. */
function firstLetter(name: string): string {
  // Firefox has it since version 125.
  const { Segmenter } = Intl as Partial<typeof Intl>;
  const [first] = Segmenter === undefined ? name : new Segmenter().segment(name);
  return typeof first === 'object' ? first.segment : (first ?? '');
}

export interface FriendMarkers {
  /**
   * @param staleBeforeMs older updates are shown as stale, in milliseconds since the epoch.
   * @param chosenId the friend to highlight; null for none.
   */
  show(friends: readonly NearbyFriend[], staleBeforeMs: number, chosenId: string | null): void;
}
