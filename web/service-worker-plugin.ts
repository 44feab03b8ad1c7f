/** Puts the names of the built files into the service worker, and a version that changes with them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

export function serviceWorkerFiles(): Plugin {
  return {
    name: 'service-worker-files',
    apply: 'build',
    generateBundle(_options, bundle) {
      const worker = bundle[SERVICE_WORKER];
      if (worker?.type !== 'chunk') throw new Error(`There is no ${SERVICE_WORKER} to put the files into`);
      const built = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
      const fixed = readdirSync(PUBLIC).sort();
      const hash = createHash('sha256')
        .update([...built].sort().join())
        .update(worker.code);
      for (const file of [INDEX, ...fixed.map((name) => PUBLIC + name)]) hash.update(readFileSync(file));
      const version = hash.digest('hex').slice(0, 16);
      const files = JSON.stringify([...built, ...fixed]);
      worker.code = `const VERSION = '${version}', FILES = ${files};\n${worker.code}`;
    },
  };
}

/** It stays at this address: browsers look for a new version there. */
export const SERVICE_WORKER = 'sw.js';

const INDEX = fileURLToPath(new URL('index.html', import.meta.url));
const PUBLIC = fileURLToPath(new URL('public/', import.meta.url));
