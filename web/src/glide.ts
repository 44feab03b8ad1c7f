/**
 * Markers glide to a new place, so that one sees who moves and where to. The place of a marker is the new one at once:
 * only its picture follows, and the browser moves it without any script of the page. Who asked the browser for less
 * motion sees markers jump, and so do those who are too many to follow with the eye.
 */
import type { Map as MapLibreMap, Marker } from 'maplibre-gl';
import type { Place } from './page-setup.js';

/** @returns a function that sets a marker's place. */
export function createGlide(map: MapLibreMap): (marker: Marker, place: Place) => void {
  const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const known = new WeakMap<Marker, Glide>();
  const running = new Set<Animation>();

  const stopAll = (): void => {
    for (const animation of running) stop(animation);
  };
  // A glide is so many pixels long, which would be another distance at another zoom.
  map.on('zoomstart', stopAll);
  // The hand moves all markers now, and nobody sees who moves by themselves; a slow computer is busy enough.
  map.on('dragstart', stopAll);

  return (marker, place) => {
    const before = known.get(marker);
    if (before?.place.latitude === place.latitude && before.place.longitude === place.longitude) return;
    marker.setLngLat([place.longitude, place.latitude]);
    const [x, y] = before === undefined || lessMotion.matches ? [0, 0] : wayFrom(before, marker);
    if (before?.animation != null) stop(before.animation);
    const length = Math.hypot(x, y);
    const glides = length > 0 && length <= LONGEST && running.size < MOST && !map.dragPan.isActive();
    known.set(marker, { place, animation: glides ? start(marker, x, y) : null, x, y });
  };

  function start(marker: Marker, x: number, y: number): Animation {
    const animation = marker
      .getElement()
      .animate({ translate: [`${x}px ${y}px`, '0px 0px'] }, { id: 'glide', duration: GLIDE_MS });
    running.add(animation);
    animation.onfinish = () => running.delete(animation);
    animation.oncancel = () => running.delete(animation);
    return animation;
  }

  function stop(animation: Animation): void {
    animation.cancel();
    // The event comes later.
    running.delete(animation);
  }

  /** Where the marker's picture is now, seen from the marker's new place, in pixels. */
  function wayFrom({ place, animation, x, y }: Glide, marker: Marker): readonly [x: number, y: number] {
    const to = marker.getLngLat();
    const from = map.project([to.lng - eastward(place.longitude, to.lng), place.latitude]);
    const { x: toX, y: toY } = map.project(to);
    const rest = animation === null ? 0 : 1 - Number(animation.currentTime ?? GLIDE_MS) / GLIDE_MS;
    return [from.x - toX + rest * x, from.y - toY + rest * y];
  }
}

/** As long as the shortest time between two changes of a list, so that somebody who keeps moving never stands still. */
export const GLIDE_MS = 1_000;

interface Glide {
  readonly place: Place;
  /** Null for a marker that jumped. */
  readonly animation: Animation | null;
  /** Where it began, seen from its end, in pixels. */
  readonly x: number;
  readonly y: number;
}

/** Nobody's eye follows a marker that flies farther in a second, in pixels: it jumps. */
const LONGEST = 600;
/** While something else moves, too, the browser computes the style of each of them in each frame, in 0.3 ms. */
const MOST = 40;

/** Degrees from one longitude to another, the short way, over the 180th meridian too: -180 to 180. */
export function eastward(from: number, to: number): number {
  return ((((to - from + 180) % 360) + 360) % 360) - 180;
}
