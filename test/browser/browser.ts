import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** A headless Chromium that asks nobody anything by itself. @throws Error when there is none: npm test installs it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox', // As root it has no other way.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function findChromium(): string {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'command -v chromium'], {
    encoding: 'utf8',
  });
  const path = stdout.trim();
  if (path === '') throw new Error('The tests need chromium on PATH: npm test installs it.');
  return path;
}
