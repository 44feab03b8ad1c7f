/** A form to change the password, which signs everybody out who is signed in elsewhere. */
import { ChangePasswordDocument, type NearbyFriendsClient } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { Field } from './field.js';
import { FieldError, useForm } from './use-form.js';

export function AccountPassword({ client, handle, onChanged }: AccountPasswordProps): JSX.Element {
  const [isShown, setIsShown] = useState(false);
  const [isChanged, setIsChanged] = useState(false);
  const form = useForm<FieldName>(
    async (textOf) => {
      setIsChanged(false);
      const input = { currentPassword: textOf('currentPassword'), newPassword: textOf('newPassword') };
      if (input.currentPassword === '')
        throw new FieldError('currentPassword', 'Enter your current password.');
      if (input.newPassword === '') throw new FieldError('newPassword', 'Enter a new password.');
      await client.request(ChangePasswordDocument, { input });
      form.ref.current?.reset();
      setIsShown(false);
      setIsChanged(true);
      onChanged();
    },
    ({ code }) => FIELDS[code] ?? null,
  );

  return (
    <section aria-labelledby="account-password">
      <h3 id="account-password">Password</h3>
      <form ref={form.ref} noValidate onSubmit={form.onSubmit}>
        {/* Tells password managers whose password it is. */}
        <input type="text" autocomplete="username" value={handle} readOnly hidden />
        <Field
          label="Current password"
          name="currentPassword"
          isSecret={!isShown}
          error={form.errorOf('currentPassword')}
          autocomplete="current-password"
        />
        <Field
          label="New password"
          name="newPassword"
          isSecret={!isShown}
          hint="At least 8 characters. You are signed out everywhere but here."
          error={form.errorOf('newPassword')}
          autocomplete="new-password"
        >
          <button
            type="button"
            class="link"
            onClick={() => {
              setIsShown(!isShown);
            }}
          >
            {isShown ? 'Hide passwords' : 'Show passwords'}
          </button>
        </Field>
        <Failure text={form.failure} />
        <button type="submit" disabled={form.busy}>
          Change password
        </button>
        <p role="status">{isChanged && 'Your password is changed. All other sessions are signed out.'}</p>
      </form>
    </section>
  );
}

interface AccountPasswordProps {
  readonly client: NearbyFriendsClient;
  readonly handle: string;
  onChanged(): void;
}

type FieldName = 'currentPassword' | 'newPassword';

/** What the server refuses is about one of them. */
const FIELDS: Readonly<Partial<Record<string, FieldName>>> = {
  FORBIDDEN: 'currentPassword',
  BAD_USER_INPUT: 'newPassword',
};
