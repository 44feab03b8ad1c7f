/**
 * The map page at `/`: the files that Vite built of `web/`, and the settings of this server that the page
 * needs. Its Content-Security-Policy lets it load from this server only, and from the tile server if there is
 * one, which is told the page's origin and nothing more.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import type { GeoPoint } from '../domain/distance.js';

export function createMapPage(options: MapPageOptions): MapPage {
  const isBuilt = existsSync(INDEX);
  const inlineScripts = isBuilt ? hashesOfInlineScripts(readFileSync(INDEX, 'utf8')) : [];
  const headers = {
    'content-security-policy': contentSecurityPolicy(options.tiles, inlineScripts),
    'permissions-policy': 'geolocation=(self)',
    // OpenStreetMap's tile server, for one, refuses requests without a referrer.
    'referrer-policy': options.tiles === null ? 'no-referrer' : 'strict-origin-when-cross-origin',
    'x-content-type-options': 'nosniff',
  };
  const files = isBuilt
    ? sirv(FILES, {
        gzip: true,
        etag: true,
        setHeaders(response, path) {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          // The names of assets change with their contents.
          const isAsset = path.startsWith('/assets/');
          response.setHeader('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      })
    : null;

  return (request, response, next) => {
    if (request.url?.split('?', 1)[0] === SETUP_PATH) {
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

export interface TileServer {
  /** A URL with `{z}`, `{x}` and `{y}` in it. */
  readonly url: string;
  /** The attribution that the map shows, text or HTML; may be empty. */
  readonly attribution: string;
}

/** The account that the page signs in with by itself, and where it is. */
export interface DemoAccount extends GeoPoint {
  readonly userId: string;
  readonly handle: string;
  readonly password: string;
}

interface MapPageOptions {
  /** Null for the map that ships with the page. */
  readonly tiles: TileServer | null;
  /** Radius with which the page starts, metres. */
  readonly defaultRadiusMeters: number;
  /** After so long without an update a friend is inactive. */
  readonly locationTtlSeconds: number;
  /** The account that the page signs in with by itself; null for none. */
  demoAccount(): DemoAccount | null;
}

/** Answers a request for the page; calls `next` for one that is not. */
export type MapPage = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The path is the same from `src/` and from `dist/`. */
const FILES = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const INDEX = join(FILES, 'index.html');
const SETUP_PATH = '/page.json';

/** Returns the sources (CSP 3, section 2.3.1) that allow the scripts that stand in the page itself. */
function hashesOfInlineScripts(html: string): string[] {
  return [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
    ([, script = '']) => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
}

function contentSecurityPolicy(tiles: TileServer | null, inlineScripts: readonly string[]): string {
  const tileOrigin = tiles === null ? '' : ` ${new URL(tiles.url).origin}`;
  return [
    "default-src 'none'",
    `script-src 'self'${inlineScripts.join('')}`,
    "style-src 'self'",
    `img-src 'self' data: blob:${tileOrigin}`,
    `connect-src 'self'${tileOrigin}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
