/**
 * The entry of the page, a client of the API like any other, which uses only the SDK. Whatever fails at the start
 * or later is said on the page; what does not need the failed part goes on.
 */
import { createNearbyFriendsClient, storedTokens } from 'nearby-friends-client';
import { render } from 'preact';
import { App } from './app.js';
import { ErrorBoundary } from './error-boundary.js';
import { failureText } from './failure-text.js';
import { createNotices, Notices } from './notices.js';
import { DEFAULT_SETUP, loadPageSetup, type PageSetup } from './page-setup.js';
import { openPageStorage } from './page-storage.js';
import { startServiceWorker } from './service-worker.js';
import './style.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html must have an element #app');

const notices = createNotices();
addEventListener('error', ({ error }) => {
  // Without an error object it is a warning of the browser's own.
  if (error != null) notices.add(failureText(error));
});
addEventListener('unhandledrejection', ({ reason }) => {
  notices.add(failureText(reason));
});

startServiceWorker();
try {
  await start(root);
} catch (error) {
  root.textContent = `${failureText(error)} Reload the page to try again.`;
}

async function start(container: HTMLElement): Promise<void> {
  const storage = openPageStorage(() => {
    notices.add('This browser keeps no data for this page, so reloading or closing it signs you out.');
  });
  let signedOut = (): void => undefined;
  const client = createNearbyFriendsClient({
    url: new URL('graphql', location.href).href,
    tokens: storedTokens(storage),
    onSignedOut: () => {
      signedOut();
    },
  });
  const setup = await setupOrDefault();
  container.replaceChildren();
  render(
    <>
      <Notices notices={notices} />
      <ErrorBoundary>
        <App client={client} storage={storage} setup={setup} onSignedOut={(next) => (signedOut = next)} />
      </ErrorBoundary>
    </>,
    container,
  );
}

async function setupOrDefault(): Promise<PageSetup> {
  try {
    return await loadPageSetup();
  } catch (error) {
    notices.add(`${failureText(error)} Until you reload, the page uses default settings.`);
    return DEFAULT_SETUP;
  }
}
