/** Builds the map page into dist/web, and proxies the API for `npm run dev:web`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { compression } from 'vite-plugin-compression2';
import { mapData } from './map-data/plugin.js';
import { SERVICE_WORKER, serviceWorkerFiles } from './service-worker-plugin.js';

/** The page's documents are those of the SDK; its server runs them also where it runs known ones only. */
const persistedDocuments: Plugin = {
  name: 'persisted-documents',
  async generateBundle() {
    const source = await readFile(new URL('../sdk/dist/persisted-documents.json', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'persisted-documents.json', source });
  },
};

/** Where `npm run dev` serves the API. */
const SERVER = 'http://127.0.0.1:4000';

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  // All URLs are relative to the page, so that it works under any path prefix.
  base: './',
  plugins: [
    mapData(),
    persistedDocuments,
    serviceWorkerFiles(),
    compression({ algorithms: ['gzip'], threshold: 1_024 }),
  ],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The Content-Security-Policy allows only files of the server, so nothing is inlined.
    assetsInlineLimit: 0,
    // MapLibre makes one large chunk, which is loaded after the page.
    chunkSizeWarningLimit: 1_200,
    rolldownOptions: {
      input: [fileOf('index.html'), fileOf('service-worker/service-worker.ts')],
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
  },
  server: {
    proxy: {
      '/graphql': { target: SERVER, ws: true },
      '/page.json': SERVER,
    },
  },
});
