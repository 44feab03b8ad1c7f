/** The SDK over storages that answer later, as those of React Native do. */
import {
  MeDocument,
  type NearbyFriendsClient,
  type SharingState,
  storedTokens,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { slowStorage } from '../support/async-storage.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import {
  countRows,
  follow,
  HERE,
  newHandle,
  openClient,
  openWithFriend,
  PASSWORD,
} from '../support/sdk-client.js';
import { startWire } from '../support/wire.js';
import { travel } from '../support/sphere.js';

const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());

const account = () => ({ handle: newHandle(), displayName: 'Me', password: PASSWORD });
const still = { watch: () => () => undefined, current: () => new Promise<never>(() => undefined) };
const fixAt = (meters: number) => ({
  ...travel(HERE, 0, meters),
  accuracyMeters: 5,
  takenAtMs: Date.now() + meters,
});

test('the user is signed in after the next start of the app', async () => {
  const storage = slowStorage();
  const first = openClient(url, { tokens: storedTokens(storage) });
  expect(await first.ready()).toBeNull();
  const { id } = await first.signUp(account());
  await first.close();
  const next = openClient(url, { tokens: storedTokens(storage) });
  expect(next.userId).toBeNull();
  expect(await next.ready()).toBe(id);
  expect(next.userId).toBe(id);
});

test('operations wait until the tokens are read', async () => {
  const storage = slowStorage();
  const { id } = await openClient(url, { tokens: storedTokens(storage) }).signUp(account());
  await vi.waitFor(() => expect(storage.items.size).toBe(1), WITHIN);
  storage.hold(true);
  const client = openClient(url, { tokens: storedTokens(storage) });
  const me = client.request(MeDocument);
  expect(() => client.shareLocation({ source: still })).toThrow('Await `client.ready()` before');
  storage.hold(false);
  expect((await me).me.id).toBe(id);
});

test('who signs in while the tokens of before are read stays signed in', async () => {
  const storage = slowStorage();
  await openClient(url, { tokens: storedTokens(storage) }).signUp(account());
  storage.hold(true);
  const client = openClient(url, { tokens: storedTokens(storage) });
  const { id } = await client.signUp(account());
  storage.hold(false);
  expect(await client.ready()).toBe(id);
  expect((await client.request(MeDocument)).me.id).toBe(id);
  await vi.waitFor(
    () => expect(JSON.parse([...storage.items.values()][0] ?? '{}')).toMatchObject({ userId: id }),
    WITHIN,
  );
});

test('who has signed out is signed out after the next start', async () => {
  const storage = slowStorage();
  const client = openClient(url, { tokens: storedTokens(storage) });
  await client.signUp(account());
  await client.signOut();
  expect(storage.items.size).toBe(0);
});

test('who signs out before the tokens are read is signed out on the server, too', async () => {
  const storage = slowStorage();
  const first = openClient(url, { tokens: storedTokens(storage) });
  await first.signUp(account());
  await vi.waitFor(() => expect(storage.items.size).toBe(1), WITHIN);
  await openClient(url, { tokens: storedTokens(storage) }).signOut();
  expect(storage.items.size).toBe(0);
  await expect(first.request(MeDocument)).rejects.toMatchObject({
    code: expect.stringMatching(/SIGNED_OUT/),
  });
});

test('a storage that takes nothing leaves the user signed in until the app ends', async () => {
  const storage = slowStorage();
  storage.isFull = true;
  const client = openClient(url, { tokens: storedTokens(storage) });
  const { id } = await client.signUp(account());
  expect((await client.request(MeDocument)).me.id).toBe(id);
  storage.isFull = false;
  await client.request(UpdateLocationDocument, { input: HERE });
  const list = follow(client);
  await vi.waitFor(() => expect(list.at(-1)?.origin).not.toBeNull(), WITHIN);
});

test('a storage that cannot be read counts as empty', async () => {
  const broken = { ...slowStorage(), getItem: () => Promise.reject(new Error('broken')) };
  const client = openClient(url, { tokens: storedTokens(broken) });
  expect(await client.ready()).toBeNull();
  const { id } = await client.signUp(account());
  expect(client.userId).toBe(id);
});

test('reports that wait survive the end of the app, and those made before they are read come on top', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const [tokens, reports] = [slowStorage(), slowStorage()];
  const open = (): NearbyFriendsClient => openClient(wire.url, { tokens: storedTokens(tokens) });
  const first = open();
  await first.signUp(account());
  wire.cut();
  const sharing = first.shareLocation({ source: still, storage: reports });
  for (const meters of [0, 200, 400]) sharing.report(fixAt(meters));
  const key = `nearby-friends-reports:${first.userId ?? ''}`;
  await vi.waitFor(() => expect(JSON.parse(reports.items.get(key) ?? '[]')).toHaveLength(3), WITHIN);
  await first.close();

  const next = open();
  await next.ready();
  reports.hold(true);
  const more = next.shareLocation({ source: still, storage: reports });
  more.report(fixAt(600));
  expect(more.waiting).toBe(1);
  reports.hold(false);
  await vi.waitFor(() => expect(more.waiting).toBe(4), WITHIN);
  wire.mend();
  await vi.waitFor(() => expect(more.waiting).toBe(0), WITHIN);
  expect(await countRows(cluster.database, next)).toBe(4);
  await vi.waitFor(() => expect(reports.items.has(key)).toBe(false), WITHIN);
});

test('the device has one name, whoever asks for it first, and keeps it', async () => {
  const storage = slowStorage();
  const { client } = await openWithFriend(url);
  const states: SharingState[] = [];
  onTestFinished(client.sharing({ storage }).subscribe((state) => states.push(state)));
  const sharing = client.shareLocation({ source: still, storage });
  sharing.report(fixAt(0));
  await vi.waitFor(() => expect(states.at(-1)?.place).toMatchObject({ ofThisDevice: true }), WITHIN);
  expect(storage.items.get('nearby-friends-device')).toMatch(/^[\da-f-]{36}$/);
});
