/** The map page as somebody uses it who looks, clicks and types. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

export interface MapPage {
  readonly page: Page;
  /** Every URL that the page asked for. */
  readonly requests: readonly string[];
  /** Every error that it threw or wrote to the console, breaches of its Content-Security-Policy too. */
  readonly errors: readonly string[];
  /** Every WebSocket that it opened. */
  readonly sockets: readonly string[];
  readonly connection: Locator;
  /** The user's own marker. */
  readonly me: Locator;
  /** @param isSeen whether friends may see the user. Default: true. */
  signUp(handle: string, name: string, isSeen?: boolean): Promise<void>;
  signIn(handle: string): Promise<void>;
  tellWhereFrom(label: LocationFrom): Promise<void>;
  ask(handle: string): Promise<void>;
  /** The button for whether and how all friends see the user. */
  seenByAll(label: SeenByAll): Locator;
  /** An entry of the list of nearby friends. */
  nearby(name: string): Locator;
  /** A friend's marker on the map. */
  marker(name: string): Locator;
}

export type LocationFrom = 'Use my location' | 'Use a marker' | 'Off';
export type SeenByAll =
  'Share' | 'Pause' | 'For 1 hour' | 'Until tonight' | 'Until I resume' | 'Exactly' | 'Approximately';

export interface MapPageOptions extends BrowserContextOptions {
  /** How far the computer's clock is ahead, milliseconds. Default: 0. */
  readonly clockAheadMs?: number;
}

const PASSWORD = 'correct horse battery';

/** Opens it in a context of its own, like another person's browser. @param url of the server, without a path. */
export async function openMapPage(
  browser: Browser,
  url: string,
  { clockAheadMs = 0, ...options }: MapPageOptions = {},
): Promise<MapPage> {
  const context = await browser.newContext({ locale: 'en-IE', colorScheme: 'light', ...options });
  if (clockAheadMs !== 0) await context.addInitScript(setClock, clockAheadMs);
  return openMapPageIn(context, url);
}

/** Opens it in a browser that somebody has prepared. */
export async function openMapPageIn(context: BrowserContext, url: string): Promise<MapPage> {
  const page = await context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  await page.goto(url);

  async function fill(handle: string): Promise<void> {
    await page.getByLabel('Handle', { exact: true }).fill(handle);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Password').press('Enter');
  }

  return {
    page,
    requests,
    errors,
    sockets,
    connection: page.locator('.connection'),
    me: page.locator('.marker.me'),
    async signUp(handle, name, isSeen = true) {
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByLabel('Name that friends see').fill(name);
      await page.getByLabel('Let friends see where I am').setChecked(isSeen);
      await fill(handle);
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
    },
    signIn: fill,
    tellWhereFrom: (label) => locationFrom(page, label).click(),
    async ask(handle) {
      await page.getByLabel('Add a friend by handle').fill(handle);
      await page.getByRole('button', { name: 'Send request' }).click();
    },
    seenByAll: (label) => seenByAll(page, label),
    nearby: (name) => page.getByRole('list', { name: 'Nearby friends' }).getByRole('button', { name }),
    marker: (name) => page.locator('.marker.friend', { hasText: name }),
  };
}

/** The button that says where the user's location is taken from, and is pressed when that holds. */
export const locationFrom = (page: Page, name: LocationFrom): Locator =>
  page.getByRole('group', { name: 'My location' }).getByRole('button', { name, exact: true });

export const seenByAll = (page: Page, name: SeenByAll): Locator =>
  page.getByRole('group', { name: 'Sharing', exact: true }).getByRole('button', { name, exact: true });

/** Runs in the page before its own scripts. */
function setClock(aheadMs: number): void {
  const Real = Date;
  const now = (): number => Real.now() + aheadMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: []) =>
      given.length === 0 ? new Real(now()) : Reflect.construct(target, given),
    get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
  });
}
