/** The settings that the page reads from the server. */
import { PageError } from './failure-text.js';

/** @throws PageError that says whether the server, or what is in front of it, answered at all. */
export async function loadPageSetup(): Promise<PageSetup> {
  // A failed fetch() rejects with a TypeError, as a mistake of the page would.
  const response = await fetch('page.json').catch(() => null);
  if (response === null) throw new PageError('The server could not be reached.');
  const setup: unknown = response.ok ? await response.json().catch(() => null) : null;
  if (typeof setup !== 'object' || setup === null) {
    throw new PageError(`The server sent no settings (page.json, HTTP ${response.status}).`);
  }
  return { ...DEFAULT_SETUP, ...setup };
}

/** The settings of a server that sets nothing, for a page that could not read its server's. */
export const DEFAULT_SETUP: PageSetup = {
  tiles: null,
  defaultRadiusMeters: 8_046.72,
  locationTtlSeconds: 600,
  demo: null,
};

export interface Place {
  /** In degrees. */
  readonly latitude: number;
  /** In degrees. */
  readonly longitude: number;
}

export interface PageSetup {
  /**
   * A raster tile server, with `{z}`, `{x}` and `{y}` in its URL; null for the map that ships with the page.
   */
  readonly tiles: { readonly url: string; readonly attribution: string } | null;
  /** The server's default radius in metres. */
  readonly defaultRadiusMeters: number;
  /** After so many seconds without an update a friend is inactive. */
  readonly locationTtlSeconds: number;
  /** The account that is signed in at once, with its location; null except in `npm run demo`. */
  readonly demo: DemoAccount | null;
}

export interface DemoAccount extends Place {
  readonly userId: string;
  readonly handle: string;
  readonly password: string;
}
