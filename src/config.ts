/**
 * The one reader of the environment. A value that is not allowed stops the start with the variable's name and
 * what is allowed, but never with the value, which may be secret. An empty variable counts as unset.
 */
import { createECDH, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  type CassandraAddress,
  MAX_RETENTION_DAYS,
  parseCassandraAddress,
} from './adapters/cassandra/address.js';
import { parseNetworks } from './http/client-address.js';
import { StartupError } from './startup-error.js';

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  const problems = parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
  for (const names of [OIDC_NAMES, VAPID_NAMES]) {
    if ([0, names.length].includes(names.filter((name) => name in given).length)) continue;
    problems.push(`${names.join(', ')} must be set together or not at all`);
  }
  if (parsed.success && !isPair(parsed.data.VAPID_PUBLIC_KEY, parsed.data.VAPID_PRIVATE_KEY)) {
    problems.push('VAPID_PUBLIC_KEY must be the public key of VAPID_PRIVATE_KEY');
  }
  if (parsed.data?.HISTORY_CASSANDRA && parsed.data.HISTORY_RETENTION_DAYS > MAX_RETENTION_DAYS) {
    problems.push(`HISTORY_RETENTION_DAYS must be at most ${MAX_RETENTION_DAYS} with HISTORY_CASSANDRA`);
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'));
  const { OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL, MAP_TILE_URL, MAP_TILE_ATTRIBUTION, ...rest } =
    parsed.data;
  const { VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT } = rest;
  return Object.freeze({
    host: rest.HOST,
    port: rest.PORT,
    metricsPort: rest.METRICS_PORT,
    graphiql: rest.GRAPHIQL,
    introspection: rest.INTROSPECTION,
    databaseUrl: rest.DATABASE_URL,
    databasePoolSize: rest.DATABASE_POOL_SIZE,
    migrate: rest.MIGRATE,
    redisUrl: rest.REDIS_URL,
    redisClusterNodes: rest.REDIS_CLUSTER_NODES,
    redisPrefix: rest.REDIS_PREFIX,
    dataDir: rest.DATA_DIR,
    locationTtlSeconds: rest.LOCATION_TTL_SECONDS,
    defaultRadiusMeters: rest.DEFAULT_RADIUS_METERS,
    frameIntervalMs: rest.FRAME_INTERVAL_MS,
    sharingMaxRadiusMeters: rest.SHARING_MAX_RADIUS_METERS,
    maxSpeedMetersPerSecond: rest.MAX_SPEED_METERS_PER_SECOND,
    historyRetentionDays: rest.HISTORY_RETENTION_DAYS,
    historyCassandra: rest.HISTORY_CASSANDRA,
    drainSeconds: rest.DRAIN_SECONDS,
    accessTokenSeconds: rest.ACCESS_TOKEN_SECONDS,
    refreshTokenDays: rest.REFRESH_TOKEN_DAYS,
    jwtPrivateKeyPem: rest.JWT_PRIVATE_KEY,
    oidc:
      OIDC_ISSUER === null || OIDC_AUDIENCE === null || OIDC_JWKS_URL === null
        ? null
        : Object.freeze({ issuer: OIDC_ISSUER, audience: OIDC_AUDIENCE, jwksUrl: OIDC_JWKS_URL }),
    push:
      VAPID_PUBLIC_KEY === null || VAPID_PRIVATE_KEY === null || VAPID_SUBJECT === null
        ? null
        : Object.freeze({
            publicKey: VAPID_PUBLIC_KEY,
            privateKey: VAPID_PRIVATE_KEY,
            subject: VAPID_SUBJECT,
            services: rest.PUSH_SERVICES,
          }),
    allowedOrigins: rest.ALLOWED_ORIGINS,
    trustedDocuments: rest.TRUSTED_DOCUMENTS,
    trustedProxies: rest.TRUST_PROXY,
    limits: Object.freeze({
      maxSockets: rest.MAX_SOCKETS,
      socketsPerAddress: rest.SOCKETS_PER_ADDRESS,
      socketsPerUser: rest.SOCKETS_PER_USER,
      subscriptionsPerUser: rest.SUBSCRIPTIONS_PER_USER,
      updatesPerSecond: rest.UPDATES_PER_SECOND,
      signInFailures: rest.SIGN_IN_FAILURES,
      signInFailuresPerAddress: rest.SIGN_IN_FAILURES_PER_ADDRESS,
      signUpsPerAddress: rest.SIGN_UPS_PER_ADDRESS,
      lookupsPerUser: rest.LOOKUPS_PER_USER,
      friendRequestsPerUser: rest.FRIEND_REQUESTS_PER_USER,
    }),
    tiles:
      MAP_TILE_URL === null
        ? null
        : Object.freeze({ url: MAP_TILE_URL, attribution: MAP_TILE_ATTRIBUTION ?? '' }),
    logLevel: rest.LOG_LEVEL,
    tracing: tracingOf(parsed.data),
  });
}

