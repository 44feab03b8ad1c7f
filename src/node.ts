/**
 * The composition root: from a configuration to a running server. Read it from top to bottom and you know the
 * system. Every acquisition registers its cleanup on the line after it. Nothing here is a singleton: one
 * process can run two servers.
 */
import { createAccessTokens, jwksOf } from './adapters/jwt/access-tokens.js';
import { createOpenIdTokens } from './adapters/jwt/openid-tokens.js';
import { ringOf, startKeyRing } from './adapters/jwt/key-ring.js';
import { generateSigningKey, type PrivateJwk, signingKeyFromPem } from './adapters/jwt/signing-key.js';
import { deviceTag, fingerprintOf, fixId } from './adapters/fingerprint.js';
import { createIdGenerator } from './adapters/new-id.js';
import { createPasswords } from './adapters/password-hash.js';
import { createAccountSettingsStore } from './adapters/postgres/account-settings-store.js';
import { createAccountsStore } from './adapters/postgres/accounts-store.js';
import { createBatchedFriendReader } from './adapters/postgres/batched-friend-reader.js';
import { checkDatabase } from './adapters/postgres/check-database.js';
import { identifyDatabase } from './adapters/postgres/database-identity.js';
import { readDatabaseTime } from './adapters/postgres/database-time.js';
import { createDeviceTokenStore } from './adapters/postgres/device-token-store.js';
import { createFriendsStore } from './adapters/postgres/friends-store.js';
import { maintainPartitions } from './adapters/postgres/history-partitions.js';
import { createActiveSessions } from './adapters/postgres/active-sessions.js';
import { checkMigrations, migrate } from './adapters/postgres/migrate.js';
import { createNearAlertStore } from './adapters/postgres/near-alert-store.js';
import { createOutboxStore } from './adapters/postgres/outbox-store.js';
import { createPool } from './adapters/postgres/pool.js';
import { createPrisma } from './adapters/postgres/prisma.js';
import { createPushStore } from './adapters/postgres/push-store.js';
import { checkRights, createDatabaseCheck } from './adapters/postgres/readiness.js';
import { SERVER_NAMES } from './adapters/postgres/servers-connected.js';
import { createSigningKeyStore, loadSigningKeys } from './adapters/postgres/signing-keys.js';
import { createStartStep } from './adapters/postgres/start-step.js';
import { createPlaceNumbers } from './adapters/place-numbers.js';
import { createRateLimiters } from './adapters/rate-limiters.js';
import { createRefreshTokens } from './adapters/refresh-tokens.js';
import { secrets } from './adapters/secrets.js';
import type { Config } from './config.js';
import { startEmbeddedPostgres } from './embedded/postgres.js';
import type { Services } from './graphql/context.js';
import { buildSchema } from './graphql/schema.js';
import { createClientAddress } from './http/client-address.js';
import { createDocumentCache } from './http/document-cache.js';
import { drain } from './http/drain.js';
import { createEventStreams } from './http/event-streams.js';
import { createHttpServer, listen } from './http/http-server.js';
import { createIngest } from './http/ingest/ingest.js';
import { createOperationDurations } from './http/operation-durations.js';
import { createMetricsServer } from './http/metrics-server.js';
import { createMapPage, type DemoAccount } from './http/map-page.js';
import { createWebSocketEndpoint } from './http/websocket.js';
import { readTrustedDocuments } from './http/trusted-documents.js';
import { createGraphQLServer } from './http/yoga.js';
import { openHistoryBackend } from './history-backend.js';
import { createLifecycle, type Lifecycle } from './lifecycle.js';
import { createLogger, flushLog, type Log, type ReportFailure } from './log.js';
import { createMetrics, type FailureCause } from './metrics.js';
import { openRealtimeBackend } from './realtime-backend.js';
import { createAccountSettings } from './services/account-settings.js';
import { createAccounts } from './services/accounts.js';
import { createAnnouncer } from './services/announcer.js';
import { createDeviceChooser } from './services/device-chooser.js';
import { createFriendLimit } from './services/friend-limit.js';
import { createFriendRequestStream } from './services/friend-request-stream.js';
import { createDeviceTokens } from './services/device-tokens.js';
import { createFriends } from './services/friends.js';
import { createHistoryBuffer } from './services/history-buffer.js';
import { createNotifications } from './services/notifications.js';
import { createLocationDispatcher } from './services/location-dispatcher.js';
import { createLocationHistory } from './services/location-history.js';
import { createNearAlerts } from './services/near-alerts.js';
import { createNearWatch } from './services/near-watch.js';
import { createNearbyFriends } from './services/nearby-friends.js';
import { createOlderServers } from './services/older-servers.js';
import { createOpenIdSignIn } from './services/openid-sign-in.js';
import { createOutbox, startOutboxReader, startOutboxRelay } from './services/outbox.js';
import { createPlacement } from './services/placement.js';
import { createPublishLocation } from './services/publish-location.js';
import { createPushNotifications } from './services/push-notifications.js';
import { createSessionCheck } from './services/session-check.js';
import { createSharingStream } from './services/sharing-stream.js';
import { startSessionRecheck } from './services/session-recheck.js';
import { createSignInLimit } from './services/sign-in-limit.js';
import { createRepublisher } from './services/republisher.js';
import { createSubscriptionQuota } from './services/subscription-quota.js';
import { createServerTickScheduler } from './services/tick-scheduler.js';
import { startUpkeep } from './services/upkeep.js';
import { createUpdateLimit } from './services/update-limit.js';
import { createUserTopics } from './services/user-topics.js';
import { createViewerLifetimes } from './services/viewer-lifetime.js';
import { type Clock, systemClock } from './time/clock.js';
import { startServerClock } from './time/server-clock.js';
import { VERSION } from './version.js';

