/** The user's own marker, which the user moves by dragging or with the arrow keys. */
import { type LngLat, type Map as MapLibreMap, Marker } from 'maplibre-gl';
import type { Place } from './page-setup.js';

export function createMyMarker(map: MapLibreMap, onPlace: (place: Place) => void): MyMarker {
  const element = document.createElement('div');
  element.className = 'marker me';
  const marker = new Marker({ element });
  let shown: Place | null = null;
  marker.on('dragend', () => {
    onPlace(placeOf(marker.getLngLat()));
  });
  element.addEventListener('keydown', (event) => {
    const step = KEYS[event.key];
    if (step === undefined || !marker.isDraggable()) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = map.project(marker.getLngLat());
    onPlace(placeOf(map.unproject([x + step[0], y + step[1]])));
  });

  return {
    show(place, isMovable) {
      // Only what is new: set or added again, the marker would leave the hand that drags it, and lose the focus.
      if (place !== shown && place !== null) marker.setLngLat([place.longitude, place.latitude]);
      if (place === null) marker.remove();
      else if (shown === null) marker.addTo(map);
      shown = place;
      if (isMovable !== marker.isDraggable()) marker.setDraggable(isMovable);
      element.tabIndex = isMovable ? 0 : -1;
      element.role = isMovable ? 'button' : 'img';
      element.ariaLabel = isMovable ? 'My place; the arrow keys move it' : 'My place';
    },
  };
}

export function placeOf(point: LngLat): Place {
  const { lng, lat } = point.wrap();
  return { latitude: lat, longitude: lng };
}

export interface MyMarker {
  /** @param isMovable whether the user may move the marker. */
  show(place: Place | null, isMovable: boolean): void;
}

/** How far an arrow key moves the marker, in pixels. */
const KEY_STEP = 20;
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
};
