/** What somebody sees who runs the examples. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { App } from '../../examples/apollo-react/nearby-friends.js';
import { act, befriend, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openPage } from '../support/react-page.js';
import { HERE, openClient, PASSWORD } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A process of its own takes a while to start on a busy machine. */
const WITHIN = { timeout: 40_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

/** Ada, who looks, and Grace, who walks. */
async function adaAndGrace(): Promise<[TestUser, TestUser]> {
  const [ada, grace] = await Promise.all([signUp(url, undefined, 'Ada'), signUp(url, undefined, 'Grace')]);
  await befriend(url, ada, grace);
  await move(url, ada, HERE);
  return [ada, grace];
}

/** The lines that an example prints, as they come. */
function run(example: string, user: TestUser): string[] {
  const lines: string[] = [];
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', `examples/${example}`, `${url}/graphql`, user.handle, PASSWORD],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  onTestFinished(() => void child.kill());
  return lines;
}

test('plain', async () => {
  const [ada, grace] = await adaAndGrace();
  const lines = run('plain/nearby-friends.ts', ada);
  await vi.waitFor(() => expect(lines).toEqual(['live: nobody near']), WITHIN);
  await move(url, grace, travel(HERE, 0, 1_000));
  await vi.waitFor(() => expect(lines.at(-1)).toBe('live: Grace 1000 m'), WITHIN);
  await move(url, grace, travel(HERE, 0, 2_000));
  await vi.waitFor(() => expect(lines.at(-1)).toBe('live: Grace 2000 m'), WITHIN);
  await act(url, grace, 'updateSharing(input: { enabled: false }) { enabled }');
  await vi.waitFor(() => expect(lines.at(-1)).toBe('live: nobody near'), WITHIN);
}, 90_000);

test('urql', async () => {
  const [ada, grace] = await adaAndGrace();
  const lines = run('urql/nearby-friends.ts', ada);
  await vi.waitFor(() => expect(lines).toEqual(['signed in as Ada', 'nobody near']), WITHIN);
  await move(url, grace, travel(HERE, 0, 1_000));
  await vi.waitFor(() => expect(lines.at(-1)).toBe('Grace 1000 m'), WITHIN);
  await move(url, grace, travel(HERE, 0, 2_000));
  await vi.waitFor(() => expect(lines.at(-1)).toBe('Grace 2000 m'), WITHIN);
  await move(url, grace, travel(HERE, 0, 7_000));
  await vi.waitFor(() => expect(lines.at(-1)).toBe('nobody near'), WITHIN);
}, 90_000);

test('Apollo Client with React', async () => {
  const [ada, grace] = await adaAndGrace();
  const client = openClient(url);
  await client.signIn({ handle: ada.handle, password: PASSWORD });
  const page = await openPage();
  page.render(<App client={client} />);
  const shows = (heading: string, list: string) =>
    vi.waitFor(() => expect([page.text('h1'), page.text('ul.live')]).toEqual([heading, list]), WITHIN);
  await shows('0 near you', '');
  await move(url, grace, travel(HERE, 0, 1_000));
  await shows('1 near you', 'Grace, 1000 m');
  await move(url, grace, travel(HERE, 0, 2_000));
  await shows('1 near you', 'Grace, 2000 m');
  await act(url, ada, `removeFriend(userId: "${grace.id}")`);
  await shows('0 near you', '');
}, 90_000);
