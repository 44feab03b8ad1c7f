/** Loads the land and its coast, which ship with the page. */
import { feature } from 'topojson-client';
import type { GeometryObject, Topology } from 'topojson-specification';
import { PageError } from './failure-text.js';
import landUrl from './generated/land.json?url';

/** @throws PageError when the file does not come. */
export async function loadLand(): Promise<Land> {
  const response = await fetch(landUrl).catch(() => null);
  if (response?.ok !== true) throw new PageError('The coastline of the map could not be loaded.');
  const topology = (await response.json()) as Topology<{ land: GeometryObject; coast: GeometryObject }>;
  const { land, coast } = topology.objects;
  return { land: feature(topology, land), coast: feature(topology, coast) };
}

export interface Land {
  readonly land: GeoJSON.GeoJSON;
  /** Lines. */
  readonly coast: GeoJSON.GeoJSON;
}
