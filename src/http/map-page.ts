/**
 * The map page at `/`: the files that Vite built of `web/`, and what the page has to know of this server. Its
 * Content-Security-Policy lets it load from this server alone, and from the tile server if there is one.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import type { GeoPoint } from '../domain/distance.js';

/** The same from `src/` and from `dist/`. */
const FILES = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const SETUP_PATH = '/page.json';

export interface TileServer {
  /** With `{z}`, `{x}` and `{y}` in it. */
  readonly url: string;
  /** Whom the map thanks for its tiles, text or HTML; empty for nobody. */
  readonly attribution: string;
}

/** Who is signed in to the page at once, and where. */
export interface DemoAccount extends GeoPoint {
  readonly userId: string;
  readonly handle: string;
  readonly password: string;
}

interface MapPageOptions {
  /** Null for the map that ships with the page. */
  readonly tiles: TileServer | null;
  readonly defaultRadiusMeters: number;
  readonly locationTtlSeconds: number;
  demoAccount(): DemoAccount | null;
}

/** Answers a request for the page; calls `next` for one that is not. */
export type MapPage = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createMapPage(options: MapPageOptions): MapPage {
  const headers = {
    'content-security-policy': contentSecurityPolicy(options.tiles),
    'permissions-policy': 'geolocation=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const files = existsSync(FILES)
    ? sirv(FILES, {
        gzip: true,
        etag: true,
        setHeaders(response, path) {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          // The names of assets change with what is in them.
          const isAsset = path.startsWith('/assets/');
          response.setHeader('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      })
    : null;

  return (request, response, next) => {
    if (request.url === SETUP_PATH) {
      const { tiles, defaultRadiusMeters, locationTtlSeconds } = options;
      const setup = { tiles, defaultRadiusMeters, locationTtlSeconds, demo: options.demoAccount() };
      response.writeHead(200, {
        ...headers,
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(setup));
    } else if (files === null || (request.method !== 'GET' && request.method !== 'HEAD')) next();
    else files(request, response, next);
  };
}

function contentSecurityPolicy(tiles: TileServer | null): string {
  const tileOrigin = tiles === null ? '' : ` ${new URL(tiles.url).origin}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob:${tileOrigin}`,
    `connect-src 'self'${tileOrigin}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
