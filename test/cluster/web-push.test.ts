/** Push messages to browsers, over two servers and a push service that checks and decrypts them. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { act, ask, befriend, codesOf, metric, move, request, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type PushService, startPushService, type TestBrowser } from '../support/push-service.js';
import { travel } from '../support/sphere.js';

/** A message is sent at the latest so soon: lists behind alerts have a frame every two seconds. */
const SENT = { timeout: 6_000, interval: 20 };
const HERE = { latitude: 48.2, longitude: 16.37 };
const away = (meters: number) => travel(HERE, 80, meters);

let service: PushService;
let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  service = await startPushService();
  cluster = await startTestCluster(2, { push: service.config });
  [here, there] = cluster.urls as [string, string];
});
afterEach(() => {
  expect(service.problems.splice(0)).toEqual([]);
});
afterAll(async () => {
  await cluster.close();
  await service.close();
});

const ADD = 'mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) }';

const inputOf = ({ endpoint, p256dh, auth }: TestBrowser) => ({ input: { endpoint, p256dh, auth } });

async function subscribe(url: string, user: TestUser, browser = service.subscribe()): Promise<TestBrowser> {
  await ask(url, user.token, ADD, inputOf(browser));
  return browser;
}

const alertOn = (url: string, user: TestUser, friend: TestUser, radiusMeters: number | null) =>
  act(
    url,
    user,
    `setNearAlert(friendId: "${friend.id}", radiusMeters: ${radiusMeters}) { friend { id } radiusMeters }`,
  );

const messages = (browser: TestBrowser) => browser.received.map(({ message }) => message);

const near = ({ id }: TestUser, displayName = 'Ada') => ({ kind: 'near', friend: { id, displayName } });

/** Bob, who has a browser, and Ada, his friend, of whom he wants to hear within 500 m. */
async function pair(radiusMeters = 500) {
  const [bob, ada] = [await signUp(here), await signUp(here, undefined, 'Ada')];
  await befriend(here, bob, ada);
  const browser = await subscribe(here, bob);
  await alertOn(here, bob, ada, radiusMeters);
  return { bob, ada, browser };
}

/** What Bob was sent of Ada, once whatever was to be sent is sent: another friend comes near after it. */
async function settled({ bob, ada, browser }: Awaited<ReturnType<typeof pair>>, url = here) {
  const eve = await signUp(url, undefined, 'Eve');
  await befriend(url, bob, eve);
  await alertOn(url, bob, eve, 400);
  await move(url, eve, HERE);
  await move(url, bob, HERE);
  await expect.poll(() => messages(browser), SENT).toContainEqual(near(eve, 'Eve'));
  return messages(browser).filter((message) => JSON.stringify(message).includes(ada.id));
}

describe('friend requests', () => {
  it('whoever is asked gets a message in each browser, with the name of who asks', async () => {
    const [bob, ada] = [await signUp(here), await signUp(there, undefined, 'Ada')];
    const browsers = [await subscribe(here, bob), await subscribe(there, bob)];
    await act(there, ada, `sendFriendRequest(userId: "${bob.id}") { id }`);
    const message = { kind: 'friend-request', from: { id: ada.id, displayName: 'Ada' } };
    for (const browser of browsers) {
      await expect.poll(() => browser.received, SENT).toHaveLength(1);
      expect(browser.received[0]).toMatchObject({ message, ttl: '86400', urgency: 'normal' });
      expect(browser.received[0]?.topic).toMatch(/^[\w-]{32}$/);
    }
    // The push service reads topics: it can't tell that both browsers were told of the same person.
    expect(browsers[0]?.received[0]?.topic).not.toBe(browsers[1]?.received[0]?.topic);
  });

  it('nobody is told of a request that makes a friendship, is asked again, or comes after a decline', async () => {
    const [bob, ada] = [await signUp(here), await signUp(there, undefined, 'Ada')];
    const [ofBob, ofAda] = [await subscribe(here, bob), await subscribe(here, ada)];
    const send = () => act(there, ada, `sendFriendRequest(userId: "${bob.id}") { id }`);
    const { id } = (await send()) as { id: string };
    await send();
    await act(here, bob, `declineFriendRequest(requestId: "${id}") { id }`);
    await send();
    await act(here, bob, `sendFriendRequest(userId: "${ada.id}") { id }`);
    const cid = await signUp(here);
    for (const user of [bob, ada]) await act(here, cid, `sendFriendRequest(userId: "${user.id}") { id }`);
    await expect.poll(() => ofBob.received, SENT).toHaveLength(2);
    await expect.poll(() => ofAda.received, SENT).toHaveLength(1);
    expect(messages(ofAda)).toMatchObject([{ from: { id: cid.id } }]);
  });

  it('who is blocked sends nothing', async () => {
    const [bob, ada] = [await signUp(here), await signUp(here)];
    const browser = await subscribe(here, bob);
    await act(here, bob, `blockUser(userId: "${ada.id}")`);
    const send = `mutation { sendFriendRequest(userId: "${bob.id}") { id } }`;
    expect(await codesOf(here, ada.token, send)).toEqual(['NOT_FOUND']);
    const cid = await signUp(here);
    await act(here, cid, `sendFriendRequest(userId: "${bob.id}") { id }`);
    await expect.poll(() => messages(browser), SENT).toMatchObject([{ from: { id: cid.id } }]);
  });
});

