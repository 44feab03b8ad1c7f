/**
 * The friends on the map. Those who would cover each other are one marker with their number: choosing it brings the
 * map closer, or spreads them when they are in one place. Screen readers skip markers, as the list beside the map
 * has the same.
 */
import { LngLatBounds, type Map as MapLibreMap, Marker, type Point } from 'maplibre-gl';
import type { NearbyFriend } from 'nearby-friends-client';
import { type FriendGroup, groupFriends } from './friend-groups.js';
import { createGlide } from './glide.js';

export function createFriendMarkers(map: MapLibreMap, options: FriendMarkersOptions): FriendMarkers {
  const glideTo = createGlide(map);
  let markers = new Map<string, Marker>();
  let content: FriendMarkersContent | null = null;
  /** Whoever was together in a marker that was chosen, and at which zoom: another zoom ends it, and a click beside. */
  let spread: { readonly ids: readonly string[]; readonly zoom: number } | null = null;

  function draw(): void {
    if (content === null) return;
    const { friends, chosenId } = content;
    // Read before elements change: afterwards the browser would lay out the page for the answer.
    const { clientWidth, clientHeight } = map.getContainer();
    if (spread !== null && Math.abs(map.getZoom() - spread.zoom) > SAME_ZOOM) spread = null;
    const before = markers;
    markers = new Map();
    const [alone, together]: [NearbyFriend[], NearbyFriend[]] = [[], []];
    for (const entry of friends) {
      const index = spread?.ids.indexOf(entry.friend.id) ?? -1;
      if (index >= 0) showFriend(before, entry, spreadOffset(index));
      else (entry.friend.id === chosenId ? alone : together).push(entry);
    }
    for (const group of groupFriends(together, map.getZoom())) {
      const [first] = group.members;
      if (
        first === undefined ||
        !isNear(map.project([group.longitude, group.latitude]), clientWidth, clientHeight)
      )
        continue;
      if (group.members.length > 1) showGroup(before, group);
      else alone.push(first);
    }
    for (const entry of alone) showFriend(before, entry);
    for (const [key, marker] of before) if (!markers.has(key)) marker.remove();
    options.onAlone(alone);
  }

  function showFriend(
    before: ReadonlyMap<string, Marker>,
    entry: NearbyFriend,
    offset?: [number, number],
  ): void {
    const { friend, location } = entry;
    const known = before.get(friend.id);
    const marker = known ?? new Marker({ element: friendElement(friend.id, options.onChoose) });
    marker.setOffset(offset ?? [0, 0]);
    glideTo(marker, location);
    if (known === undefined) marker.addTo(map);
    markers.set(friend.id, marker);
    showName(marker, friend.displayName);
    showHeading(marker, location.headingDegrees ?? null);
    showAge(marker, [entry]);
    const { classList } = marker.getElement();
    classList.toggle('chosen', friend.id === content?.chosenId);
    classList.toggle('spread', offset !== undefined);
  }

  function showGroup(before: ReadonlyMap<string, Marker>, group: FriendGroup): void {
    // The same marker as long as its first member is the same, so that it does not blink when somebody moves.
    const key = `group of ${group.members.map(({ friend }) => friend.id).sort()[0] ?? ''}`;
    const known = before.get(key);
    // Above its place, so that the user's own marker does not cover the number.
    const marker =
      known ?? new Marker({ element: document.createElement('div'), anchor: 'bottom', offset: [0, -10] });
    const element = marker.getElement();
    element.textContent = String(group.members.length);
    element.onclick = (event) => {
      event.stopPropagation();
      open(group);
    };
    glideTo(marker, group);
    if (known === undefined) {
      element.classList.add('marker', 'group');
      element.ariaHidden = 'true';
      marker.addTo(map);
    }
    markers.set(key, marker);
    showAge(marker, group.members);
  }

  function showAge(marker: Marker, members: readonly NearbyFriend[]): void {
    if (content === null) return;
    const { nowMs, staleAfterMs } = content;
    const ageMs = nowMs - Math.max(...members.map(({ updatedAt }) => Date.parse(updatedAt)));
    marker.getElement().classList.toggle('stale', ageMs > staleAfterMs);
    // As a property: MapLibre writes its own opacity into the element's style.
    const faded = Math.min(1, Math.max(0, (ageMs - staleAfterMs) / (FADED_AFTER * staleAfterMs)));
    marker.setOpacity((1 - faded * (1 - LEAST_OPACITY)).toFixed(2));
  }

  function open({ members }: FriendGroup): void {
    const bounds = new LngLatBounds();
    for (const { location } of members) bounds.extend([location.longitude, location.latitude]);
    const camera = map.cameraForBounds(bounds, { padding: PADDING, maxZoom: HOUSE_ZOOM });
    if (camera?.zoom !== undefined && camera.zoom < HOUSE_ZOOM && camera.zoom > map.getZoom() + SAME_ZOOM) {
      map.easeTo(camera);
      return;
    }
    spread = { ids: members.map(({ friend }) => friend.id), zoom: map.getZoom() };
    draw();
  }

  map.on('moveend', draw);
  map.on('click', () => {
    spread = null;
    draw();
  });
  return {
    show(next) {
      content = next;
      draw();
    },
  };
}

