/** The settings that the page reads from the server. */

/** @throws Error when the server does not answer. */
export async function loadPageSetup(): Promise<PageSetup> {
  const response = await fetch('/page.json');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as PageSetup;
}

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
