/**
 * Copies Apache Cassandra's jars, those of pom.xml, from Maven Central into the cache of this checkout, unless they are
 * there.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const JARS = join(import.meta.dirname, '../../node_modules/.cache/cassandra');

export default function installCassandra(): void {
  const pom = join(import.meta.dirname, 'pom.xml');
  const installed = join(JARS, 'installed-pom.xml');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(pom))) return;
  rmSync(JARS, { recursive: true, force: true });
  const { status } = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${JARS}`],
    { stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('Apache Cassandra could not be fetched with Maven.');
  copyFileSync(pom, installed);
}
