import type { ApiClient } from './api-client.js';

export const GRANT = '{ user { id } accessToken accessTokenExpiresAt refreshToken }';

export function createSession(api: ApiClient, first: Grant): Session {
  let grant = first;
  let renewing: Promise<void> | null = null;

  async function renew(): Promise<void> {
    const renewed = await api.ask<{ refreshToken: Grant }>(
      null,
      `mutation ($token: String!) { refreshToken(refreshToken: $token) ${GRANT} }`,
      { token: grant.refreshToken },
    );
    grant = renewed.refreshToken;
  }

  return {
    userId: first.user.id,
    async token() {
      if (Date.parse(grant.accessTokenExpiresAt) - Date.now() < RENEW_BEFORE_MS) {
        await (renewing ??= renew().finally(() => (renewing = null)));
      }
      return grant.accessToken;
    },
  };
}

/** A signed-in user whose access token is renewed when its time is over. */
export interface Session {
  readonly userId: string;
  /** @throws CommandError when the token is over and there is no new one. */
  token(): Promise<string>;
}

/** What signUp and refreshToken give. */
export interface Grant {
  readonly user: { readonly id: string };
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

const RENEW_BEFORE_MS = 5_000;
