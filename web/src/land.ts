/** The land of Natural Earth at 1:10 million, which is in the public domain, from the package world-atlas. */
import { feature } from 'topojson-client';
import type { GeometryObject, Topology } from 'topojson-specification';
import landUrl from 'world-atlas/land-10m.json?url';
import { PageError } from './failure-text.js';

/** @throws PageError when the file does not come. */
export async function loadLand(): Promise<GeoJSON.GeoJSON> {
  const response = await fetch(landUrl).catch(() => null);
  if (response?.ok !== true) throw new PageError('The coastline of the map could not be loaded.');
  const topology = (await response.json()) as Topology<{ land: GeometryObject }>;
  return feature(topology, topology.objects.land);
}
