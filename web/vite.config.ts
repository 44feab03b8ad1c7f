/** Builds the map page into dist/web, and proxies the API for `npm run dev:web`. */
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';
import { mapData } from './map-data/plugin.js';

/** Where `npm run dev` serves the API. */
const SERVER = 'http://127.0.0.1:4000';

export default defineConfig({
  // All URLs are relative to the page, so that it works under any path prefix.
  base: './',
  plugins: [mapData(), compression({ algorithms: ['gzip'], threshold: 1_024 })],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The Content-Security-Policy allows only files of the server, so nothing is inlined.
    assetsInlineLimit: 0,
    // MapLibre makes one large chunk, which is loaded after the page.
    chunkSizeWarningLimit: 1_200,
  },
  server: {
    proxy: {
      '/graphql': { target: SERVER, ws: true },
      '/page.json': SERVER,
    },
  },
});
