/** The examples in Python. */
import { join, resolve } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { testLiveExample } from './live-example.js';
import { build, buildDir, hasToolchain } from './toolchain.js';

const PYTHON = 'python3';
const VERSION_CHECK = 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))';
const EXAMPLES = resolve('examples/python');

describe.skipIf(!hasToolchain('Python', [PYTHON, '-c', VERSION_CHECK]))('in Python', () => {
  describe('gql', () => {
    const environment = buildDir('python-gql');
    beforeAll(() => install(environment, join(EXAMPLES, 'gql/requirements.txt')));
    testLiveExample([join(environment, 'bin/python'), join(EXAMPLES, 'gql/nearby_friends.py')]);
  });

  describe('ariadne-codegen', () => {
    const environment = buildDir('python-ariadne-codegen');
    const example = join(EXAMPLES, 'ariadne-codegen');
    beforeAll(async () => {
      await install(environment, join(example, 'requirements.txt'));
      await build(example, join(environment, 'bin/ariadne-codegen'), []);
    });
    testLiveExample([join(environment, 'bin/python'), join(example, 'nearby_friends.py')]);
  });
});

/** A virtual environment with what the file names. */
async function install(environment: string, requirements: string): Promise<void> {
  await build(environment, PYTHON, ['-m', 'venv', '.']);
  await build(environment, 'bin/pip', ['install', '--quiet', '--requirement', requirements]);
}