/**
 * Describes settings and their defaults for --help, one per line.
 * @param names default: all settings.
 */
export function settingsHelp(names: readonly Setting[] = SETTINGS): string {
  return names
    .map((name) => {
      const { description } = environment.shape[name];
      const value = environment.shape[name].parse(undefined) as Default;
      return `  ${name.padEnd(24)}${description}${value === null ? '' : ` (default: ${String(value)})`}`;
    })
    .join('\n');
}

/** What a setting may be by default, which can be shown as text. */
type Default = string | number | boolean | readonly string[] | null;

/** Names all settings that are not allowed, one line for each problem. */
export class ConfigError extends StartupError {
  override readonly name = 'ConfigError';
}

export interface Config {
  readonly host: string;
  /** 0 takes a free port. Default: 4000. */
  readonly port: number;
  /** The port of /metrics alone, 0 for a free one; null serves them at `port`. */
  readonly metricsPort: number | null;
  /** Whether browsers get GraphiQL. */
  readonly graphiql: boolean;
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  /** Null starts the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** The greatest number of connections to PostgreSQL: 1 to 1,000. Default: 20. */
  readonly databasePoolSize: number;
  /** Whether the start applies missing migrations, or ends when some are missing. */
  readonly migrate: MigrateSetting;
  /**
   * Null starts an embedded redis-server where there is one, and otherwise keeps everything in the process.
   */
  readonly redisUrl: string | null;
  /**
   * Some nodes of a Redis Cluster, used instead of `redisUrl`. The first one gives user, password and TLS.
   */
  readonly redisClusterNodes: readonly URL[] | null;
  /**
   * What the names of all keys and channels begin with: 1 to 40 letters, digits and `:._-`. Null makes it
   * `nearby:` and an id of the database.
   */
  readonly redisPrefix: string | null;
  /** The absolute path where the embedded PostgreSQL keeps its data. */
  readonly dataDir: string;
  /** After so many seconds without an update a user is inactive: 1 to 86,400. */
  readonly locationTtlSeconds: number;
  /** The radius when a client names none: more than 0, at most 500,000. */
  readonly defaultRadiusMeters: number;
  /**
   * The least time between two messages of a subscription: 0 to 60,000. 0 sends a message for every change.
   */
  readonly frameIntervalMs: number;
  /** Nobody sees a friend who is farther away: more than 0, at most 500,000. */
  readonly sharingMaxRadiusMeters: number;
  /** The speed above which travel is not believed: 1 to 999,999,999. */
  readonly maxSpeedMetersPerSecond: number;
  /** How long recorded locations are kept: 1 to 36,500; to 3,650 in Cassandra. */
  readonly historyRetentionDays: number;
  /** Null keeps the history in PostgreSQL. */
  readonly historyCassandra: CassandraAddress | null;
  /** The time over which SIGTERM closes the sockets: 0 to 3,600. */
  readonly drainSeconds: number;
  /** The lifetime of an access token: 1 to 86,400. */
  readonly accessTokenSeconds: number;
  /** The lifetime of a refresh token: 1 to 3,650. */
  readonly refreshTokenDays: number;
  /** An Ed25519 private key in PKCS #8 PEM; null keeps the keys in the database. */
  readonly jwtPrivateKeyPem: string | null;
  readonly oidc: OidcConfig | null;
  /** Null sends no push messages. */
  readonly push: PushConfig | null;
  /** The origins from which browsers may call. */
  readonly allowedOrigins: '*' | readonly string[];
  /** Files of the documents that are run, and no others; null runs all. */
  readonly trustedDocuments: readonly string[] | null;
  /** Addresses and networks of the proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  readonly limits: LimitConfig;
  /** The source of the map page's tiles; null for the coastline that ships with it. */
  readonly tiles: TileConfig | null;
  readonly logLevel: LogLevel;
  /** Whether updates are traced with OpenTelemetry, whose SDK reads its other standard variables itself. */
  readonly tracing: boolean;
}

