/** The form to sign in or to create an account. What is wrong with a field is said beside it, and the field is focused. */
import { NearbyFriendsError, type NearbyFriendsClient, type UserFieldsFragment } from 'nearby-friends-client';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { Field } from './field.js';
import { typedHandle } from './typed-handle.js';

export function SignInForm({ client, notice, onSignedIn }: SignInFormProps): JSX.Element {
  const [isNew, setIsNew] = useState(false);
  const [isShown, setIsShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const errorOf = (field: FieldName): string | null => (fault?.field === field ? fault.text : null);

  useEffect(() => {
    if (fault?.field != null) form.current?.querySelector<HTMLElement>(`[name=${fault.field}]`)?.focus();
  }, [fault]);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: FieldName): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    const credentials = { handle: typedHandle(text('handle')), password: text('password') };
    const missing = missingIn(credentials);
    setFault(missing);
    if (missing !== null) return;
    setBusy(true);
    try {
      onSignedIn(
        isNew
          ? await client.signUp({
              ...credentials,
              displayName: text('displayName').trim() || credentials.handle,
              sharingEnabled: data.get('sharing') !== null,
            })
          : await client.signIn(credentials),
      );
    } catch (caught) {
      setFault({ field: fieldOf(caught), text: failureText(caught) });
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <h1>Nearby Friends</h1>
      <p>See which of your friends are close to you right now.</p>
      {notice !== null && <p role="status">{notice}</p>}
      <form ref={form} noValidate onSubmit={(event) => void submit(event)}>
        <Field
          label="Handle"
          name="handle"
          hint={isNew ? 'Friends find you by it: 3 to 30 of a-z, 0-9, _ and .' : undefined}
          error={errorOf('handle')}
          autocomplete="username"
        />
        {isNew && (
          <Field
            label="Name that friends see"
            name="displayName"
            hint="Your handle, if you leave it empty."
            error={errorOf('displayName')}
            autocomplete="name"
            autocapitalize="words"
            required={false}
          />
        )}
        <Field
          label="Password"
          name="password"
          isSecret={!isShown}
          hint={isNew ? 'At least 8 characters.' : undefined}
          error={errorOf('password')}
          autocomplete={isNew ? 'new-password' : 'current-password'}
        >
          <button
            type="button"
            class="link"
            onClick={() => {
              setIsShown(!isShown);
            }}
          >
            {isShown ? 'Hide password' : 'Show password'}
          </button>
        </Field>
        {isNew && (
          <label class="choice">
            <input name="sharing" type="checkbox" />
            Let friends see where I am
          </label>
        )}
        {fault?.field === null && (
          <p role="alert" class="error">
            {fault.text}
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
          setFault(null);
        }}
      >
        {isNew ? 'Sign in' : 'Create account'}
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

type FieldName = 'handle' | 'displayName' | 'password';

interface Fault {
  /** The one that is wrong; null when it is none of them, or the server does not say which. */
  readonly field: FieldName | null;
  readonly text: string;
}

function missingIn({ handle, password }: { handle: string; password: string }): Fault | null {
  if (handle === '') return { field: 'handle', text: 'Enter a handle.' };
  return password === '' ? { field: 'password', text: 'Enter a password.' } : null;
}

/** The server's refusals begin with the field that they are about: "A password is 8 to 256 characters." */
function fieldOf(error: unknown): FieldName | null {
  if (!(error instanceof NearbyFriendsError)) return null;
  if (error.code === 'UNAUTHENTICATED') return 'password';
  if (error.code !== 'BAD_USER_INPUT' && error.code !== 'CONFLICT') return null;
  if (/^(A|The) handle\b/.test(error.message)) return 'handle';
  if (/^A display name\b/.test(error.message)) return 'displayName';
  return /^A password\b/.test(error.message) ? 'password' : null;
}