export interface FriendMarkersOptions {
  /** Called when the user clicks a friend's marker. */
  onChoose(friendId: string): void;
  /** Called with whoever has a marker at the friend's own place, each time the markers are drawn. */
  onAlone(friends: readonly NearbyFriend[]): void;
}

export interface FriendMarkers {
  show(content: FriendMarkersContent): void;
}

export interface FriendMarkersContent {
  readonly friends: readonly NearbyFriend[];
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** An older location is shown as stale, in milliseconds. */
  readonly staleAfterMs: number;
  /** The friend to highlight; null for none. */
  readonly chosenId: string | null;
}

/** A zoom that differs by less counts as the same. */
const SAME_ZOOM = 0.25;
/** Who is together at this zoom, where the map shows about 200 metres, is in one place. */
const HOUSE_ZOOM = 19;
const PADDING = 60;
/** A stale place fades further for so many times the age at which it became stale. */
const FADED_AFTER = 2;
const LEAST_OPACITY = 0.35;
/** Friends who are spread are 1.7 times as far from each other, in pixels; a marker is 30 wide. */
const SPREAD = 24;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Like the seeds of a sunflower, which lie close and cover none; the middle is left to the user's own marker. */
function spreadOffset(index: number): [x: number, y: number] {
  const distance = SPREAD * Math.sqrt(index + 2);
  return [distance * Math.cos(index * GOLDEN_ANGLE), distance * Math.sin(index * GOLDEN_ANGLE)];
}

/** Friends who are far outside the view need no element; who is just outside is there when the map is dragged. */
function isNear({ x, y }: Point, width: number, height: number): boolean {
  return x > -width && x < 2 * width && y > -height && y < 2 * height;
}

function friendElement(friendId: string, onChoose: (friendId: string) => void): HTMLElement {
  const element = document.createElement('div');
  element.className = 'marker friend';
  element.ariaHidden = 'true';
  const dot = document.createElement('span');
  const arrow = document.createElement('span');
  arrow.className = 'arrow';
  const label = document.createElement('bdi');
  element.append(dot, arrow, label);
  element.addEventListener('click', (event) => {
    event.stopPropagation();
    onChoose(friendId);
  });
  return element;
}

/** Friends rename themselves now and then; markers are drawn each second. */
function showName(marker: Marker, name: string): void {
  const [dot, , label] = marker.getElement().children;
  if (dot === undefined || label === undefined || label.textContent === name) return;
  dot.textContent = firstLetter(name);
  label.textContent = name;
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
