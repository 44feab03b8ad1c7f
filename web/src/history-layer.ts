/** The user's way through a day on the map: a line for each stretch, a dot for each place, and where it starts and ends. */
import {
  type GeoJSONSource,
  LngLatBounds,
  type Map as MapLibreMap,
  Marker,
  type PositionAnchor,
} from 'maplibre-gl';
import './history-layer.css';
import type { HistoryTrack, Position } from './history-track.js';

/** @param isDark whether the map is drawn in dark colours now. */
export function createHistoryLayer(map: MapLibreMap, isDark: () => boolean): HistoryLayer {
  let shown: HistoryTrack | null = null;
  let ends: Marker[] = [];

  map.on('style.load', () => {
    const color = isDark() ? DARK : LIGHT;
    map.addSource(SOURCE, { type: 'geojson', data: features(shown) });
    map.addLayer({
      id: 'history-line',
      type: 'line',
      source: SOURCE,
      filter: ['==', '$type', 'LineString'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': color, 'line-width': 4, 'line-opacity': 0.8 },
    });
    map.addLayer({
      id: 'history-places',
      type: 'circle',
      source: SOURCE,
      filter: ['==', '$type', 'Point'],
      paint: { 'circle-color': color, 'circle-radius': 3.5 },
    });
  });

  return {
    show(track) {
      if (track === shown) return false;
      shown = track;
      void map.getSource<GeoJSONSource>(SOURCE)?.setData(features(track));
      for (const end of ends) end.remove();
      const places = track?.stretches.flat() ?? [];
      const [first, last] = [places[0], places.at(-1)];
      ends = [];
      if (first === undefined || last === undefined) return false;
      // To both sides, so that neither covers the other where the user came home.
      ends = [endMarker('Start', first, 'bottom-right'), endMarker('End', last, 'bottom-left')];
      for (const end of ends) end.addTo(map);
      const bounds = new LngLatBounds();
      for (const place of places) bounds.extend(place);
      map.fitBounds(bounds, { padding: PADDING, maxZoom: STREET_ZOOM, duration: 0 });
      return true;
    },
  };
}

export interface HistoryLayer {
  /** Draws another track, and moves the view to it. Returns whether it moved the view. */
  show(track: HistoryTrack | null): boolean;
}

const SOURCE = 'history';
const LIGHT = '#7b2d9b';
const DARK = '#d9a3f0';
/** Room for the words at both ends, in pixels. */
const PADDING = 56;
/** A day at one place is shown with the streets around it. */
const STREET_ZOOM = 16;

function features(track: HistoryTrack | null): GeoJSON.GeoJSON {
  const stretches = (track?.stretches ?? []).map((stretch) => [...stretch]);
  const geometries: GeoJSON.Geometry[] = [
    { type: 'MultiLineString', coordinates: stretches.filter(({ length }) => length > 1) },
    { type: 'MultiPoint', coordinates: stretches.flat() },
  ];
  return {
    type: 'FeatureCollection',
    features: geometries.map((geometry) => ({ type: 'Feature', geometry, properties: {} })),
  };
}

function endMarker(text: string, place: Position, anchor: PositionAnchor): Marker {
  const element = document.createElement('div');
  element.className = 'marker track-end';
  element.ariaHidden = 'true';
  element.textContent = text;
  return new Marker({ element, anchor }).setLngLat(place);
}
