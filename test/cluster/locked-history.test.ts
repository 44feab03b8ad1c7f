/** What others feel when the history of one day is locked, a row is refused, or one user fills the memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask, codesOf, metric, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { query } from '../support/query.js';

const DAY_MS = 86_400_000;
const UPDATE_LOCATIONS = `mutation ($inputs: [UpdateLocationInput!]!) {
  updateLocations(inputs: $inputs) { recorded }
}`;
const DELETE_ACCOUNT = 'mutation { deleteAccount }';

let cluster: TestCluster;
let url: string;
let holder: pg.Client;
let ann: TestUser;
let bob: TestUser;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());
beforeEach(async () => {
  [ann, bob] = [await signUp(url), await signUp(url)];
  holder = new pg.Client({ connectionString: cluster.database.url });
  await holder.connect();
});
afterEach(() => holder.end());

const partitionOf = (atMs: number): string =>
  `location_history_${new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '')}`;

const lock = (table: string) => holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);

const rowsOf = async ({ id }: TestUser): Promise<number> =>
  (await query(cluster.database, 'SELECT FROM location_history WHERE user_id = $1', [id])).length;

test('a lock on yesterday keeps nothing of today from being written, and accounts may be deleted', async () => {
  const [carol, yesterday] = [await signUp(url), new Date(Date.now() - DAY_MS)];
  await lock(partitionOf(yesterday.getTime()));
  const late = move(url, ann, { latitude: 1, longitude: 1, recordedAt: yesterday.toISOString() });
  const backlog = ask(url, ann.token, UPDATE_LOCATIONS, {
    inputs: [
      { latitude: 1, longitude: 1, recordedAt: yesterday.toISOString() },
      { latitude: 1, longitude: 1 },
    ],
  });
  const deleted = sleep(500).then(() => codesOf(url, carol.token, DELETE_ACCOUNT));
  for (let nth = 0; nth < 40; nth++) {
    expect(await move(url, bob, { latitude: 2, longitude: 2 + nth / 1e5 })).toMatchObject({ recorded: true });
    await sleep(75);
  }
  expect(await deleted).toEqual([]);
  expect(await late).toMatchObject({ recorded: false });
  await backlog;
  const today = await holder.query(`SELECT FROM ${partitionOf(Date.now())} WHERE user_id = $1`, [ann.id]);
  expect(today.rowCount).toBe(1);

  await holder.query('COMMIT');
  await expect.poll(() => rowsOf(ann), { timeout: 5_000 }).toBe(3);
  expect(
    await move(url, ann, { latitude: 1, longitude: 1, recordedAt: yesterday.toISOString() }),
  ).toMatchObject({
    recorded: true,
  });
});

test.each([
  [
    'a trigger',
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.latitude = 66.6 THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON location_history FOR EACH ROW EXECUTE FUNCTION refuse()`,
    'DROP FUNCTION refuse CASCADE',
  ],
  [
    'a constraint',
    'ALTER TABLE location_history ADD CONSTRAINT refuse CHECK (latitude <> 66.6)',
    'ALTER TABLE location_history DROP CONSTRAINT refuse',
  ],
])(
  'a row that %s refuses for ever is given up; those beside it are written',
  async (_name, refuse, allow) => {
    await holder.query(refuse);
    const drops = () => metric(url, 'nearby_drops_total{cause="history row refused"}');
    const before = await drops();
    const bad = codesOf(
      url,
      ann.token,
      'mutation { updateLocation(input: { latitude: 66.6, longitude: 1 }) { recorded } }',
    );
    const good = Array.from({ length: 10 }, () => move(url, bob, { latitude: 2, longitude: 2 }));
    expect(await bad).toEqual(['BAD_USER_INPUT']);
    expect((await Promise.all(good)).map(({ recorded }) => recorded)).toEqual(good.map(() => true));
    expect((await drops()) - before).toBe(1);
    expect([await rowsOf(ann), await rowsOf(bob)]).toEqual([0, 10]);
    await holder.query(allow);
  },
);

test('one user fills no more than their share of the memory while nothing can be written', async () => {
  await lock('location_history');
  const inputs = Array.from({ length: 500 }, (_, index) => ({ latitude: 1, longitude: 1 + index / 1e6 }));
  const report = () => codesOf(url, ann.token, UPDATE_LOCATIONS, { inputs });
  expect(await Promise.all([report(), report(), report(), report()])).toEqual([[], [], [], []]);
  expect(await codesOf(url, ann.token, UPDATE_LOCATIONS, { inputs: inputs.slice(0, 1) })).toEqual([
    'UNAVAILABLE',
  ]);
  expect(await metric(url, 'nearby_drops_total{cause="history full for user"}')).toBe(1);
  expect(await move(url, bob, { latitude: 2, longitude: 2 })).toMatchObject({ recorded: false });
  await holder.query('COMMIT');
  await expect.poll(async () => (await rowsOf(ann)) + (await rowsOf(bob)), { timeout: 5_000 }).toBe(2_001);
  expect(await codesOf(url, ann.token, UPDATE_LOCATIONS, { inputs: inputs.slice(0, 1) })).toEqual([]);
});
