/** What to enter in a location app, with the secret of the token that was just made. It is shown this once. */
import type { JSX } from 'preact';
import './app-setup.css';

export function AppSetup({ handle, secret }: AppSetupProps): JSX.Element {
  const [owntracks, overland] = ['owntracks', 'overland'].map((app) => urlOf(app));
  const setup = new URLSearchParams({ url: overland ?? '', token: secret });
  return (
    <div class="app-setup" role="status">
      <p>
        <strong>Enter this in the app now. It is not shown again.</strong>
      </p>
      <dl>
        <dt>OwnTracks: mode</dt>
        <dd>HTTP</dd>
        <dt>OwnTracks: URL</dt>
        <dd>
          <code>{owntracks}</code>
        </dd>
        <dt>OwnTracks: user name</dt>
        <dd>
          <code>{handle}</code>
        </dd>
        <dt>Overland: receiver endpoint</dt>
        <dd>
          <code>{overland}</code>
        </dd>
        <dt>OwnTracks: password, Overland: access token</dt>
        <dd>
          <code>{secret}</code>
        </dd>
      </dl>
      <a class="button" href={`overland://setup?${setup.toString()}`}>
        Set up Overland on this phone
      </a>
    </div>
  );
}

interface AppSetupProps {
  readonly handle: string;
  readonly secret: string;
}

/** This page may be served below a path. */
function urlOf(app: string): string {
  return new URL(`ingest/${app}`, document.baseURI).href;
}
