/** The style of the map: a coastline and a grid that ship with the page, or the tiles of a server. */
import type { StyleSpecification } from 'maplibre-gl';
import type { PageSetup } from './page-setup.js';

/** The sources whose data are set while the map is open. */
export const LAND = 'land';
export const COAST = 'coast';
export const GRID = 'grid';
export const CIRCLE = 'circle';
export const ACCURACY = 'accuracy';
export const TRAILS = 'trails';

export function mapStyle(tiles: PageSetup['tiles'], isDark: boolean): StyleSpecification {
  const colors = isDark ? DARK : LIGHT;
  const style: StyleSpecification = {
    version: 8,
    sources: {
      [LAND]: nothing(),
      [COAST]: nothing(),
      [GRID]: nothing(),
      [CIRCLE]: nothing(),
      [ACCURACY]: nothing(),
      [TRAILS]: nothing(),
    },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': colors.water } },
      { id: 'land', type: 'fill', source: LAND, paint: { 'fill-color': colors.land } },
      { id: 'grid', type: 'line', source: GRID, paint: { 'line-color': colors.grid, 'line-width': 0.75 } },
      { id: 'coast', type: 'line', source: COAST, paint: { 'line-color': colors.coast, 'line-width': 1 } },
    ],
  };
  if (tiles !== null) {
    style.sources['tiles'] = {
      type: 'raster',
      tiles: [tiles.url],
      tileSize: 256,
      attribution: tiles.attribution,
    };
    style.layers = [
      { id: 'water', type: 'background', paint: { 'background-color': colors.water } },
      { id: 'tiles', type: 'raster', source: 'tiles', paint: isDark ? { 'raster-brightness-max': 0.6 } : {} },
    ];
  }
  style.layers.push(
    {
      id: 'circle',
      type: 'fill',
      source: CIRCLE,
      paint: { 'fill-color': colors.circle, 'fill-opacity': 0.08 },
    },
    {
      id: 'circle-edge',
      type: 'line',
      source: CIRCLE,
      paint: { 'line-color': colors.circle, 'line-width': 1.5 },
    },
    {
      id: 'accuracy',
      type: 'fill',
      source: ACCURACY,
      paint: { 'fill-color': colors.friend, 'fill-opacity': 0.1, 'fill-outline-color': colors.friend },
    },
    {
      id: 'trails',
      type: 'line',
      source: TRAILS,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': colors.friend,
        'line-width': 3,
        'line-opacity': ['*', 0.5, ['get', 'strength']],
      },
    },
  );
  return style;
}

const LIGHT = {
  water: '#dbe9f4',
  land: '#f6f3ec',
  coast: '#8aa4b8',
  grid: '#b9c9d6',
  circle: '#1d6fd1',
  friend: '#b03a08',
};
const DARK = {
  water: '#14202b',
  land: '#22303c',
  coast: '#4d6579',
  grid: '#32434f',
  circle: '#6db1ff',
  friend: '#ff9a62',
};

function nothing(): StyleSpecification['sources'][string] {
  return { type: 'geojson', data: { type: 'FeatureCollection', features: [] } };
}
