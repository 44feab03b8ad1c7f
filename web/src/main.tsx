/** The entry of the page, a client of the API like any other, which uses only the SDK. */
import { createNearbyFriendsClient, storedTokens } from 'nearby-friends-client';
import { render } from 'preact';
import { App } from './app.js';
import { loadPageSetup } from './page-setup.js';
import './style.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html must have an element #app');

let signedOut = (): void => undefined;
const client = createNearbyFriendsClient({
  url: new URL('/graphql', location.href).href,
  tokens: storedTokens(localStorage),
  onSignedOut: () => {
    signedOut();
  },
});
try {
  const setup = await loadPageSetup();
  render(<App client={client} setup={setup} onSignedOut={(listener) => (signedOut = listener)} />, root);
} catch {
  root.textContent = 'The server cannot be reached. Reload the page to try again.';
}
