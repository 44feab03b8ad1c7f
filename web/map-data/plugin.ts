/** Makes the files of the map at every build, and when the development server starts. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { Plugin } from 'vite';
import { makeLand } from './land.js';
import { makePlaces } from './places.js';

export function mapData(): Plugin {
  return {
    name: 'map-data',
    async buildStart() {
      const [land, { far, near }] = [await makeLand(), await makePlaces()];
      await mkdir(FOLDER, { recursive: true });
      for (const [name, data] of Object.entries({ land, far, near })) {
        await writeFile(new URL(`${name}.json`, FOLDER), JSON.stringify(data));
      }
    },
  };
}

const FOLDER = new URL('../src/generated/', import.meta.url);
