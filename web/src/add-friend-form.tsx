/** Asks somebody to be friends, by handle. */
import { type NearbyFriendsClient, SendFriendRequestDocument, UserDocument } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { PageError } from './failure-text.js';
import { Field } from './field.js';
import type { PeopleView } from './use-people.js';
import { typedHandle } from './typed-handle.js';

export function AddFriendForm({ client, act }: AddFriendFormProps): JSX.Element {
  const [handle, setHandle] = useState('');
  const [error, setError] = useState<string | null>(null);

  async function sendRequest(): Promise<void> {
    const failure = await act(async () => {
      if (typedHandle(handle) === '') throw new PageError('Enter a handle.');
      const { user } = await client.request(UserDocument, { handle: typedHandle(handle) });
      if (user == null) throw new PageError('Nobody has this handle.');
      if (user.id === client.userId) throw new PageError('That is your own handle.');
      await client.request(SendFriendRequestDocument, { userId: user.id });
    });
    setError(failure);
    if (failure === null) setHandle('');
  }

  return (
    <form
      class="find"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void sendRequest();
      }}
    >
      <Field
        label="Add a friend by handle"
        value={handle}
        error={error}
        autocomplete="off"
        onInput={(event) => {
          setHandle(event.currentTarget.value);
        }}
      />
      <button type="submit">Send request</button>
    </form>
  );
}

interface AddFriendFormProps {
  readonly client: NearbyFriendsClient;
  readonly act: PeopleView['act'];
}
