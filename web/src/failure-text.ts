import { NearbyFriendsError } from 'nearby-friends-client';

/** Returns what to tell the user about an error: the SDK's and the page's own messages as they are. */
export function failureText(error: unknown): string {
  if (error instanceof NearbyFriendsError || error instanceof PageError) return error.message;
  return `Part of this page stopped working (${error instanceof Error ? error.message : String(error)}).`;
}

/** An error whose message is a sentence for the user. */
export class PageError extends Error {}
