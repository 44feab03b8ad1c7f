/** The name that friends see, and a form to change it. */
import {
  type NearbyFriendsClient,
  UpdateProfileDocument,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { Field } from './field.js';
import { useForm } from './use-form.js';

export function AccountName({ client, me }: AccountNameProps): JSX.Element {
  const [name, setName] = useState(me.displayName);
  const [isSaved, setIsSaved] = useState(false);
  const form = useForm<'displayName'>(
    async (textOf) => {
      setIsSaved(false);
      const input = { displayName: textOf('displayName') };
      const { updateProfile } = await client.request(UpdateProfileDocument, { input });
      setName(updateProfile.displayName);
      setIsSaved(true);
    },
    ({ code }) => (code === 'BAD_USER_INPUT' ? 'displayName' : null),
  );

  return (
    <section aria-labelledby="account-name">
      <h3 id="account-name">Name</h3>
      <form ref={form.ref} noValidate onSubmit={form.onSubmit}>
        <Field
          label="Name that friends see"
          name="displayName"
          value={name}
          error={form.errorOf('displayName')}
          autocomplete="name"
          autocapitalize="words"
          onInput={(event) => {
            setName(event.currentTarget.value);
            setIsSaved(false);
          }}
        />
        <Failure text={form.failure} />
        <button type="submit" disabled={form.busy}>
          Save name
        </button>
        <p role="status">{isSaved && 'Your name is saved.'}</p>
      </form>
    </section>
  );
}

interface AccountNameProps {
  readonly client: NearbyFriendsClient;
  readonly me: UserFieldsFragment;
}