/** What strangers and users may do; each is 1 or more. See the table in docs/operations.md. */
export interface LimitConfig {
  /** Sockets of this server. */
  readonly maxSockets: number;
  readonly socketsPerAddress: number;
  readonly socketsPerUser: number;
  readonly subscriptionsPerUser: number;
  /** In the long run; ten times as many at once. */
  readonly updatesPerSecond: number;
  /** For one handle from one address, in ten minutes. */
  readonly signInFailures: number;
  /** For all handles, in ten minutes. */
  readonly signInFailuresPerAddress: number;
  /** In an hour. */
  readonly signUpsPerAddress: number;
  /** Handles looked up in an hour. */
  readonly lookupsPerUser: number;
  /** In a day. */
  readonly friendRequestsPerUser: number;
}

export interface TileConfig {
  /** A URL that contains `{z}`, `{x}` and `{y}`. */
  readonly url: string;
  /** Text or HTML; empty for no attribution. */
  readonly attribution: string;
}

/** An external OpenID provider whose tokens are accepted. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
}

/** How push messages are sent to browsers. */
export interface PushConfig {
  /** The server's keys (VAPID), base64url: a point and a number of the curve P-256. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** `mailto:` or `https:` of whom push services may ask. */
  readonly subject: string;
  /** The origins of the push services that are called; in a host `*.` stands for any names. */
  readonly services: readonly string[];
}

export type MigrateSetting = (typeof MIGRATE)[number];

export type LogLevel = (typeof LOG_LEVELS)[number];

type Setting = keyof typeof environment.shape;

const MIGRATE = ['on-start', 'never'] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const NO_SENTINEL = '. Sentinel is not supported: see docs/operations.md';

const ONE_HOST = '; a list of hosts is not supported: name one that leads to the primary';

const OIDC_NAMES = ['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL'];

const VAPID_NAMES = ['VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY', 'VAPID_SUBJECT'];

/** Those of Chrome, Firefox, Safari and Edge. */
const PUSH_SERVICES = [
  'https://fcm.googleapis.com',
  'https://updates.push.services.mozilla.com',
  'https://*.push.apple.com',
  'https://*.notify.windows.com',
];

