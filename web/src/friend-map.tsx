/**
 * The map beside the list. Without WebGL, or when it does not load, a hint takes its place, and the list shows
 * the same.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MapContent, MapView, MapViewOptions } from './map-view.js';

export function FriendMap(props: FriendMapProps): JSX.Element {
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<MapView | null>(null);
  const newest = useRef(props);
  const [failure, setFailure] = useState<string | null>(null);
  newest.current = props;

  useEffect(() => {
    let closed = false;
    void import('./map-view.js').then(
      ({ createMapView }) => {
        if (closed || container.current === null) return;
        try {
          view.current = createMapView(container.current, {
            tiles: newest.current.tiles,
            unit: newest.current.unit,
            onChoose: (friendId) => {
              newest.current.onChoose(friendId);
            },
            onPlace: (place) => {
              newest.current.onPlace(place);
            },
          });
          view.current.show(newest.current);
        } catch {
          setFailure('The map cannot be drawn here. The list shows who is near.');
        }
      },
      () => {
        setFailure('The map could not be loaded; reload the page to try again. The list shows who is near.');
      },
    );
    return () => {
      closed = true;
      view.current?.remove();
      view.current = null;
    };
  }, []);

  useEffect(() => view.current?.show(props));

  return (
    <section class="map" aria-label="Map of nearby friends">
      {props.children}
      <div ref={container} class="canvas" />
      {failure !== null && <p class="hint">{failure}</p>}
    </section>
  );
}

interface FriendMapProps extends MapContent, MapViewOptions {
  /** What stands above the map. */
  readonly children?: ComponentChildren;
}