/**
 * Starts a server.
 * @throws StartupError when the configuration names something that can't be used; everything is closed again.
 */
export async function startNode(config: Config, overrides: NodeOverrides = {}): Promise<Node> {
  const log = overrides.log ?? createLogger(config.logLevel);
  const lifecycle = createLifecycle(CLEANUP_DEADLINE_MS, (name, error) => {
    log.error({ err: error, name }, 'a cleanup failed');
  });
  lifecycle.onClose('log', () => flushLog(log));
  try {
    return await assemble(config, overrides, log, lifecycle);
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

export interface Node {
  /** The address of the server, e.g. http://127.0.0.1:4000. */
  readonly url: string;
  /** The address of the server of metrics; null where they are at `url`. */
  readonly metricsUrl: string | null;
  /**
   * Takes no new work, closes the sockets in waves, then everything else. A second call hastens the first.
   */
  drain(): Promise<void>;
  /** Closes everything now, after writing the history rows that are held. */
  close(): Promise<void>;
}

export interface NodeOverrides {
  readonly log?: Log;
  readonly clock?: Clock;
  /** The account that the map page signs in with by itself; none when left out. */
  readonly demoAccount?: () => DemoAccount | null;
}

const DAY_MS = 86_400_000;
/** A drain that has to cut sockets takes 4 s more: together they take less than 10 s. */
const CLEANUP_DEADLINE_MS = 5_000;
const HISTORY = { maxRows: 200_000, maxRowsPerUser: 2_000, lingerMs: 10 } as const;
const COMMIT_WAIT_MS = 2_000;
const FLUSH_DEADLINE_MS = 2_000;
/** Nobody looks at the lists behind alerts. */
const ALERT_INTERVAL_MS = 2_000;
const UPKEEP_INTERVAL_MS = 3_600_000;
/** So many users of one address may look up handles as much as they want. */
const USERS_PER_ADDRESS = 10;
const REQUESTS_TO_ONE_A_DAY = 10;

async function assemble(
  config: Config,
  overrides: NodeOverrides,
  log: Log,
  lifecycle: Lifecycle,
): Promise<Node> {
  const newId = createIdGenerator();
  const metrics = createMetrics();
  const { dropped } = metrics;
  const failed = (cause: FailureCause) => (error: unknown) => {
    metrics.dependencyFailures.inc({ cause });
    log.warn({ err: error, cause }, 'a dependency failed');
  };
  const reportFailure: ReportFailure = (error, ids) => {
    metrics.operationFailures.inc();
    log.error({ ...ids, err: error }, 'an operation failed');
  };
  // The OpenTelemetry SDK is loaded only where it is used.
  const otel = config.tracing ? await import('./adapters/otel/tracing.js') : null;
  const tracing = otel?.startTracing(failed('trace export')) ?? null;
  lifecycle.onClose('traces', () => tracing?.close());

  // PostgreSQL: accounts, friendships and sharing.
  let { databaseUrl } = config;
  if (databaseUrl === null) {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    lifecycle.onClose('embedded PostgreSQL', () => postgres.close());
    databaseUrl = postgres.url;
  }
  const pool = createPool(databaseUrl, {
    log,
    maxConnections: config.databasePoolSize,
    applicationName: SERVER_NAMES[config.historyCassandra === null ? 'postgres' : 'cassandra'],
  });
  lifecycle.onClose('PostgreSQL pool', () => pool.end());
  const ownClock = overrides.clock ?? systemClock;
  const report = (line: string): void => {
    log.warn(line);
  };
  const step = createStartStep({ pool, clock: ownClock, onWait: report });
  const session = await step('the session', checkDatabase(pool, ownClock));
  if (config.migrate === 'never') await step('the migrations', checkMigrations(pool, { report }));
  else await step('the migrations', migrate(pool, { clock: ownClock, report }), { endAfterMs: Infinity });
  await step('the rights of the user', checkRights(pool, session.schema));
  const serverClock = await step(
    'its clock',
    startServerClock({
      readReference: () => readDatabaseTime(pool),
      onCorrected(secondsAhead) {
        log.warn({ secondsAhead }, 'the clock of this server differs from the database’s, which counts');
      },
    }),
  );
  lifecycle.onClose('server clock', () => {
    serverClock.close();
  });
  const clock = overrides.clock ?? serverClock;
  const { now, monotonic } = clock;
  const prisma = createPrisma(pool, session.schema);
  lifecycle.onClose('Prisma', () => prisma.$disconnect());

  // The history, in PostgreSQL or in Cassandra.
  const historyBackend = await openHistoryBackend(config, pool, session.nameStatement, clock, lifecycle);

  // A Redis Cluster, one Redis, or memory: newest locations and topics.
  const prefix = config.redisPrefix ?? `nearby:${await step('its identity', identifyDatabase(pool))}`;
  const backend = await openRealtimeBackend(config, prefix, log, clock, lifecycle, {
    onUnreadable: dropped('unreadable record'),
    onLapsed: failed('delivery'),
  });
  const locationTtlMs = config.locationTtlSeconds * 1_000;
  const republisher = createRepublisher({
    store: createDeviceChooser(backend.locations, locationTtlMs, clock),
    locationTtlMs,
    clock,
    onGivenUp: dropped('live retry full'),
  });
  lifecycle.onClose('republisher', () => {
    republisher.close();
  });

  // Who receives what comes over a user's topic: locations go to the subscribers of the topic, notifications
  // to the user's own connections.
  const userTopics = createUserTopics(backend.topics, {
    onLocation: (topic, record) => {
      dispatcher.receive(topic, record);
    },
    onNotification: (topic, message) => {
      notifications.receive(topic, message);
    },
    onFailed: (error) => {
      reportFailure(error, null);
    },
  });
  const notifications = createNotifications(userTopics, dropped('unreadable message'));
  const olderServers = createOlderServers(locationTtlMs, clock);
  const dispatcher = createLocationDispatcher({
    topics: userTopics,
    store: backend.locations,
    locationTtlMs,
    clock,
    meter: metrics.dispatch,
    trace: tracing?.delivery ?? null,
    onOlderServer: olderServers.seen,
    onReadFailed: failed('locations read'),
  });
  lifecycle.onClose('location dispatcher', () => {
    dispatcher.close();
  });

  // What comes over a user's inbox: where friends are.
  const inboxes = createUserTopics(backend.topics.inboxes, {
    onLocation: dropped('unreadable message'),
    onNotification: (inbox, message) => {
      announcements.receive(inbox, message);
    },
    onFailed: (error) => {
      reportFailure(error, null);
    },
  });
  const announcements = createNotifications(inboxes, dropped('unreadable message'));
  const friendReader = createBatchedFriendReader(pool, clock, session.nameStatement);
  const announcer = createAnnouncer({
    store: backend.locations,
    dispatcher,
    friends: friendReader,
    friendsThere: (userId) => nearbyFriends.friendsThere(userId),
    publish: announcements.publish,
    clock,
    onFailed: failed('announcement'),
  });
  backend.locations.onUnannounced(announcer.handle);

  // Accounts and friends.
  const outboxDeps = {
    store: createOutboxStore(pool, session.nameStatement),
    publishNotifications: notifications.publish,
    log,
    clock,
  };
  const outbox = createOutbox(outboxDeps);
  const relay = startOutboxRelay(outboxDeps);
  lifecycle.onClose('outbox relay', () => relay.close());
  const reader = await startOutboxReader({ ...outboxDeps, receive: notifications.tellOwn });
  lifecycle.onClose('outbox reader', () => reader.close());
  const keyStore = createSigningKeyStore<PrivateJwk>(pool, clock);
  const databaseKeys =
    config.jwtPrivateKeyPem === null
      ? await startKeyRing({
          first: await step('the signing keys', loadSigningKeys(pool, generateSigningKey)),
          async readKeys() {
            const keys = await keyStore.read();
            return keys.length > 0 ? keys : loadSigningKeys(pool, generateSigningKey);
          },
          clock,
          onFailed: failed('signing keys read'),
          onFull: dropped('tokens over limit'),
        })
      : null;
  lifecycle.onClose('signing keys', () => databaseKeys?.close());
  const ring = databaseKeys ?? ringOf(await signingKeyFromPem(config.jwtPrivateKeyPem ?? ''));
  const { limits } = config;
  const limiterOf = createRateLimiters(backend.limitStore, ring);
  const lifetimeMs = config.refreshTokenDays * DAY_MS;
  const { eraseElsewhere } = historyBackend;
  const accountsStore = createAccountsStore(prisma, { sessionLifetimeMs: lifetimeMs, eraseElsewhere }, clock);
  const signIn = {
    passwords: await createPasswords(dropped('passwords over limit')),
    signInLimit: createSignInLimit({
      failuresOfHandle: limiterOf('failures of handle', { points: limits.signInFailures, seconds: 600 }),
      failures: limiterOf('failures', { points: limits.signInFailuresPerAddress, seconds: 600 }),
      signUps: limiterOf('sign-ups', { points: limits.signUpsPerAddress, seconds: 3_600 }),
      onFailed: metrics.signInFailed,
      onRefused: dropped('sign-ins over limit'),
    }),
    sessions: createSessionCheck({ activeSessions: createActiveSessions(pool, clock), clock }),
  };
  const accounts = createAccounts({
    ...signIn,
    store: accountsStore,
    outbox,
    accessTokens: createAccessTokens({
      ring,
      lifetimeMs: config.accessTokenSeconds * 1_000,
      now,
    }),
    refreshTokens: createRefreshTokens({ lifetimeMs }),
    openId:
      config.oidc === null
        ? null
        : createOpenIdSignIn({
            verifier: createOpenIdTokens({ ...config.oidc, now }),
            store: accountsStore,
            newId,
            monotonic,
          }),
    clearLocation: (userId) => republisher.clear(userId, now()),
    newId,
    now,
    clock,
    log,
  });
  const accountSettings = createAccountSettings({
    ...signIn,
    store: createAccountSettingsStore(prisma, clock),
    outbox,
    accounts,
    endSession: accountsStore.endSession,
  });
  const deviceTokens = createDeviceTokens({
    store: createDeviceTokenStore(prisma, clock),
    secrets,
    newId,
    now,
  });
  const sessionRecheck = startSessionRecheck(
    (userId) => userTopics.isSubscribed(userId) && backend.lease.isHeld(userId),
    clock,
  );
  lifecycle.onClose('session recheck', () => {
    sessionRecheck.close();
  });
  databaseKeys?.onRevoked(() => {
    sessionRecheck.doubtAll();
  });
  const viewerLifetimes = createViewerLifetimes({
    notifications,
    sessionRecheck,
    stillHolds: accounts.stillHolds,
    clock,
  });
  // The library is loaded only where it is used.
  const webPush = config.push && (await import('./adapters/web-push.js')).createWebPush(config.push);
  const push = createPushNotifications({
    store: createPushStore(prisma, clock),
    sender: webPush,
    services: config.push?.services ?? [],
    meter: metrics.pushed,
    onChanged: (userId) => nearWatch?.changed(userId),
    onFailed: failed('push'),
  });
  lifecycle.onClose('push messages', () => {
    push.close();
  });
  const friends = createFriends({
    store: createFriendsStore(prisma, clock),
    outbox,
    limit: createFriendLimit({
      lookups: limiterOf('lookups', { points: limits.lookupsPerUser, seconds: 3_600 }),
      lookupsOfAddress: limiterOf('lookups of address', {
        points: limits.lookupsPerUser * USERS_PER_ADDRESS,
        seconds: 3_600,
      }),
      requests: limiterOf('requests', { points: limits.friendRequestsPerUser, seconds: 86_400 }),
      requestsToOne: limiterOf('requests to one', { points: REQUESTS_TO_ONE_A_DAY, seconds: 86_400 }),
      onRefused: dropped('friend requests over limit'),
    }),
    newId,
    now,
    onAsked: push.asked,
  });

  // Locations: recorded, published, and seen by friends.
  const ticks = createServerTickScheduler(config.frameIntervalMs, clock);
  const history = createHistoryBuffer({
    writer: historyBackend.writer,
    clock,
    ...HISTORY,
    maxBatchRows: historyBackend.maxBatchRows,
    ticks,
    meter: metrics.history,
    onWriteFailed: failed('history write'),
  });
  lifecycle.onClose('history buffer', async () => {
    const left = await history.flush(FLUSH_DEADLINE_MS);
    if (left > 0) log.error({ rows: left }, 'location history could not be written before the end');
    history.close();
  });
  const subscriptions = createSubscriptionQuota(
    limits.subscriptionsPerUser,
    dropped('subscriptions over limit'),
  );
  const listDeps = {
    dispatcher,
    notifications,
    announcements,
    announcer,
    olderServers,
    viewerLifetimes,
    lease: backend.lease,
    friends: friendReader,
    ticks,
    defaultRadiusMeters: config.defaultRadiusMeters,
    maxRadiusMeters: config.sharingMaxRadiusMeters,
    clock,
    onReadFailed: failed('friends or locations read'),
  };
  const nearbyFriends = createNearbyFriends({
    ...listDeps,
    frameIntervalMs: config.frameIntervalMs,
    subscriptions,
    meter: metrics.frames,
  });
  lifecycle.onClose('nearby subscriptions', () => {
    nearbyFriends.close();
  });

  // Who is near, for users without an open app: lists that are in no client's number or metric.
  const nearAlertStore = createNearAlertStore(prisma, pool, clock, session.nameStatement);
  const alertLists = createNearbyFriends({
    ...listDeps,
    frameIntervalMs: ALERT_INTERVAL_MS,
    subscriptions: { open: () => undefined, close: () => undefined },
    meter: { sent: () => undefined },
  });
  const nearWatch =
    config.push === null
      ? null
      : createNearWatch({
          store: nearAlertStore,
          lists: alertLists,
          friends: friendReader,
          oncePerHour: limiterOf('near alerts', { points: 1, seconds: 3_600, onlyTogether: true }),
          push,
          locationTtlMs,
          clock,
          onFailed: failed('push'),
          onFull: dropped('alerts over limit'),
        });
  lifecycle.onClose('near alerts', () => nearWatch?.close());
  const allLists = [nearbyFriends, alertLists];
  olderServers.onAppeared(() => {
    for (const lists of allLists) lists.resyncAll();
  });
  const locations = createPublishLocation({
    store: republisher,
    dispatcher,
    history,
    fingerprintsOf: historyBackend.store.fingerprintsOf,
    limit: createUpdateLimit({
      perSecond: limits.updatesPerSecond,
      maxSpeed: config.maxSpeedMetersPerSecond,
      clock,
      onTooMany: dropped('updates over limit'),
      onTooFast: dropped('travel too fast'),
    }),
    clock,
    ticks: config.frameIntervalMs > 0 ? ticks : null,
    retentionMs: config.historyRetentionDays * DAY_MS,
    locationTtlMs,
    commitWaitMs: COMMIT_WAIT_MS,
    newId,
    fingerprint: fingerprintOf,
    deviceTag,
    meter: metrics.updates,
    onReported: nearWatch?.reported ?? null,
    trace: tracing?.update ?? null,
    onPublishFailed: failed('live update'),
    onReadFailed: failed('history read'),
  });
  const sharingStream = createSharingStream({
    dispatcher,
    friends,
    notifications,
    lease: backend.lease,
    subscriptions,
    viewerLifetimes,
    deviceTag,
    clock,
    onReadFailed: failed('friends or locations read'),
  });
  lifecycle.onClose('sharing subscriptions', () => {
    sharingStream.close();
  });
  backend.lease.onRenewed(() => {
    for (const lists of allLists) lists.resume();
    sharingStream.resume();
  });
  const services: Services = {
    accounts,
    accountSettings,
    deviceTokens,
    friends,
    nearbyFriends,
    locationHistory: createLocationHistory(historyBackend.store),
    friendRequestStream: createFriendRequestStream({
      notifications,
      subscriptions,
      viewerLifetimes,
      onGivenUp: dropped('requests full'),
    }),
    sharingStream,
    nearAlerts: createNearAlerts({
      store: nearAlertStore,
      onChanged: (userId) => nearWatch?.changed(userId),
    }),
    push,
    locations,
    placement: createPlacement({
      store: backend.locations,
      numberOf: createPlaceNumbers(ring),
      clock,
    }),
    serverInfo: () => ({
      time: now(),
      locationTtlSeconds: config.locationTtlSeconds,
      pushPublicKey: config.push?.publicKey ?? null,
    }),
  };

  // Regular upkeep of the database.
  const upkeep = await startUpkeep(
    [
      () => maintainPartitions(pool, now(), config.historyRetentionDays),
      () => accounts.eraseDeletedUsers(),
      () => accounts.sweepSessions(),
      () => keyStore.deleteRetired(),
    ],
    UPKEEP_INTERVAL_MS,
    clock,
    failed('upkeep'),
  );
  lifecycle.onClose('upkeep', () => upkeep.close());

  // HTTP and WebSocket.
  const schema = buildSchema(clock);
  const documents = createDocumentCache();
  const durationsOf = createOperationDurations(metrics.operationDurations);
  const trustedDocuments = readTrustedDocuments(config.trustedDocuments);
  const { allowedOrigins } = config;
  const shared = {
    schema,
    services,
    documents,
    durationsOf,
    trustedDocuments,
    allowedOrigins,
    log,
    reportFailure,
  };
  const eventStreams = createEventStreams(clock, dropped('slow reader'));
  lifecycle.onClose('event streams', () => {
    eventStreams.close();
  });
  const { graphiql, introspection } = config;
  const yoga = createGraphQLServer({ ...shared, eventStreams, graphiql, introspection, clock });
  const clientAddress = createClientAddress(config.trustedProxies);
  const webSocket = createWebSocketEndpoint({
    ...shared,
    yoga,
    notifications,
    sessionRecheck,
    clientAddress,
    limits,
    clock,
    meter: metrics,
  });
  lifecycle.onClose('WebSockets', () => {
    webSocket.close();
  });

  // Messages may have been lost. The order matters: a topic must count as unsubscribed before its location is
  // read again, and that read must have begun before a list waits for it.
  backend.topics.onInterrupted((interruption) => {
    userTopics.awaitRestored(interruption);
    inboxes.awaitRestored(interruption);
    dispatcher.reload(interruption.users);
    for (const lists of allLists) lists.resync(interruption);
    sharingStream.resync(interruption);
  });

  const databaseWorks = createDatabaseCheck(pool, session.schema, clock, log);
  const isReady = async (): Promise<boolean> =>
    lifecycle.stage === 'ready' && backend.isUp() && (await databaseWorks());
  metrics.registerGauges(isReady, {
    sockets: webSocket.connections,
    nearbyFriends,
    userTopics,
    history,
    nearWatch: nearWatch ?? { size: 0 },
    pool,
    version: VERSION,
  });
  const http = createHttpServer({
    yoga,
    webSocket,
    clientAddress,
    ingest: createIngest({
      deviceTokens,
      locations,
      nearbyFriends,
      fixId,
      now,
      onLeftOut: dropped('app location refused'),
    }),
    page: createMapPage({
      tiles: config.tiles,
      defaultRadiusMeters: config.defaultRadiusMeters,
      locationTtlSeconds: config.locationTtlSeconds,
      demoAccount: overrides.demoAccount ?? (() => null),
    }),
    lifecycle,
    metrics,
    metricsElsewhere: config.metricsPort !== null,
    clock,
    log,
    isReady,
    publicKeys: () => jwksOf(ring.keys),
  });
  let metricsUrl: string | null = null;
  if (config.metricsPort !== null) {
    const metricsServer = createMetricsServer(metrics, (error) => {
      log.error({ err: error }, 'metrics could not be read');
    });
    metricsUrl = await listen(metricsServer, config.host, config.metricsPort, 'METRICS_PORT, HOST');
    lifecycle.onClose('metrics server', () => {
      metricsServer.closeAllConnections();
      metricsServer.close();
    });
  }
  const url = await listen(http.server, config.host, config.port);
  lifecycle.onClose('HTTP server', () => {
    http.server.closeAllConnections();
    http.server.close();
  });
  lifecycle.enter('ready');

  let draining: Promise<void> | null = null;
  let hasten = (): void => undefined;
  async function drainAndClose(hastened: Promise<void>): Promise<void> {
    lifecycle.enter('draining');
    const { connections } = webSocket;
    log.info({ sockets: connections.size }, 'draining');
    await drain({ connections, http, drainMs: config.drainSeconds * 1_000, clock, hastened });
    await lifecycle.close();
  }

  return {
    url,
    metricsUrl,
    drain() {
      if (draining === null) draining = drainAndClose(new Promise((resolve) => (hasten = resolve)));
      else hasten();
      return draining;
    },
    close: () => lifecycle.close(),
  };
}
