/** The example in Go. */
import { join, resolve } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { testLiveExample } from './live-example.js';
import { build, buildDir, hasToolchain } from './toolchain.js';

const EXAMPLE = resolve('examples/go');

describe.skipIf(!hasToolchain('Go', ['go', 'version']))('in Go', () => {
  const program = join(buildDir('go'), 'nearby-friends');
  beforeAll(async () => {
    await build(EXAMPLE, 'go', ['generate']);
    await build(EXAMPLE, 'go', ['vet', './...']);
    await build(EXAMPLE, 'go', ['build', '-o', program]);
  });
  testLiveExample([program]);
});
