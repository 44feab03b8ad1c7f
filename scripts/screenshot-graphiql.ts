/**
 * `npx tsx scripts/screenshot-graphiql.ts [URL]` takes docs/images/graphiql.png of a running server; see
 * --help.
 */
import { randomUUID } from 'node:crypto';
import { createCommand, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import { launchBrowser } from '../test/browser/browser.js';
import { openGraphiQL } from '../test/browser/graphiql-page.js';
import { ask, befriend, move, type TestUser } from '../test/support/api.js';

async function main(signal: AbortSignal): Promise<number> {
  const command = createCommand(
    'npx tsx scripts/screenshot-graphiql.ts',
    `Takes ${IMAGE} in Chromium. Signs up "ada" and "grace", who must not exist yet, and deletes them again.`,
  )
    .argument('[url]', 'a running server, without a path', 'http://127.0.0.1:4000')
    .parse();
  const [url = ''] = command.processedArgs as string[];
  const ada = await signUp(url, 'ada', 'Ada');
  const grace = await signUp(url, 'grace', 'Grace');
  try {
    await takeScreenshot(url, ada, grace, signal);
  } finally {
    for (const { token } of [ada, grace]) await ask(url, token, 'mutation { deleteAccount }');
  }
  console.log(`Wrote ${IMAGE}.`);
  return SUCCEEDED;
}

const IMAGE = 'docs/images/graphiql.png';

/** Takes the screenshot. Ctrl-C closes the browser, which ends all waiting. */
async function takeScreenshot(
  url: string,
  ada: TestUser,
  grace: TestUser,
  signal: AbortSignal,
): Promise<void> {
  const browser = await launchBrowser();
  signal.addEventListener('abort', () => void browser.close(), { once: true });
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
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await browser.close();
  }
}

async function signUp(url: string, handle: string, displayName: string): Promise<TestUser> {
  const mutation = `mutation ($input: SignUpInput!) {
    signUp(input: $input) { user { id handle } accessToken refreshToken }
  }`;
  const input = { handle, displayName, password: randomUUID() };
  const { signUp: grant } = await ask<{
    signUp: { user: { id: string; handle: string }; accessToken: string; refreshToken: string };
  }>(url, null, mutation, { input });
  return { ...grant.user, token: grant.accessToken, refreshToken: grant.refreshToken };
}

await runCommand(main);
