/**
 * Takes the locations of apps that know no GraphQL. They prove with the secret of a device token whose they are, and go
 * the way of updateLocations. Such apps send a request again until it succeeds, and nobody reads what they are told, so
 * a location that never can be taken is left out and counted, and what may be taken later fails as a whole: nothing is
 * lost, and nothing stands in the way.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError, type DomainErrorKind } from '../../domain/errors.js';
import type { PositionInput } from '../../domain/position.js';
import type { Viewer } from '../../domain/user.js';
import type { DeviceTokens, ReportingDevice } from '../../services/device-tokens.js';
import type { NearbyFriends } from '../../services/nearby-friends.js';
import type { PublishLocation } from '../../services/publish-location.js';
import { bearerToken } from '../bearer-token.js';
import type { AppFix } from './app-fix.js';
import { OVERLAND_ANSWER, readOverland } from './overland.js';
import { readOwnTracks, writeOwnTracks } from './owntracks.js';

export function createIngest(deps: IngestDeps): Ingest {
  const apps: Readonly<Record<string, App>> = {
    '/ingest/owntracks': {
      read: readOwnTracks,
      // The report is taken, whether friends can be read or not.
      answer: async (viewer) => writeOwnTracks(await deps.nearbyFriends.list(viewer).catch(() => [])),
    },
    '/ingest/overland': { read: readOverland, answer: async () => OVERLAND_ANSWER },
  };

  function inputOf({ tokenId }: ReportingDevice, fix: AppFix): PositionInput {
    return {
      ...fix,
      id: deps.fixId(tokenId, fix),
      // A phone's clock may be ahead: what it sends now, it did not find out later.
      recordedAtMs: Math.min(fix.recordedAtMs, deps.now()),
      device: tokenId,
    };
  }

  /** @throws DomainError of those kinds that may pass. */
  async function report(viewer: Viewer, inputs: readonly PositionInput[]): Promise<void> {
    if (inputs.length === 0) return;
    try {
      const published = await deps.locations.publishAll(viewer, inputs);
      if (published.some(({ recorded }) => !recorded)) {
        throw new DomainError('unavailable', 'The locations are not recorded yet. Send them again.');
      }
    } catch (error) {
      const wrong = error instanceof DomainError && NEVER_TAKEN.includes(error.kind) ? error.indexes : [];
      if (wrong.length === 0) throw error;
      for (const _ of wrong) deps.onLeftOut();
      const rest = inputs.filter((_, index) => !wrong.includes(index));
      await report(viewer, rest);
    }
  }

  async function take(app: App, request: IncomingMessage): Promise<object> {
    const device = await authenticate(request.headers.authorization);
    if (device === null) throw new DomainError('unauthenticated', 'There is no such device token.');
    const viewer = { userId: device.userId, sessionId: null, expiresAtMs: Infinity, keyId: null };
    const fixes = app.read(parse(await read(request)));
    for (let start = 0; start < fixes.length; start += BATCH) {
      const inputs = fixes.slice(start, start + BATCH).map((fix) => inputOf(device, fix));
      await report(viewer, inputs);
    }
    return app.answer(viewer);
  }

  async function authenticate(authorization: string | undefined): Promise<ReportingDevice | null> {
    const { handle, secret } = credentialsIn(authorization);
    return secret === null ? null : deps.deviceTokens.authenticate(handle, secret);
  }

  return {
    async answer(path, request, response) {
      const app = apps[path];
      if (app === undefined || request.method !== 'POST') {
        reply(response, 405, { error: 'Send a POST request.' }, { allow: 'POST' });
        return;
      }
      try {
        reply(response, 200, await take(app, request));
      } catch (error) {
        const refusal = error instanceof Refusal ? error : refusalOf(error);
        if (refusal === null) throw error;
        reply(response, refusal.status, { error: refusal.message }, refusal.headers);
      }
    },
  };
}

export interface Ingest {
  /** Answers a request for the path of an app. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface IngestDeps {
  readonly deviceTokens: Pick<DeviceTokens, 'authenticate'>;
  readonly locations: Pick<PublishLocation, 'publishAll'>;
  readonly nearbyFriends: Pick<NearbyFriends, 'list'>;
  /** Makes the same UUID of the same fix. */
  fixId(tokenId: string, fix: AppFix): string;
  /** Returns the time in milliseconds since the epoch. */
  now(): number;
  /** Called for each location that never can be taken. */
  onLeftOut(): void;
}

interface App {
  /** Reads what the app sends; null stands for an empty body. */
  read(body: unknown): readonly AppFix[];
  answer(viewer: Viewer): Promise<object>;
}

/** An answer other than 200. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof DomainError)) return null;
  const { kind, message, retryAfterSeconds } = error;
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== null) headers['retry-after'] = String(retryAfterSeconds);
  if (kind === 'unauthenticated') headers['www-authenticate'] = 'Basic realm="device token", charset="UTF-8"';
  return new Refusal(STATUS_OF_KIND[kind], message, headers);
}

const STATUS_OF_KIND: Readonly<Record<DomainErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'rate-limited': 429,
  unavailable: 503,
};

/** For a location that was recorded before, by another batch, too. */
const NEVER_TAKEN: readonly DomainErrorKind[] = ['invalid', 'conflict'];
/** The most that updateLocations takes. Overland sends up to 1,000. */
const BATCH = 500;
/** 1 MiB, as for GraphQL. A thousand points of Overland, with all that it can tell of itself, have 600 kB. */
const MAX_BODY_BYTES = 1_048_576;

/** Basic (RFC 7617) with a handle, as OwnTracks sends it, or Bearer (RFC 6750), as Overland does. */
function credentialsIn(authorization: string | undefined): { handle: string | null; secret: string | null } {
  const [, basic] = /^Basic +([\w+/=-]+) *$/i.exec(authorization ?? '') ?? [];
  if (basic === undefined) return { handle: null, secret: bearerToken(authorization) };
  const text = Buffer.from(basic, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return { handle: null, secret: null };
  return { handle: text.slice(0, colon).replace(/^@/, ''), secret: text.slice(colon + 1) };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new Refusal(413, 'The body is too large. Send fewer locations at once.', { connection: 'close' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(body: string): unknown {
  if (body.trim() === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

function reply(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
