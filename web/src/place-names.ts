/**
 * The names of countries, cities and towns on the map: those of an overview from the start, all others when the map
 * is close enough to show them. MapLibre loads both in its worker. It draws letters with the fonts of the device,
 * because the style names no server of glyphs.
 */
import type {
  ExpressionSpecification,
  LayerSpecification,
  Map as MapLibreMap,
  SourceSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';
import farUrl from './generated/far.json?url';
import nearUrl from './generated/near.json?url';

/** Adds what is not there yet. Call it when the style has loaded, and after every move. */
export function addPlaceNames(map: MapLibreMap, isDark: boolean): void {
  const colors = isDark ? DARK : LIGHT;
  if (map.getSource(FAR) === undefined) {
    map.addSource(FAR, source(farUrl));
    map.addLayer(towns(FAR, 14, colors));
    map.addLayer(countries(colors));
  }
  if (map.getZoom() >= NEAR_ZOOM && map.getSource(NEAR) === undefined) {
    map.addSource(NEAR, source(nearUrl));
    // Where two names meet, the upper layer's is shown.
    map.addLayer(towns(NEAR, 12, colors), FAR);
  }
}

/** The sources, and the layers of the towns in them. */
export const FAR = 'far-places';
export const NEAR = 'near-places';
/** The least zoom at which a place of the second file is shown. */
const NEAR_ZOOM = 7;
/** The zoom from which a country fills the map. */
const COUNTRIES_END = 8;

const LIGHT = { town: '#3a4a57', country: '#5d6f7d', halo: '#f6f3ec' };
const DARK = { town: '#b9c7d3', country: '#8fa3b3', halo: '#22303c' };
type Colors = typeof LIGHT;

function source(data: string): SourceSpecification {
  const attribution = 'Names: <a href="https://www.geonames.org/">GeoNames</a>, CC BY 4.0';
  return { type: 'geojson', data, attribution };
}

function towns(id: string, size: number, { town, halo }: Colors): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: id,
    filter: ['all', ['!', ['has', 'isCountry']], IS_DUE],
    layout: { ...NAME, 'text-size': size },
    paint: { 'text-color': town, 'text-halo-color': halo, 'text-halo-width': 1.5 },
  };
}

function countries({ country, halo }: Colors): LayerSpecification {
  return {
    id: 'countries',
    type: 'symbol',
    source: FAR,
    maxzoom: COUNTRIES_END,
    filter: ['all', ['has', 'isCountry'], IS_DUE],
    layout: { ...NAME, 'text-size': 13, 'text-letter-spacing': 0.08 },
    paint: { 'text-color': country, 'text-halo-color': halo, 'text-halo-width': 1.5 },
  };
}

const IS_DUE: ExpressionSpecification = ['<=', ['get', 'zoom'], ['zoom']];
/** The most important name is placed first. */
const NAME: SymbolLayerSpecification['layout'] = {
  'text-field': ['get', 'name'],
  'text-font': ['system-ui'],
  'symbol-sort-key': ['get', 'zoom'],
};
