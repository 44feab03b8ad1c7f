/** The SDK as an app in a browser carries it: minified, without the packages that the app brings along itself. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * @param entries what is imported whole, such as `nearby-friends-client/urql`.
 * @throws Error when something in it is not there in a browser, such as a module of Node's.
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
  /** The files that went into it, from the root of the repository. */
  readonly inputs: readonly string[];
  /** Of the gzipped code. */
  readonly kilobytes: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
