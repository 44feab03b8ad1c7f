/**
 * Takes docs/images/graphiql.png: `npx tsx scripts/screenshot-graphiql.ts [URL]` against a running server,
 * http://127.0.0.1:4000 unless named. It signs up "ada" and "grace" there, who must not exist, and deletes them again.
 */
import { randomUUID } from 'node:crypto';
import { launchBrowser } from '../test/browser/browser.js';
import { openGraphiQL } from '../test/browser/graphiql-page.js';
import { ask, befriend, move, type TestUser } from '../test/support/api.js';

const IMAGE = 'docs/images/graphiql.png';
const [, , url = 'http://127.0.0.1:4000'] = process.argv;

async function signUp(handle: string, displayName: string): Promise<TestUser> {
  const mutation = `mutation ($input: SignUpInput!) {
    signUp(input: $input) { user { id handle } accessToken refreshToken }
  }`;
  const input = { handle, displayName, password: randomUUID() };
  const { signUp: grant } = await ask<{
    signUp: { user: { id: string; handle: string }; accessToken: string; refreshToken: string };
  }>(url, null, mutation, { input });
  return { ...grant.user, token: grant.accessToken, refreshToken: grant.refreshToken };
}

const ada = await signUp('ada', 'Ada');
const grace = await signUp('grace', 'Grace');
const browser = await launchBrowser();
try {
  await befriend(url, ada, grace);
  await move(url, ada, { latitude: 37.9755, longitude: 23.7348 });
  await move(url, grace, { latitude: 37.9715, longitude: 23.7267 });

  const graphiql = await openGraphiQL(browser, url);
  await graphiql.page.setViewportSize({ width: 1360, height: 760 });
  await graphiql.openTab('NearbyFriends');
  await graphiql.writeHeaders(JSON.stringify({ authorization: `Bearer ${ada.token}` }, null, 2));
  await graphiql.pressRun();
  await graphiql.page.locator('.result-window', { hasText: 'Grace' }).waitFor();
  await move(url, grace, { latitude: 37.9725, longitude: 23.7279 });
  await graphiql.page.locator('.result-window', { hasText: '37.9725' }).waitFor();
  await graphiql.page.mouse.move(1200, 700);
  await graphiql.page.screenshot({ path: IMAGE });
  console.log(`${IMAGE} is taken.`);
} finally {
  await browser.close();
  for (const { token } of [ada, grace]) await ask(url, token, 'mutation { deleteAccount }');
}
