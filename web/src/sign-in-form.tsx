/** The form to sign in or to create an account. */
import type { NearbyFriendsClient, UserFieldsFragment } from 'nearby-friends-client';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { failureText } from './failure-text.js';

export function SignInForm({ client, notice, onSignedIn }: SignInFormProps): JSX.Element {
  const [isNew, setIsNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const credentials = { handle: field('handle').trim(), password: field('password') };
    setBusy(true);
    setError(null);
    try {
      const displayName = field('displayName').trim();
      onSignedIn(
        isNew
          ? await client.signUp({
              ...credentials,
              displayName: displayName || credentials.handle,
              sharingEnabled: form.get('sharing') !== null,
            })
          : await client.signIn(credentials),
      );
    } catch (caught) {
      setError(failureText(caught));
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <h1>Nearby Friends</h1>
      <p>See which of your friends are close to you right now.</p>
      {notice !== null && <p role="status">{notice}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Handle
          <input name="handle" required autocomplete="username" autocapitalize="none" spellcheck={false} />
        </label>
        {isNew && (
          <label>
            Name that friends see
            <input name="displayName" autocomplete="name" maxLength={100} />
          </label>
        )}
        <label>
          Password
          <input
            name="password"
            type="password"
            required
            autocomplete={isNew ? 'new-password' : 'current-password'}
          />
        </label>
        {isNew && (
          <label class="choice">
            <input name="sharing" type="checkbox" />
            Let friends see where I am
          </label>
        )}
        {error !== null && (
          <p role="alert" class="error">
            {error}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {isNew ? 'Create account' : 'Sign in'}
        </button>
      </form>
      <button
        type="button"
        class="link"
        onClick={() => {
          setIsNew(!isNew);
          setError(null);
        }}
      >
        {isNew ? 'I have an account' : 'I am new here'}
      </button>
    </main>
  );
}

interface SignInFormProps {
  readonly client: NearbyFriendsClient;
  /** A message above the form; null for none. */
  readonly notice: string | null;
  onSignedIn(user: UserFieldsFragment): void;
}
