import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import webPush from 'web-push';
import { ConfigError, readConfig, settingsHelp } from '../src/config.js';

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      metricsPort: null,
      graphiql: true,
      introspection: true,
      databaseUrl: null,
      databasePoolSize: 20,
      migrate: 'on-start',
      redisUrl: null,
      redisClusterNodes: null,
      redisPrefix: null,
      dataDir: `${process.cwd()}/.data`,
      locationTtlSeconds: 600,
      defaultRadiusMeters: 8046.72,
      frameIntervalMs: 1000,
      sharingMaxRadiusMeters: 500_000,
      maxSpeedMetersPerSecond: 350,
      historyRetentionDays: 90,
      historyCassandra: null,
      drainSeconds: 20,
      accessTokenSeconds: 1800,
      refreshTokenDays: 30,
      jwtPrivateKeyPem: null,
      oidc: null,
      push: null,
      tiles: null,
      allowedOrigins: '*',
      trustedDocuments: null,
      trustedProxies: [],
      limits: {
        maxSockets: 50_000,
        socketsPerAddress: 20_000,
        socketsPerUser: 20,
        subscriptionsPerUser: 50,
        updatesPerSecond: 10,
        signInFailures: 20,
        signInFailuresPerAddress: 50,
        signUpsPerAddress: 500,
        lookupsPerUser: 300,
        friendRequestsPerUser: 200,
      },
      logLevel: 'info',
      tracing: false,
    });
  });

  it('takes a variable set to nothing for unset', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '  ', LOG_LEVEL: '', OIDC_ISSUER: '' })).toEqual(
      readConfig({}),
    );
  });

  it('cannot be changed', () => {
    const config = readConfig({ ...OIDC, ALLOWED_ORIGINS: 'https://a.example' });
    for (const part of [config, config.oidc, config.allowedOrigins]) expect(Object.isFrozen(part)).toBe(true);
  });

  it('reads what is set', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    const config = readConfig({
      ...OIDC,
      HOST: '::1',
      PORT: '0',
      DATABASE_URL: 'postgres://me:p%40ss@db/name',
      DATABASE_POOL_SIZE: '5',
      REDIS_URL: 'rediss://cache:6380/1',
      REDIS_CLUSTER_NODES: 'a:6379, rediss://me:secret@b.example:7000,[::1]:7001',
      REDIS_PREFIX: 'team-7:nearby_friends',
      DATA_DIR: '/var/lib/nearby',
      DEFAULT_RADIUS_METERS: '500000',
      FRAME_INTERVAL_MS: '0',
      JWT_PRIVATE_KEY: String(pem).trim().replaceAll('\n', '\\n'),
      ALLOWED_ORIGINS: 'https://A.example, http://localhost:5173',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      MAX_SOCKETS: '7',
      SHARING_MAX_RADIUS_METERS: '50000',
      LOG_LEVEL: 'silent',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 0,
      databaseUrl: 'postgres://me:p%40ss@db/name',
      redisUrl: 'rediss://cache:6380/1',
      redisClusterNodes: [
        new URL('redis://a:6379'),
        new URL('rediss://me:secret@b.example:7000'),
        new URL('redis://[::1]:7001'),
      ],
      redisPrefix: 'team-7:nearby_friends',
      dataDir: '/var/lib/nearby',
      defaultRadiusMeters: 500_000,
      frameIntervalMs: 0,
      jwtPrivateKeyPem: String(pem).trim(),
      oidc: { issuer: 'https://id.example', audience: 'nearby', jwksUrl: 'https://id.example/jwks.json' },
      allowedOrigins: ['https://a.example', 'http://localhost:5173'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      limits: { maxSockets: 7, socketsPerUser: 20 },
      sharingMaxRadiusMeters: 50_000,
      logLevel: 'silent',
    });
  });

  it.each([
    ['REDIS_PREFIX', ['a b', 'a{b}', 'a*', 'x'.repeat(41)], 'must be 1 to 40 letters, digits and : . _ -'],
    ['PORT', ['65536', '-1', '1.5', '80a', '0x50', '1e3'], 'must be a whole number from 0 to 65535'],
    ['FRAME_INTERVAL_MS', ['60001', '-1'], 'must be a whole number from 0 to 60000'],
    ['LOCATION_TTL_SECONDS', ['0', '86401'], 'must be a whole number from 1 to 86400'],
    ['HISTORY_RETENTION_DAYS', ['0'], 'must be a whole number from 1 to 36500'],
    ['HISTORY_CASSANDRA', ['db', 'cassandra://db:9042', 'db:9042?tls=yes'], 'must be host:port of nodes'],
    ['DRAIN_SECONDS', ['3601', 'Infinity'], 'must be a whole number from 0 to 3600'],
    ['DATABASE_POOL_SIZE', ['0', '1001', 'many'], 'must be a whole number from 1 to 1000'],
    ['DEFAULT_RADIUS_METERS', ['0', '-5', '500000.1', 'NaN'], 'must be a number above 0 and at most 500000'],
    ['SHARING_MAX_RADIUS_METERS', ['0', '500001'], 'must be a number above 0 and at most 500000'],
    ['MAX_SOCKETS', ['0', '1.5', 'many'], 'must be a whole number from 1 to 999999999'],
    [
      'TRUST_PROXY',
      ['proxy', '10.0.0.0/33', '10.0.0.1,', '*'],
      'must be addresses or networks like 10.0.0.0/8',
    ],
    ['HOST', ['not a host', 'http://localhost'], 'must be a host name or an IP address'],
    ['METRICS_PORT', ['65536', '-1'], 'must be a whole number from 0 to 65535'],
    ['GRAPHIQL', ['true', '0', 'ON'], 'must be on or off'],
    ['INTROSPECTION', ['false', 'yes'], 'must be on or off'],
    ['MIGRATE', ['always', 'off'], 'must be on-start or never'],
    ['LOG_LEVEL', ['loud', 'INFO'], 'must be one of fatal, error, warn, info, debug, trace, silent'],
    [
      'ALLOWED_ORIGINS',
      ['a.example', 'https://a.example/', '*,https://a.example', 'https://*.example'],
      'must be *',
    ],
    ['OIDC_JWKS_URL', ['ftp://id.example/jwks'], 'must be a URL like https://issuer/jwks.json'],
  ])('refuses a wrong %s', (name, values, allowed) => {
    for (const value of values) {
      const problems = problemsOf({ ...OIDC, [name]: value });
      expect(problems).toEqual([expect.stringContaining(`${name} ${allowed}`)]);
    }
  });

  it.each([
    [
      'DATABASE_URL',
      'mysql://root:hunter2@db/x',
      'must be a URL like postgres://user:password@host:5432/name',
    ],
    ...[
      'postgres://me:hunter2@a,b/name',
      'postgres://me:hunter2@a:5432,b:5433/name',
      'postgresql://me:hunter2@/name?host=a,b&target_session_attrs=read-write',
      'postgres://me:hunter2@a%2Cb/name',
    ].map((value): [string, string, RegExp] => [
      'DATABASE_URL',
      value,
      /^DATABASE_URL [^\n]+ a list of hosts is not supported: name one that leads to the primary$/,
    ]),
    ['REDIS_URL', 'hunter2', 'must be a URL like redis://host:6379 or rediss://host:6379'],
    [
      'JWT_PRIVATE_KEY',
      '-----BEGIN PRIVATE KEY-----hunter2',
      'must be an Ed25519 private key in PKCS #8 PEM',
    ],
    ['JWT_PRIVATE_KEY', rsaPem(), 'must be an Ed25519 private key in PKCS #8 PEM'],
  ])('does not repeat a wrong %s, which may hold a secret', (name, value, allowed) => {
    const [problem = '', ...more] = problemsOf({ [name]: value });
    expect(problem).toMatch(allowed instanceof RegExp ? allowed : `${name} ${allowed}`);
    expect(problem).not.toContain('hunter2');
    expect(problem).not.toContain(value);
    expect(more).toEqual([]);
  });

  it('traces where it is said to what or where, and nowhere else', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' };
    for (const env of [endpoint, traces, { OTEL_TRACES_EXPORTER: 'otlp' }]) {
      expect(readConfig(env).tracing).toBe(true);
      expect(readConfig({ ...env, OTEL_SDK_DISABLED: 'TRUE' }).tracing).toBe(false);
      expect(readConfig({ ...env, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBe(false);
    }
    expect(readConfig({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }).tracing).toBe(false);
    expect(problemsOf({ OTEL_TRACES_EXPORTER: 'zipkin' })).toEqual([
      'OTEL_TRACES_EXPORTER must be otlp or none',
    ]);
  });

  it('wants all of OIDC or nothing', () => {
    for (const name of Object.keys(OIDC)) {
      expect(problemsOf({ ...OIDC, [name]: '' })).toEqual([
        'OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL must be set together or not at all',
      ]);
    }
  });

  it('reads the keys of push messages, and wants all of them and a pair, or none', () => {
    expect(readConfig(VAPID).push).toEqual({
      publicKey: VAPID.VAPID_PUBLIC_KEY,
      privateKey: VAPID.VAPID_PRIVATE_KEY,
      subject: 'mailto:ops@example.org',
      services: [
        'https://fcm.googleapis.com',
        'https://updates.push.services.mozilla.com',
        'https://*.push.apple.com',
        'https://*.notify.windows.com',
      ],
    });
    const others = {
      ...VAPID,
      PUSH_SERVICES: 'https://Push.example.org, http://127.0.0.1:8080,https://*.b.example',
    };
    expect(readConfig(others).push?.services).toEqual([
      'https://push.example.org',
      'http://127.0.0.1:8080',
      'https://*.b.example',
    ]);
    for (const name of Object.keys(VAPID)) {
      expect(problemsOf({ ...VAPID, [name]: '' })).toEqual([
        'VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT must be set together or not at all',
      ]);
    }
    const { publicKey } = webPush.generateVAPIDKeys();
    expect(problemsOf({ ...VAPID, VAPID_PUBLIC_KEY: publicKey })).toEqual([
      'VAPID_PUBLIC_KEY must be the public key of VAPID_PRIVATE_KEY',
    ]);
  });

  it.each([
    ['VAPID_PUBLIC_KEY', ['hunter2', 'A'.repeat(86)], 'must be 65 bytes as base64url'],
    ['VAPID_PRIVATE_KEY', ['hunter2', 'A'.repeat(44)], 'must be 32 bytes as base64url'],
    ['VAPID_SUBJECT', ['ops@example.org', 'http://example.org', 'mailto:'], 'must be mailto: and an address'],
    [
      'PUSH_SERVICES',
      [
        '*',
        'https://*',
        'https://*.com/',
        'http://push.example.org',
        'https://push.example.org/x',
        'https://*.com,',
        'push.example.org',
      ],
      'must be origins like https://push.example.org',
    ],
  ])('refuses a wrong %s without repeating it', (name, values, allowed) => {
    for (const value of values) {
      const [problem = '', ...more] = problemsOf({ ...VAPID, [name]: value });
      expect(problem).toContain(`${name} ${allowed}`);
      expect(problem).not.toContain('hunter2');
      expect(more).toEqual([]);
    }
  });

  it('refuses a retention that Cassandra cannot keep', () => {
    const HISTORY_CASSANDRA = 'db:9042';
    expect(problemsOf({ HISTORY_CASSANDRA, HISTORY_RETENTION_DAYS: '3651' })).toEqual([
      'HISTORY_RETENTION_DAYS must be at most 3650 with HISTORY_CASSANDRA',
    ]);
    expect(problemsOf({ HISTORY_CASSANDRA, HISTORY_RETENTION_DAYS: '3650' })).toEqual([]);
  });

  it('tells every problem in a line of its own', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'y', OIDC_ISSUER: 'z' })).toHaveLength(3);
  });
});

describe('settingsHelp', () => {
  it('has what each setting means, and docs/configuration.md has them all too', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    const lines = settingsHelp().split('\n');
    for (const line of lines) {
      const [, name = ''] = /^ {2}([A-Z_]+) +\S/.exec(line) ?? [];
      expect(page).toContain(`\`${name}\``);
      expect(line).not.toContain('undefined');
    }
  });

  it('has the defaults', () => {
    expect(settingsHelp(['FRAME_INTERVAL_MS'])).toMatch(/ \(default: 1000\)$/);
    expect(settingsHelp(['DATABASE_URL'])).not.toContain('default');
  });
});

const OIDC = {
  OIDC_ISSUER: 'https://id.example',
  OIDC_AUDIENCE: 'nearby',
  OIDC_JWKS_URL: 'https://id.example/jwks.json',
};

const vapidKeys = webPush.generateVAPIDKeys();
const VAPID = {
  VAPID_PUBLIC_KEY: vapidKeys.publicKey,
  VAPID_PRIVATE_KEY: vapidKeys.privateKey,
  VAPID_SUBJECT: 'mailto:ops@example.org',
};

function rsaPem(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}
