/**
 * An invitation is a link to this page with a handle in its fragment, which browsers send to no server. Whoever follows
 * it is asked whether to send a request; nothing is sent by following it.
 */

/** @param page the address of this page. */
export function invitationTo(handle: string, page: string): string {
  const link = new URL(page);
  link.search = '';
  link.hash = `${KEY}=${handle}`;
  return link.href;
}

/** Returns the handle that a link invites to add; null for any other link. */
export function invitedBy(fragment: string): string | null {
  const handle = new URLSearchParams(fragment.replace(/^#/, '')).get(KEY);
  return handle !== null && HANDLE.test(handle) ? handle : null;
}

const KEY = 'add';
/** As in the schema, `User.handle`, in either case. */
const HANDLE = /^[A-Za-z0-9_.]{3,30}$/;
