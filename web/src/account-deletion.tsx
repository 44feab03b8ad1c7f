/** Deletes the account for good, after the user was told what is lost and has typed the handle. */
import { DeleteAccountDocument, type NearbyFriendsClient } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { Field } from './field.js';
import { typedHandle } from './typed-handle.js';
import { FieldError, useForm } from './use-form.js';

export function AccountDeletion({ client, handle, onDeleted }: AccountDeletionProps): JSX.Element {
  const [isAsked, setIsAsked] = useState(false);
  const form = useForm<'handle'>(
    async (textOf) => {
      if (typedHandle(textOf('handle')).toLowerCase() !== handle) {
        throw new FieldError('handle', `Type ${handle} to delete the account.`);
      }
      await client.request(DeleteAccountDocument);
      onDeleted();
    },
    () => null,
  );

  return (
    <section aria-labelledby="account-deletion">
      <h3 id="account-deletion">Delete account</h3>
      {!isAsked && (
        <button
          type="button"
          class="danger"
          onClick={() => {
            setIsAsked(true);
          }}
        >
          Delete account …
        </button>
      )}
      {isAsked && (
        <form ref={form.ref} noValidate onSubmit={form.onSubmit}>
          <p>
            Your account, your friendships and your whole history are deleted for good. Friends stop seeing
            you at once, and somebody else may take your handle. If you want to keep your history, download it
            first.
          </p>
          <Field
            label="Type your handle to go on"
            name="handle"
            hint={`Your handle is @${handle}.`}
            error={form.errorOf('handle')}
            autocomplete="off"
          />
          <Failure text={form.failure} />
          <div class="choices">
            <button type="submit" class="danger" disabled={form.busy}>
              Delete account for good
            </button>
            <button
              type="button"
              disabled={form.busy}
              onClick={() => {
                setIsAsked(false);
              }}
            >
              Keep account
            </button>
          </div>
        </form>
      )}
    </section>
  );
}

interface AccountDeletionProps {
  readonly client: NearbyFriendsClient;
  readonly handle: string;
  /** Called when the account is gone. */
  onDeleted(): void;
}
