import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';

/** For tests that are not about the map, which takes most of the time that a page needs to open. */
export const WITHOUT_MAP = ['--disable-3d-apis'];

/** A headless Chromium that asks nobody anything by itself. @throws Error when there is none: npm test installs it. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch(options(args));
}

/** The same with the back/forward cache, which Playwright switches off. */
export function launchBrowserWithCache(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ ...options(args), ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** The same with a profile of its own: the settings that a user made in it, `Preferences` of Chromium. */
export async function launchBrowserWith(
  preferences: object,
  args: readonly string[],
): Promise<BrowserContext> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-chromium-'));
  await mkdir(join(folder, 'Default'));
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, options(args));
  context.once('close', () => void rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return context;
}

function options(args: readonly string[]): LaunchOptions {
  return {
    executablePath: findChromium(),
    args: [
      '--no-sandbox', // As root it has no other way.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  };
}

function findChromium(): string {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'command -v chromium'], {
    encoding: 'utf8',
  });
  const path = stdout.trim();
  if (path === '') throw new Error('The tests need chromium on PATH: npm test installs it.');
  return path;
}
