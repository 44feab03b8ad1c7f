/**
 * The map itself, in a chunk of its own: MapLibre is most of the page's code and is loaded after the page.
 */
import type { NearbyFriend } from 'nearby-friends-client';
import {
  type AnimationOptions,
  type GeoJSONSource,
  LngLatBounds,
  Map as MapLibreMap,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { accuracyCircles } from './accuracy-circles.js';
import { backToMe } from './back-to-me.js';
import { circleAround } from './circle.js';
import { createFriendMarkers, type FriendMarkersContent } from './friend-markers.js';
import { GLIDE_MS } from './glide.js';
import { graticuleIn } from './graticule.js';
import { createHistoryLayer } from './history-layer.js';
import type { HistoryTrack } from './history-track.js';
import { loadLand } from './land.js';
import { ACCURACY, CIRCLE, COAST, GRID, LAND, mapStyle, TRAILS } from './map-style.js';
import { createMyMarker, placeOf } from './my-marker.js';
import type { PageSetup, Place } from './page-setup.js';
import { addPlaceNames, FAR, NEAR } from './place-names.js';
import { dropCopiesOf } from './static-sources.js';
import { createTrails } from './trails.js';

/** @throws Error when the browser has no WebGL 2. */
export function createMapView(container: HTMLElement, options: MapViewOptions): MapView {
  setWorkerUrl(workerUrl);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const map = new MapLibreMap({
    container,
    style: mapStyle(options.tiles, dark.matches),
    center: [0, 20],
    zoom: 1,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: true },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }));
  map.addControl(new ScaleControl({ unit: options.unit }));
  const back = backToMe(() => {
    followed = null;
    if (content?.place != null) fitCircle(content.place, content.radiusMeters, {});
  });
  map.addControl(back.control, 'top-left');
  const me = createMyMarker(map, options.onPlace);
  const friends = createFriendMarkers(map, { onChoose: options.onChoose, onAlone: drawAccuracy });
  dropCopiesOf(map, [LAND, COAST, FAR, NEAR]);
  const history = createHistoryLayer(map, () => dark.matches);
  const trails = createTrails();
  let content: MapContent | null = null;
  /** Friends whose accuracy is shown. */
  let alone: readonly NearbyFriend[] = [];
  /** What the view was last moved for. Until that changes, the view stays where the user moves it. */
  let fitted: Pick<MapContent, 'radiusMeters' | 'chosenId'> | null = null;
  /** The place of the chosen friend, which the view follows until the user moves it. */
  let followed: Place | null = null;
  let hasStyle = false;

  function setData(source: string, data: GeoJSON.GeoJSON): void {
    void map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  function drawGrid(): void {
    const bounds = map.getBounds();
    const [west, south, east, north] = [
      bounds.getWest(),
      bounds.getSouth(),
      bounds.getEast(),
      bounds.getNorth(),
    ];
    setData(GRID, { type: 'MultiLineString', coordinates: graticuleIn({ west, south, east, north }) });
  }

  function drawCircle(): void {
    const ring = content?.place == null ? [] : [circleAround(content.place, content.radiusMeters)];
    setData(CIRCLE, { type: 'Polygon', coordinates: ring });
  }

  function drawAccuracy(next: readonly NearbyFriend[] = alone): void {
    // Markers are drawn each second, mostly at the same places.
    if (
      next !== alone &&
      next.length === alone.length &&
      next.every((friend, index) => friend === alone[index])
    )
      return;
    alone = next;
    setData(ACCURACY, accuracyCircles(alone));
  }

  /** The land is not kept: it is large, and another style is rare. */
  async function drawLand(): Promise<void> {
    if (options.tiles !== null) return;
    const { land, coast } = await loadLand();
    setData(LAND, land);
    setData(COAST, coast);
  }

  /** Tiles have names of their own. */
  function drawNames(): void {
    if (hasStyle && options.tiles === null) addPlaceNames(map, dark.matches);
  }

  function drawAll(): void {
    hasStyle = true;
    drawGrid();
    drawCircle();
    drawAccuracy();
    setData(TRAILS, trails.lines());
    void drawLand().finally(() => map.once('idle', drawn));
    drawNames();
  }

  function fitCircle(place: Place, radiusMeters: number, animation: AnimationOptions): void {
    const bounds = new LngLatBounds();
    for (const corner of circleAround(place, radiusMeters)) bounds.extend(corner);
    map.fitBounds(bounds, { padding: PADDING, ...animation });
  }

  /** Fits the view to a new circle or a new radius, and follows a friend who was chosen. */
  function fit({ place, radiusMeters, chosenId, friends: shown }: MapContent): void {
    if (place === null) return;
    const before = fitted;
    fitted = { radiusMeters, chosenId };
    if (chosenId === null) followed = null;
    if (before?.radiusMeters !== radiusMeters) {
      fitCircle(place, radiusMeters, { duration: 0 });
      return;
    }
    if (before.chosenId === chosenId && followed === null) return;
    const chosen = shown.find(({ friend }) => friend.id === chosenId)?.location;
    if (chosen === undefined) return;
    const hasMoved = followed?.latitude !== chosen.latitude || followed.longitude !== chosen.longitude;
    followed = chosen;
    // As the marker moves, so that it stays where it is on the screen.
    const animation = before.chosenId === chosenId ? LIKE_A_GLIDE : {};
    if (hasMoved) map.easeTo({ center: [chosen.longitude, chosen.latitude], ...animation });
  }

  function drawn(): void {
    container.ariaBusy = null;
  }

  function restyle(): void {
    hasStyle = false;
    map.once('style.load', drawAll);
    map.setStyle(mapStyle(options.tiles, dark.matches), { diff: false });
  }

  map.once('style.load', drawAll);
  map.on('moveend', drawGrid);
  map.on('moveend', drawNames);
  map.on('dragstart', () => {
    followed = null;
  });
  map.on('click', (event) => {
    if (content?.isMovable === true) options.onPlace(placeOf(event.lngLat));
  });
  dark.addEventListener('change', restyle);
  container.ariaBusy = 'true';

  return {
    show(next) {
      const before = content;
      content = next;
      me.show(next.place, next.isMovable);
      back.show(next.place !== null);
      friends.show(next);
      if (trails.follow(next.friends, Date.now())) setData(TRAILS, trails.lines());
      if (before?.place !== next.place || before.radiusMeters !== next.radiusMeters) drawCircle();
      fit(next);
      if (history.show(next.track)) followed = null;
    },
    remove() {
      dark.removeEventListener('change', restyle);
      map.remove();
    },
  };
}

export interface MapViewOptions {
  readonly tiles: PageSetup['tiles'];
  readonly unit: 'metric' | 'imperial';
  /** Called when the user clicks a friend's marker. */
  onChoose(friendId: string): void;
  /** Called when the user places the user's own marker. */
  onPlace(place: Place): void;
}

/** The content of the map. */
export interface MapContent extends FriendMarkersContent {
  /** The user's location; null when it is not known. */
  readonly place: Place | null;
  /** Whether the user may move the user's own marker. */
  readonly isMovable: boolean;
  readonly radiusMeters: number;
  /** The user's way through a day; null for none. */
  readonly track: HistoryTrack | null;
}

export interface MapView {
  show(content: MapContent): void;
  remove(): void;
}

const LIKE_A_GLIDE: AnimationOptions = { duration: GLIDE_MS, easing: (share) => share };
/** The margin around the whole circle, in pixels. */
const PADDING = 24;
