/** Changes after which somebody may not be seen any more, and how each is taken back; all may be repeated. */
import { ask, befriend } from '../support/api.js';

export const CHANGES = {
  unfriend: { hide: remove, show: makeFriends },
  block: { hide: block, show: unblock },
  pause: { hide: (url, user) => share(url, user, false), show: (url, user) => share(url, user, true) },
} satisfies Record<string, Change>;

export type ChangeName = keyof typeof CHANGES;

/** Each is made by its user, and throws when it is not answered. */
interface Change {
  hide(url: string, user: Someone, friend: Someone): Promise<void>;
  show(url: string, user: Someone, friend: Someone): Promise<void>;
}

interface Someone {
  readonly id: string;
  readonly token: string;
}

async function remove(url: string, { token }: Someone, { id: userId }: Someone): Promise<void> {
  await ask(url, token, 'mutation ($userId: ID!) { removeFriend(userId: $userId) }', { userId });
}

async function makeFriends(url: string, user: Someone, friend: Someone): Promise<void> {
  await befriend(url, user, friend).catch((error: unknown) => {
    if (!String(error).includes('friends already')) throw error;
  });
}

async function block(url: string, { token }: Someone, { id: userId }: Someone): Promise<void> {
  await ask(url, token, 'mutation ($userId: ID!) { blockUser(userId: $userId) }', { userId });
}

async function unblock(url: string, user: Someone, friend: Someone): Promise<void> {
  const lift = 'mutation ($userId: ID!) { unblockUser(userId: $userId) }';
  await ask(url, user.token, lift, { userId: friend.id });
  await makeFriends(url, user, friend);
}

async function share(url: string, { token }: Someone, enabled: boolean): Promise<void> {
  const update = 'mutation ($enabled: Boolean!) { updateSharing(input: { enabled: $enabled }) { enabled } }';
  await ask(url, token, update, { enabled });
}
