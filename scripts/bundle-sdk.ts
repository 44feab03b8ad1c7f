/**
 * Bundles the SDK as an app in a browser loads it: minified, without the peer dependencies that the app has
 * anyway.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * @param entries the modules to import as a whole, such as `nearby-friends-client/urql`.
 * @throws Error when the bundle needs something that browsers lack, such as a module of Node.
 */
export async function bundleSdk(...entries: readonly string[]): Promise<Bundle> {
  const { peerDependencies } = JSON.parse(readFileSync(`${ROOT}sdk/package.json`, 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: entries.map((entry) => `export * from '${entry}';`).join('\n'), resolveDir: ROOT },
    external: Object.keys(peerDependencies),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs).filter((file) => file !== '<stdin>');
  const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  return { inputs, kilobytes: bytes / 1_000 };
}

export interface Bundle {
  /** The bundled files, relative to the root of the repository. */
  readonly inputs: readonly string[];
  /** The size of the gzipped code. */
  readonly kilobytes: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