const environment = z.object({
  HOST: setting('must be a host name or an IP address', hostOf)
    .default('127.0.0.1')
    .describe('host name or address to listen at'),
  PORT: wholeNumber(0, 65_535).default(4000).describe('port to listen at; 0 takes a free one and prints it'),
  METRICS_PORT: wholeNumber(0, 65_535)
    .nullable()
    .default(null)
    .describe('port of /metrics alone; it is at PORT if unset'),
  GRAPHIQL: switched('whether browsers get GraphiQL at /graphql: on, off'),
  INTROSPECTION: switched('whether clients may read the schema: on, off'),
  DATABASE_URL: url(
    'postgres://user:password@host:5432/name',
    ['postgres:', 'postgresql:'],
    namesOneHost,
    ONE_HOST,
  )
    .default(null)
    .describe('PostgreSQL 13 or newer; the embedded one if unset'),
  DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(20).describe('connections to PostgreSQL, at most'),
  MIGRATE: z
    .enum(MIGRATE, { error: `must be ${MIGRATE.join(' or ')}` })
    .default('on-start')
    .describe('never ends the start when migrations are missing: run npm run migrate before'),
  REDIS_URL: url('redis://host:6379 or rediss://host:6379/1', ['redis:', 'rediss:'], namesRedis, NO_SENTINEL)
    .default(null)
    .describe('Redis 6.2 or newer, or Valkey; if unset, an embedded one or none'),
  REDIS_CLUSTER_NODES: setting(
    'must be host:port of nodes, separated by commas; also redis://user:password@host:port, or rediss:',
    clusterNodesOf,
  )
    .nullable()
    .default(null)
    .describe('some nodes of a Redis Cluster 7 or newer, host:port,host:port; overrides REDIS_URL'),
  REDIS_PREFIX: setting('must be 1 to 40 letters, digits and : . _ -', (text) =>
    /^[\w:.-]{1,40}$/.test(text) ? text : undefined,
  )
    .nullable()
    .default(null)
    .describe('begins all names in Redis; nearby: and an id of the database if unset'),
  DATA_DIR: z
    .string()
    .default('.data')
    .transform((path) => resolve(path))
    .describe('where the embedded PostgreSQL keeps its data'),
  LOCATION_TTL_SECONDS: wholeNumber(1, 86_400)
    .default(600)
    .describe('seconds without an update after which a user is inactive'),
  DEFAULT_RADIUS_METERS: setting('must be a number above 0 and at most 500000', radiusOf)
    .default(8046.72)
    .describe('radius in metres when a client names none'),
  FRAME_INTERVAL_MS: wholeNumber(0, 60_000)
    .default(1000)
    .describe('least time between two messages of a subscription; 0 sends every change'),
  SHARING_MAX_RADIUS_METERS: setting('must be a number above 0 and at most 500000', radiusOf)
    .default(500_000)
    .describe('metres beyond which nobody sees a friend, whatever the radius'),
  MAX_SPEED_METERS_PER_SECOND: wholeNumber(1, 999_999_999)
    .default(350)
    .describe('speed above which a travel is not believed'),
  HISTORY_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(90)
    .describe('days that recorded locations are kept'),
  HISTORY_CASSANDRA: setting(
    'must be host:port of nodes with one port, separated by commas; also user:password@ before, and ?datacenter=…&keyspace=…&tls=on after them',
    parseCassandraAddress,
  )
    .nullable()
    .default(null)
    .describe(
      'some nodes of Apache Cassandra that keeps the history, host:port,host:port; PostgreSQL if unset',
    ),
  DRAIN_SECONDS: wholeNumber(0, 3600).default(20).describe('seconds over which SIGTERM closes the sockets'),
  ACCESS_TOKEN_SECONDS: wholeNumber(1, 86_400).default(1800).describe('lifetime of an access token'),
  REFRESH_TOKEN_DAYS: wholeNumber(1, 3650).default(30).describe('lifetime of a refresh token'),
  JWT_PRIVATE_KEY: setting('must be an Ed25519 private key in PKCS #8 PEM', ed25519PemOf)
    .nullable()
    .default(null)
    .describe('Ed25519 private key in PKCS #8 PEM; if unset, keys in the database'),
  OIDC_ISSUER: z
    .string()
    .trim()
    .nullable()
    .default(null)
    .describe('issuer of the external OpenID provider to trust; needs the next two'),
  OIDC_AUDIENCE: z.string().trim().nullable().default(null).describe('audience that its tokens must have'),
  OIDC_JWKS_URL: url('https://issuer/jwks.json', ['https:', 'http:'])
    .default(null)
    .describe('URL of its public keys'),
  VAPID_PUBLIC_KEY: setting('must be 65 bytes as base64url: see docs/operations.md', (text) =>
    keyOf(text, 65),
  )
    .nullable()
    .default(null)
    .describe('public key for push messages; none are sent if unset; needs the next two'),
  VAPID_PRIVATE_KEY: setting('must be 32 bytes as base64url: see docs/operations.md', (text) =>
    keyOf(text, 32),
  )
    .nullable()
    .default(null)
    .describe('its private key'),
  VAPID_SUBJECT: setting('must be mailto: and an address, or an https: URL', subjectOf)
    .nullable()
    .default(null)
    .describe('whom push services may ask, mailto: or https:'),
  PUSH_SERVICES: setting(
    'must be origins like https://push.example.org or https://*.example.org, separated by commas; http: on loopback alone',
    pushServicesOf,
  )
    .default(Object.freeze(PUSH_SERVICES))
    .describe('push services that are called, separated by commas'),
  ALLOWED_ORIGINS: setting('must be * or origins like https://example.org, separated by commas', originsOf)
    .default('*')
    .describe('origins from which browsers may call, separated by commas'),
  TRUSTED_DOCUMENTS: setting('must be files, separated by commas', filesOf)
    .nullable()
    .default(null)
    .describe('files of the documents that alone are run, separated by commas'),
  TRUST_PROXY: setting('must be addresses or networks like 10.0.0.0/8, separated by commas', networksOf)
    .default(Object.freeze([]))
    .describe('proxies whose X-Forwarded-For counts, separated by commas; none if unset'),
  MAX_SOCKETS: limit(50_000, 'sockets of this server; one more is answered 503'),
  SOCKETS_PER_ADDRESS: limit(20_000, 'sockets of one address; one more is answered 429'),
  SOCKETS_PER_USER: limit(20, 'sockets of one user; one more is closed with 1013'),
  SUBSCRIPTIONS_PER_USER: limit(50, 'live subscriptions of one user'),
  UPDATES_PER_SECOND: limit(10, 'location updates of one user in a second; ten times as many at once'),
  SIGN_IN_FAILURES: limit(20, 'failed sign-ins for a handle from one address in ten minutes'),
  SIGN_IN_FAILURES_PER_ADDRESS: limit(50, 'failed sign-ins from one address in ten minutes'),
  SIGN_UPS_PER_ADDRESS: limit(500, 'new accounts from one address in an hour'),
  LOOKUPS_PER_USER: limit(300, 'handles that one user looks up in an hour'),
  FRIEND_REQUESTS_PER_USER: limit(200, 'friend requests of one user in a day'),
  MAP_TILE_URL: setting('must be a URL like https://tiles.example/{z}/{x}/{y}.png', tileUrlOf)
    .nullable()
    .default(null)
    .describe('raster tiles of the map page; its own coastline if unset'),
  MAP_TILE_ATTRIBUTION: z
    .string()
    .trim()
    .nullable()
    .default(null)
    .describe('attribution of the tiles; may be HTML'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .describe(LOG_LEVELS.join(', ')),
  OTEL_SDK_DISABLED: z
    .string()
    .transform((text) => text.trim().toLowerCase() === 'true')
    .default(false)
    .describe('true disables tracing, whatever the next three say'),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'], { error: 'must be otlp or none' })
    .nullable()
    .default(null)
    .describe('otlp traces updates with OpenTelemetry; none does not'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http://collector:4318', ['http:', 'https:'])
    .default(null)
    .describe('where traces go; setting it enables tracing'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('http://collector:4318/v1/traces', ['http:', 'https:'])
    .default(null)
    .describe('the same, path included'),
});

const SETTINGS = Object.keys(environment.shape) as Setting[];

/** Tracing is on when a variable names its exporter or endpoint, unless one of the switches turns it off. */
function tracingOf(settings: z.output<typeof environment>): boolean {
  if (settings.OTEL_SDK_DISABLED || settings.OTEL_TRACES_EXPORTER === 'none') return false;
  return (
    settings.OTEL_TRACES_EXPORTER === 'otlp' ||
    settings.OTEL_EXPORTER_OTLP_ENDPOINT !== null ||
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== null
  );
}

/** Makes a setting that `parse` reads. `parse` returns undefined for a value that is not allowed. */
function setting<T>(allowed: string, parse: (text: string) => T | undefined) {
  return z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: allowed });
    return z.NEVER;
  });
}

