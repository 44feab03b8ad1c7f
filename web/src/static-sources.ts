/**
 * Land and names never change, and MapLibre draws them in its worker. Yet it keeps what a GeoJSON source was given on
 * the page's own thread, too, and has the worker send back what it loaded by itself, for later changes (version 6.17,
 * GeoJSONSource): a million arrays, which every garbage collection then goes through. This lets go of them.
 */
import type { Map as MapLibreMap } from 'maplibre-gl';

export function dropCopiesOf(map: MapLibreMap, sources: readonly string[]): void {
  map.on('sourcedata', ({ sourceId, sourceDataType }) => {
    if (sourceDataType !== 'content' || !sources.includes(sourceId)) return;
    const source = map.getSource(sourceId);
    // Should MapLibre call it otherwise one day, the page only takes more memory again.
    if (source !== undefined) Object.assign(source, { _data: { geojson: NOTHING } });
  });
}

const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
