/** The example in Java. */
import { join, resolve } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { testLiveExample } from './live-example.js';
import { build, hasToolchain } from './toolchain.js';

const EXAMPLE = resolve('examples/java');

describe.skipIf(!hasToolchain('Java', ['javac', '-version'], ['mvn', '--version']))('in Java', () => {
  beforeAll(async () => {
    await build(EXAMPLE, 'mvn', ['--batch-mode', '--quiet', '--no-transfer-progress', 'package']);
  });
  testLiveExample(['java', '-jar', join(EXAMPLE, 'target/nearby-friends.jar')]);
});