/** A switch that is on by default. */
function switched(description: string) {
  return setting('must be on or off', (text) => (text === 'on' || text === 'off' ? text === 'on' : undefined))
    .default(true)
    .describe(description);
}

function wholeNumber(min: number, max: number) {
  return setting(`must be a whole number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

function limit(count: number, description: string) {
  return wholeNumber(1, 999_999_999).default(count).describe(description);
}

function url(
  example: string,
  protocols: readonly string[],
  isAllowed: (parsed: URL) => boolean = () => true,
  more = '',
) {
  const allowed = `must be a URL like ${example}; special characters in a password are percent-encoded${more}`;
  return setting(allowed, (text) => {
    if (!URL.canParse(text)) return undefined;
    const parsed = new URL(text);
    return protocols.includes(parsed.protocol) && isAllowed(parsed) ? text : undefined;
  }).nullable();
}

/** Either place may be a list of hosts in URLs of libpq. */
function namesOneHost({ hostname, searchParams }: URL): boolean {
  return ![hostname, ...searchParams.getAll('host')].some((host) => /,|%2c/i.test(host));
}

/** A host, or a socket as `?path=`, and at most the number of a database. */
function namesRedis({ hostname, pathname, searchParams }: URL): boolean {
  return (hostname !== '' || searchParams.has('path')) && /^(\/\d{0,5})?$/.test(pathname);
}

function hostOf(text: string): string | undefined {
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined;
}

function clusterNodesOf(text: string): readonly URL[] | undefined {
  const nodes = text.split(',').map((node) => node.trim());
  const urls = nodes.map((node) => (node.includes('://') ? node : `redis://${node}`));
  const areAllowed = urls.every((url) => {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname, port, pathname } = new URL(url);
    return ['redis:', 'rediss:'].includes(protocol) && hostname !== '' && port !== '' && pathname.length <= 1;
  });
  return areAllowed ? Object.freeze(urls.map((url) => new URL(url))) : undefined;
}

