/**
 * Shows the user's page, or the form to sign in. The tabs of one browser share the session: what another tab does to
 * it holds here, too.
 */
import type { NearbyFriendsClient, TextStorage } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { forgetLastList } from './last-list.js';
import { NearbyPage } from './nearby-page.js';
import type { PageSetup } from './page-setup.js';
import { endPush } from './push-subscription.js';
import { SignInForm } from './sign-in-form.js';
import { useInvitation } from './use-invitation.js';

export function App({ client, storage, setup, onSignedOut }: AppProps): JSX.Element {
  const [userId, setUserId] = useState(client.userId);
  const [notice, setNotice] = useState<string | null>(null);
  const invitation = useInvitation();
  const { demo } = setup;
  const signsInByItself = demo !== null && userId !== demo.userId && notice === null;

  useEffect(() => {
    const follow = (): void => {
      if (client.userId === userId) return;
      forgetUser(storage);
      if (client.userId === null) {
        setNotice('Your session has ended. Sign in again.');
        setUserId(null);
        // A page that starts anew has nothing left of another user.
      } else location.reload();
    };
    onSignedOut(follow);
    addEventListener('storage', follow);
    return () => {
      removeEventListener('storage', follow);
    };
  }, [client, storage, onSignedOut, userId]);

  useEffect(() => {
    if (!signsInByItself) return;
    client.signIn({ handle: demo.handle, password: demo.password }).then(
      (user) => {
        setUserId(user.id);
      },
      (error: unknown) => {
        setNotice(`The demo could not sign in. ${failureText(error)}`);
      },
    );
  }, [client, demo, signsInByItself]);

  if (signsInByItself) return <p class="waiting">Signing in …</p>;
  if (userId === null) {
    return (
      <SignInForm
        client={client}
        notice={
          notice ??
          (invitation.handle === null
            ? null
            : `Sign in or create an account to ask @${invitation.handle} to be friends.`)
        }
        onSignedIn={(user) => {
          setNotice(null);
          setUserId(user.id);
        }}
      />
    );
  }
  return (
    <NearbyPage
      key={userId}
      client={client}
      storage={storage}
      setup={setup}
      userId={userId}
      onSignOut={(nextNotice) => {
        setNotice(nextNotice);
        setUserId(null);
        forgetUser(storage);
        void client.signOut();
      }}
    />
  );
}

interface AppProps {
  readonly client: NearbyFriendsClient;
  readonly storage: TextStorage;
  readonly setup: PageSetup;
  /** Sets the listener for a session that ends elsewhere. */
  onSignedOut(listener: () => void): void;
}

/** What the browser keeps for the user of a session ends with it. */
function forgetUser(storage: TextStorage): void {
  forgetLastList(storage);
  // Where it fails, the server sends nothing any more.
  endPush(storage).catch(() => undefined);
}
