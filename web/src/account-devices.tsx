/** Location apps that report for the user, each with a token of its own, and a form to make one. */
import {
  CreateDeviceTokenDocument,
  DeviceTokensDocument,
  type NearbyFriendsClient,
  RevokeDeviceTokenDocument,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { AppSetup } from './app-setup.js';
import { Failure } from './failure.js';
import { Field } from './field.js';
import { PagedList } from './paged-list.js';
import { useForm } from './use-form.js';
import { usePages } from './use-pages.js';
import { age, type Wording } from './wording.js';

export function AccountDevices({ client, handle, wording, nowMs }: AccountDevicesProps): JSX.Element {
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string } | null>(null);
  const [name, setName] = useState('');
  const read = useCallback(async () => {
    const { deviceTokens } = await client.request(DeviceTokensDocument);
    return { edges: deviceTokens.map((node) => ({ node })), pageInfo: { hasNextPage: false } };
  }, [client]);
  const tokens = usePages(read);
  const form = useForm<'deviceName'>(
    async (textOf) => {
      const { createDeviceToken } = await client.request(CreateDeviceTokenDocument, {
        name: textOf('deviceName'),
      });
      setMade({ id: createDeviceToken.token.id, secret: createDeviceToken.secret });
      setName('');
      await tokens.change(async () => undefined);
    },
    ({ code }) => (code === 'BAD_USER_INPUT' ? 'deviceName' : null),
  );

  return (
    <section aria-labelledby="account-devices">
      <h3 id="account-devices">Location apps</h3>
      <p class="hint">
        OwnTracks and Overland can report your location, also while this page is closed. Each app needs a
        token of its own, which allows nothing else.
      </p>
      <PagedList pages={tokens} label="Location apps">
        {({ id, name: device, createdAt, lastUsedAt }) => (
          <li key={id}>
            <div role="group" aria-label={device}>
              <span>
                <bdi class="name">{device}</bdi>
                <span class="note">
                  {lastUsedAt == null
                    ? `Not used yet, made ${wording.dateAndTime(Date.parse(createdAt))}`
                    : `Last used ${age(Date.parse(lastUsedAt), nowMs)} ago`}
                </span>
              </span>
              <button
                type="button"
                disabled={tokens.busy}
                onClick={() => {
                  if (made?.id === id) setMade(null);
                  void tokens.change(() => client.request(RevokeDeviceTokenDocument, { id }));
                }}
              >
                End it
              </button>
            </div>
          </li>
        )}
      </PagedList>
      {made !== null && <AppSetup handle={handle} secret={made.secret} />}
      <form ref={form.ref} noValidate onSubmit={form.onSubmit}>
        <Field
          label="Name of the phone or app"
          name="deviceName"
          value={name}
          error={form.errorOf('deviceName')}
          autocomplete="off"
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <Failure text={form.failure} />
        <button type="submit" disabled={form.busy}>
          Make a token
        </button>
      </form>
    </section>
  );
}

interface AccountDevicesProps {
  readonly client: NearbyFriendsClient;
  readonly handle: string;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}
