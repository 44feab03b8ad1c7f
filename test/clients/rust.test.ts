/** The example in Rust. */
import { join, resolve } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { testLiveExample } from './live-example.js';
import { build, buildDir, hasToolchain } from './toolchain.js';

const EXAMPLE = resolve('examples/rust');

describe.skipIf(!hasToolchain('Rust', ['cargo', '--version']))('in Rust', () => {
  const target = buildDir('rust');
  beforeAll(async () => {
    await build(EXAMPLE, 'cargo', ['build', '--locked', '--quiet', '--target-dir', target], {
      CARGO_INCREMENTAL: '0',
      RUSTFLAGS: '-D warnings',
    });
  });
  testLiveExample([join(target, 'debug/nearby-friends')]);
});
