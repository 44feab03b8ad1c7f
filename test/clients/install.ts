/**
 * Installs the clients that the apps are made with, unless those of the lockfile are there. They are a package of their
 * own: nobody else has to install them.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export default function installClients(): void {
  const folder = join(import.meta.dirname, 'apps');
  const lock = join(folder, 'package-lock.json');
  const installed = join(folder, 'node_modules/.installed-lock.json');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return;
  // Their own packages build nothing that the tests need.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The clients in test/clients/apps/ could not be installed.');
  copyFileSync(lock, installed);
}
