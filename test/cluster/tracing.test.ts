import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { befriend, codesOf, metric, move, signUp, signUpFriends, UPDATE_LOCATION } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import {
  type ReceivedSpan,
  startTraceReceiver,
  type TraceReceiver,
  valuesOf,
} from '../support/trace-receiver.js';

const HERE = { latitude: 47.376887, longitude: 8.541694 };
const ERROR = 2;
const WAIT = { timeout: 10_000 };

let receiver: TraceReceiver;

beforeAll(async () => {
  receiver = await startTraceReceiver();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '20');
  vi.stubEnv('OTEL_SERVICE_NAME', 'nearby-under-test');
});

afterAll(() => {
  vi.unstubAllEnvs();
  receiver.close();
});

/** What the newest location of a user is kept as. */
async function recordOf(cluster: TestCluster, userId: string): Promise<unknown[]> {
  const redis = new Redis(cluster.redis.url);
  const record = await redis.get(cluster.names.locationKey(userId)).finally(() => redis.disconnect());
  return JSON.parse(record ?? '[]') as unknown[];
}

describe('with tracing on', () => {
  let cluster: TestCluster;
  let here: string;
  let there: string;

  beforeAll(async () => {
    cluster = await startTestCluster(2, { tracing: true });
    [here, there] = cluster.urls as [string, string];
  });

  afterAll(() => cluster.close());

  it('one trace follows an update from the server that received it to the watchers on another', async () => {
    const [ann, bob] = await signUpFriends(here);
    const carol = await signUp(there);
    await befriend(here, bob, carol);
    await Promise.all([ann, bob, carol].map((user) => move(here, user, HERE)));
    const lists = [ann, carol].map((user) => follow(there, user));
    await Promise.all(lists.map((list) => list.next()));
    // What all did is exported before bob moves.
    await vi.waitFor(() => expect(receiver.spans).toHaveLength(9), WAIT);
    const before = receiver.spans.length;
    const place = travel(HERE, 0, 123);
    await move(here, bob, place);
    await Promise.all(lists.map((list) => list.next()));
    await vi.waitFor(() => expect(receiver.spans.slice(before)).toHaveLength(4), WAIT);

    const spans = receiver.spans.slice(before);
    const named = (name: string): ReceivedSpan => {
      const [span, ...more] = spans.filter((each) => each.name === name);
      if (span === undefined || more.length > 0)
        throw new Error(`one span ${name} in ${JSON.stringify(spans)}`);
      return span;
    };
    const root = named('updateLocation');
    const told = named('tell watchers');
    expect(root.parentSpanId ?? '').toBe('');
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    for (const name of ['history commit', 'publish', 'tell watchers'])
      expect(named(name).parentSpanId, name).toBe(root.spanId);
    expect(valuesOf(told.attributes)).toEqual({ 'nearby.watchers': 2 });
    const serverOf = ({ resource }: ReceivedSpan): unknown => resource['service.instance.id'];
    expect([serverOf(named('history commit')), serverOf(named('publish'))]).toEqual([
      serverOf(root),
      serverOf(root),
    ]);
    expect(serverOf(told)).not.toBe(serverOf(root));
    for (const { resource } of spans) expect(resource['service.name']).toBe('nearby-under-test');

    for (const user of [ann, bob, carol])
      for (const secret of [user.id, user.handle, user.token])
        expect(receiver.bodies.join()).not.toContain(secret);
    for (const degrees of [HERE.latitude, HERE.longitude, place.latitude, place.longitude])
      expect(receiver.bodies.join()).not.toContain(String(degrees).slice(0, 6));
  });

  it('an update that is refused ends its span with the kind of the error and none of its text', async () => {
    const user = await signUp(here);
    const recordedAt = new Date(Date.now() + 3_600_000).toISOString();
    const input = { latitude: 61.23, longitude: 8.54, recordedAt };
    expect(await codesOf(here, user.token, UPDATE_LOCATION, { input })).toEqual(['BAD_USER_INPUT']);
    const refused = await vi.waitFor(() => {
      const span = receiver.spans.find(({ status }) => status.code === ERROR);
      if (span === undefined) throw new Error('not exported yet');
      return span;
    }, WAIT);
    expect(refused).toMatchObject({ name: 'updateLocation', status: { code: ERROR } });
    expect(valuesOf(refused.attributes)).toEqual({ 'error.type': 'invalid' });
    expect(JSON.stringify(refused)).not.toMatch(/61\.23|recordedAt/);
  });

  it('a collector that is away is counted and harms nothing else', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500');
    const own = await startTestCluster(1, { tracing: true });
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '');
    onTestFinished(() => own.close());
    const url = own.urls[0] as string;
    expect(await move(url, await signUp(url), HERE)).toMatchObject({ recorded: true });
    const failures = () => metric(url, 'nearby_dependency_failures_total{cause="trace export"}');
    await vi.waitFor(async () => expect(await failures()).toBeGreaterThan(0), {
      timeout: 15_000,
      interval: 100,
    });
  });
});

describe('nothing travels and nothing is exported', () => {
  it.each([
    ['with tracing off', false, 'always_on'],
    ['for updates that are not sampled', true, 'always_off'],
  ])('%s', async (_name, tracing, sampler) => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', sampler);
    const own = await startTestCluster(1, { tracing });
    const url = own.urls[0] as string;
    const before = receiver.bodies.length;
    const [ann, bob] = await signUpFriends(url);
    await move(url, ann, HERE);
    const list = follow(url, ann);
    await list.next();
    await move(url, bob, HERE);
    expect((await list.next()).nearby).toHaveLength(1);
    // The last parts are the whereabouts and the cells.
    expect(await recordOf(own, bob.id)).toHaveLength(9);
    // Closing exports what is left.
    await own.close();
    expect(receiver.bodies.length).toBe(before);
  });
});