describe('friends who come near', () => {
  it('a message says who came within the radius, and nothing of where; not who stays or is farther away', async () => {
    const { bob, ada, browser } = await pair();
    await move(here, bob, HERE);
    await move(there, ada, away(900));
    expect(await settled({ bob, ada, browser })).toEqual([]);
    await move(there, ada, away(450));
    await expect.poll(() => messages(browser), SENT).toContainEqual(near(ada));
    const [message] = browser.received.filter(({ message }) => JSON.stringify(message).includes(ada.id));
    expect(message).toMatchObject({ ttl: '300', urgency: 'high' });
    expect(message?.message).toEqual(near(ada));
    await move(there, ada, away(100));
    expect(await settled({ bob, ada, browser })).toHaveLength(1);
  });

  it('it is sent when the user comes to the friend, too', async () => {
    const { bob, ada, browser } = await pair();
    await move(there, ada, HERE);
    await move(here, bob, away(5_000));
    await move(here, bob, away(300));
    await expect.poll(() => messages(browser), SENT).toEqual([near(ada)]);
  });

  it('it is sent once an hour for each friend, though both servers watch and the friend comes and goes', async () => {
    const { bob, ada, browser } = await pair();
    const watching = () => Promise.all([here, there].map((url) => metric(url, 'nearby_alerted_users')));
    const [before = 0] = (await watching()).slice(1);
    for (const url of [here, there]) await move(url, bob, HERE);
    await expect.poll(async () => (await watching())[1], SENT).toBe(before + 1);
    for (const meters of [200, 3_000, 200, 3_000, 200]) await move(there, ada, away(meters));
    await expect.poll(() => messages(browser), SENT).toContainEqual(near(ada));
    expect(await settled({ bob, ada, browser }, there)).toEqual([near(ada)]);
    expect(await settled({ bob, ada, browser }, here)).toEqual(expect.arrayContaining([near(ada)]));
  });

  it.each([
    ['pauses', (ada: TestUser) => act(there, ada, 'updateSharing(input: { enabled: false }) { enabled }')],
    [
      'hides from the user',
      (ada: TestUser, bob: TestUser) =>
        act(there, ada, `setSharingException(input: { friendId: "${bob.id}", enabled: false }) { enabled }`),
    ],
    [
      'is no friend any more',
      (ada: TestUser, bob: TestUser) => act(there, ada, `removeFriend(userId: "${bob.id}")`),
    ],
    [
      'shares with those alone who are nearer',
      (ada: TestUser) =>
        act(there, ada, 'updateSharing(input: { enabled: true, maxRadiusMeters: 50 }) { enabled }'),
    ],
    [
      'takes the place back',
      async (ada: TestUser) =>
        void (await move(there, ada, away(3_000)), await act(there, ada, 'clearLocation')),
    ],
    ['is not alerted on any more', (ada: TestUser, bob: TestUser) => alertOn(here, bob, ada, null)],
  ])('nothing is sent of a friend who %s', async (name, change) => {
    const { bob, ada, browser } = await pair();
    await move(here, bob, HERE);
    await move(there, ada, away(3_000));
    await change(ada, bob);
    if (!name.includes('back')) await move(there, ada, away(100));
    expect(await settled({ bob, ada, browser })).toEqual([]);
  });

  it('nothing is sent to a user whose own place is not known', async () => {
    const { bob, ada, browser } = await pair();
    await move(here, bob, HERE);
    await act(here, bob, 'clearLocation');
    await move(there, ada, away(100));
    expect(messages(browser)).toEqual([]);
    await act(here, ada, 'clearLocation');
    expect(await settled({ bob, ada, browser })).toEqual([]);
  });

  it('who is seen approximately is near when the place that is shown is', async () => {
    const { bob, ada, browser } = await pair(20);
    await act(here, ada, 'updateSharing(input: { enabled: true, precision: APPROXIMATE }) { enabled }');
    await move(here, ada, HERE);
    // Of Ada the middle of a cell is shown: Bob stands there, some hundred metres from her.
    await move(here, bob, away(10));
    const query = '{ nearbyFriends { friend { id } location { latitude longitude } } }';
    const { nearbyFriends } = await ask<{ nearbyFriends: { location: typeof HERE }[] }>(
      here,
      bob.token,
      query,
    );
    const [{ location } = { location: HERE }] = nearbyFriends;
    expect(location).not.toEqual(HERE);
    await move(here, bob, location);
    await expect.poll(() => messages(browser), SENT).toEqual([near(ada)]);
  });

  it('an alert is set, read in pages, changed and ended, and ends with the friendship', async () => {
    const { bob, ada, browser } = await pair();
    const eve = await signUp(here);
    await befriend(here, bob, eve);
    expect(await alertOn(there, bob, eve, 1_000.5)).toEqual({
      friend: { id: eve.id },
      radiusMeters: 1_000.5,
    });
    await alertOn(there, bob, ada, 700);
    const page = async (args: string) => {
      const query = `{ nearAlerts(${args}) { edges { node { friend { id } radiusMeters } } pageInfo { hasNextPage endCursor } } }`;
      const { nearAlerts } = await ask<{
        nearAlerts: { edges: { node: unknown }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      }>(here, bob.token, query);
      return { nodes: nearAlerts.edges.map(({ node }) => node), ...nearAlerts.pageInfo };
    };
    const first = await page('first: 1');
    expect(first).toMatchObject({
      nodes: [{ friend: { id: ada.id }, radiusMeters: 700 }],
      hasNextPage: true,
    });
    expect((await page(`first: 1, after: "${first.endCursor}"`)).nodes).toEqual([
      { friend: { id: eve.id }, radiusMeters: 1_000.5 },
    ]);
    expect(await alertOn(here, bob, eve, null)).toBeNull();
    await act(here, ada, `removeFriend(userId: "${bob.id}")`);
    await befriend(here, ada, bob);
    expect((await page('first: 9')).nodes).toEqual([]);
    expect(messages(browser).filter((message) => JSON.stringify(message).includes('"near"'))).toEqual([]);

    const set = (friendId: string, radius: number | string) =>
      codesOf(
        here,
        bob.token,
        `mutation { setNearAlert(friendId: "${friendId}", radiusMeters: ${radius}) { radiusMeters } }`,
      );
    const stranger = await signUp(here);
    expect(await set(stranger.id, 100)).toEqual(['NOT_FOUND']);
    expect(await set('nobody', 100)).toEqual(['BAD_USER_INPUT']);
    for (const radius of [0, -1, 500_001]) expect(await set(ada.id, radius)).toEqual(['BAD_USER_INPUT']);
  });
});

describe('subscriptions', () => {
  const asked = async (user: TestUser) => {
    const somebody = await signUp(here);
    await act(here, somebody, `sendFriendRequest(userId: "${user.id}") { id }`);
    return somebody;
  };

  it('one that its push service does not know any more ends, for 404 and 410', async () => {
    for (const status of [404, 410]) {
      const user = await signUp(here);
      const [gone, other] = [await subscribe(here, user), await subscribe(here, user)];
      service.answer(gone, (_request, response) => void response.writeHead(status).end());
      await asked(user);
      await expect.poll(() => other.received, SENT).toHaveLength(1);
      const removed = () => act(here, user, `removePushSubscription(endpoint: "${gone.endpoint}")`);
      await expect
        .poll(() => metric(here, 'nearby_pushes_total{kind="friend-request",outcome="gone"}'), SENT)
        .toBeGreaterThan(0);
      await expect.poll(removed, SENT).toBe(false);
    }
  });

  it('one whose key is on no curve ends with the first message', async () => {
    const user = await signUp(here);
    const browser = service.subscribe();
    const p256dh = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]).toString('base64url');
    await ask(here, user.token, ADD, { input: { ...inputOf(browser).input, p256dh } });
    const before = service.requests;
    await asked(user);
    await expect.poll(keptEndpoints, SENT).not.toContain(browser.endpoint);
    expect(service.requests).toBe(before);
  });

  it('a redirect is not followed, and keeps the subscription', async () => {
    const user = await signUp(here);
    const [moved, target] = [await subscribe(here, user), service.subscribe()];
    service.answer(
      moved,
      (_request, response) => void response.writeHead(307, { location: target.endpoint }).end(),
    );
    const refused = () => metric(here, 'nearby_pushes_total{kind="friend-request",outcome="refused"}');
    const before = await refused();
    await asked(user);
    await expect.poll(refused, SENT).toBe(before + 1);
    expect(target.received).toEqual([]);
    expect(await act(here, user, `removePushSubscription(endpoint: "${moved.endpoint}")`)).toBe(true);
  });

  it('signing out, ending the session, a new password and deleting the account end it', async () => {
    const ends: ((user: TestUser) => Promise<unknown>)[] = [
      (user) => act(here, user, 'signOut'),
      async (user) => {
        const { sessions } = await ask<{ sessions: { edges: { node: { id: string } }[] } }>(
          here,
          user.token,
          '{ sessions { edges { node { id } } } }',
        );
        return act(there, user, `endSession(id: "${sessions.edges[0]?.node.id}")`);
      },
    ];
    for (const end of ends) {
      const user = await signUp(here);
      const browser = await subscribe(here, user);
      await end(user);
      await asked(user);
      await fence();
      expect(browser.received).toEqual([]);
    }

    const user = await signUp(here);
    const browser = await subscribe(here, user);
    const { signIn } = await ask<{ signIn: { accessToken: string } }>(
      here,
      null,
      `mutation { signIn(input: { handle: "${user.handle}", password: "correct horse battery" }) { accessToken } }`,
    );
    const other = { ...user, token: signIn.accessToken };
    const ofOther = await subscribe(here, other);
    await act(
      here,
      other,
      'changePassword(input: { currentPassword: "correct horse battery", newPassword: "battery horse correct" })',
    );
    await asked(user);
    await expect.poll(() => ofOther.received, SENT).toHaveLength(1);
    expect(browser.received).toEqual([]);
    await act(here, other, 'deleteAccount');
    expect(await keptEndpoints()).not.toContain(ofOther.endpoint);
  });

  async function keptEndpoints(): Promise<string[]> {
    const client = new pg.Client(cluster.database.url);
    await client.connect();
    const { rows } = await client.query<{ endpoint: string }>('SELECT endpoint FROM push_subscriptions');
    await client.end();
    return rows.map(({ endpoint }) => endpoint);
  }

  /** What was sent before has arrived: somebody else's message, sent after it, has. */
  async function fence(): Promise<void> {
    const user = await signUp(here);
    const browser = await subscribe(here, user);
    await asked(user);
    await expect.poll(() => browser.received, SENT).toHaveLength(1);
  }

  it('the same again is one; another user who signs in on the browser takes it over', async () => {
    const [ann, bob] = [await signUp(here), await signUp(here)];
    const browser = await subscribe(here, ann);
    await subscribe(there, ann, browser);
    await asked(ann);
    await expect.poll(() => browser.received, SENT).toHaveLength(1);
    await subscribe(here, bob, browser);
    await asked(ann);
    const asker = await asked(bob);
    await expect.poll(() => browser.received, SENT).toHaveLength(2);
    expect(messages(browser).at(-1)).toMatchObject({ from: { id: asker.id } });
    expect(await act(here, ann, `removePushSubscription(endpoint: "${browser.endpoint}")`)).toBe(false);
    expect(await act(here, bob, `removePushSubscription(endpoint: "${browser.endpoint}")`)).toBe(true);
  });

  it('of more than ten of a user the oldest ends', async () => {
    const user = await signUp(here);
    const browsers: TestBrowser[] = [];
    for (let count = 0; count < 11; count++) browsers.push(await subscribe(here, user));
    // The first was renewed, so the second is the oldest.
    await asked(user);
    const [first, ...others] = browsers;
    for (const browser of others) await expect.poll(() => browser.received, SENT).toHaveLength(1);
    expect(first?.received).toEqual([]);
  });

  it('an endpoint of another service, and keys that are none, are refused without being called', async () => {
    const user = await signUp(here);
    const good = service.subscribe();
    const before = service.requests;
    const { port } = new URL(service.origin);
    const wrong = [
      ...[
        'https://fcm.googleapis.com/fcm/send/x',
        `http://localhost:${port}/push/x`,
        `http://127.0.0.1:${Number(port) + 1}/push/x`,
        `https://127.0.0.1:${port}/push/x`,
        `http://someone@127.0.0.1:${port}/push/x`,
        `http://127.0.0.1:${port}@example.org/push/x`,
        'http://169.254.169.254/latest/meta-data',
        'file:///etc/passwd',
        'nonsense',
        '',
        `${service.origin}/${'x'.repeat(2_000)}`,
      ].map((endpoint) => ({ endpoint })),
      ...['', 'x', good.auth, `A${good.p256dh.slice(1)}`, `${good.p256dh}AAAA`].map((p256dh) => ({ p256dh })),
      ...['', 'x', good.p256dh].map((auth) => ({ auth })),
    ];
    for (const input of wrong) {
      const answer = await request(here, user.token, ADD, { input: { ...inputOf(good).input, ...input } });
      expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
      if ('endpoint' in input && input.endpoint !== '')
        expect(answer.errors?.[0]?.message).not.toContain(input.endpoint);
    }
    expect(service.requests).toBe(before);
    expect(await codesOf(here, null, ADD, inputOf(good))).toEqual(['UNAUTHENTICATED']);
  });

  it('the server tells its public key', async () => {
    const user = await signUp(here);
    expect(await ask(here, user.token, '{ server { pushPublicKey } }')).toEqual({
      server: { pushPublicKey: service.config.publicKey },
    });
  });
});