function radiusOf(text: string): number | undefined {
  const meters = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  return meters > 0 && meters <= 500_000 ? meters : undefined;
}

function networksOf(text: string): readonly string[] | undefined {
  const networks = text.split(',').map((network) => network.trim());
  try {
    parseNetworks(networks);
    return Object.freeze(networks);
  } catch {
    return undefined;
  }
}

function filesOf(text: string): readonly string[] | undefined {
  const files = text.split(',').map((file) => file.trim());
  return files.includes('') ? undefined : Object.freeze(files);
}

function tileUrlOf(text: string): string | undefined {
  const hasAll = ['{z}', '{x}', '{y}'].every((part) => text.includes(part));
  return hasAll && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}

/** Accepts \n for line ends, as many stores for environment variables allow a single line only. */
function ed25519PemOf(text: string): string | undefined {
  const pem = text.replaceAll('\\n', '\n');
  try {
    return pem.includes('BEGIN PRIVATE KEY') && createPrivateKey(pem).asymmetricKeyType === 'ed25519'
      ? pem
      : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(text: string, bytes: number): string | undefined {
  return /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').length === bytes ? text : undefined;
}

function isPair(publicKey: string | null, privateKey: string | null): boolean {
  if (publicKey === null || privateKey === null) return true;
  try {
    const keys = createECDH('prime256v1');
    keys.setPrivateKey(privateKey, 'base64url');
    return keys.getPublicKey().equals(Buffer.from(publicKey, 'base64url'));
  } catch {
    return false;
  }
}

function subjectOf(text: string): string | undefined {
  if (/^mailto:[^\s@]+@[^\s@]+$/.test(text)) return text;
  return URL.canParse(text) && new URL(text).protocol === 'https:' ? text : undefined;
}

/** What travels to other hosts is encrypted. */
function pushServicesOf(text: string): readonly string[] | undefined {
  const origins = text.split(',').map((origin) => origin.trim().toLowerCase());
  const isOrigin = (origin: string): boolean =>
    /^https:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/.test(origin) ||
    /^https?:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?$/.test(origin);
  return origins.every(isOrigin) ? Object.freeze(origins) : undefined;
}

function originsOf(text: string): '*' | readonly string[] | undefined {
  if (text === '*') return '*';
  const origins = text.split(',').map((origin) => origin.trim().toLowerCase());
  return origins.every((origin) => /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(origin))
    ? Object.freeze(origins)
    : undefined;
}
