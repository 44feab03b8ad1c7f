/**
 * The land of Natural Earth at 1:10 million, which is in the public domain, from the package world-atlas, as a
 * plane map needs it: polygons that go over the 180th meridian or a pole are cut there, and the coast has no
 * lines along the cuts.
 */
import { readFile } from 'node:fs/promises';
import type { MultiLineString, MultiPolygon, Position } from 'geojson';
import { feature } from 'topojson-client';
import { topology } from 'topojson-server';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { cutPolygon } from './cut-polygon.js';

/** Returns `land` and `coast`, which share their arcs. */
export async function makeLand(): Promise<Topology> {
  const land: MultiPolygon = {
    type: 'MultiPolygon',
    coordinates: (await readPolygons()).flatMap(cutPolygon),
  };
  const coast: MultiLineString = {
    type: 'MultiLineString',
    coordinates: land.coordinates.flat().flatMap(coastOf),
  };
  return topology({ land, coast }, STEPS);
}

/** The steps of the grid on which points lie, as in world-atlas: the detail of 1:10 million. */
const STEPS = 1e5;

async function readPolygons(): Promise<Position[][][]> {
  const file = new URL(import.meta.resolve('world-atlas/land-10m.json'));
  const world = JSON.parse(await readFile(file, 'utf8')) as Topology<{ land: GeometryCollection }>;
  return feature(world, world.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === 'MultiPolygon' ? geometry.coordinates : [],
  );
}

/** Returns the parts of a ring that are not on a cut. */
function coastOf(ring: Position[]): Position[][] {
  const lines: Position[][] = [];
  let line: Position[] = [];
  for (const [index, point] of ring.entries()) {
    const before = ring[index - 1];
    if (before !== undefined && isOnCut(before) && isOnCut(point)) {
      lines.push(line);
      line = [];
    }
    line.push(point);
  }
  return [...lines, line].filter(({ length }) => length > 1);
}

function isOnCut([longitude = 0, latitude = 0]: Position): boolean {
  return Math.abs(longitude) > 180 - ALMOST || Math.abs(latitude) > 90 - ALMOST;
}

/** Degrees. d3 moves points on the meridian away from it by 0.00006. */
const ALMOST = 0.001;
