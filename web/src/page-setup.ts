/** What the server tells the page about itself. */

/** @throws Error when the server does not answer. */
export async function loadPageSetup(): Promise<PageSetup> {
  const response = await fetch('/page.json');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as PageSetup;
}

export interface Place {
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
}

export interface PageSetup {
  /** A raster tile server, `{z}`, `{x}` and `{y}` in its URL; null for the map that ships with the page. */
  readonly tiles: { readonly url: string; readonly attribution: string } | null;
  /** The radius of a list for which none is named, metres. */
  readonly defaultRadiusMeters: number;
  /** After how many seconds without an update a friend is inactive. */
  readonly locationTtlSeconds: number;
  /** Who is signed in at once, and where; null but in `npm run demo`. */
  readonly demo: DemoAccount | null;
}

export interface DemoAccount extends Place {
  readonly userId: string;
  readonly handle: string;
  readonly password: string;
}
