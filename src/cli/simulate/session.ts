/** A signed-in user of the simulation, whose access token is renewed shortly before it expires. */
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

/** A signed-in user. */
export interface Session {
  readonly userId: string;
  /**
   * Resolves to an access token that is valid.
   * @throws CommandError when the token has expired and cannot be renewed.
   */
  token(): Promise<string>;
}

/** The answer of signUp and refreshToken. */
export interface Grant {
  readonly user: { readonly id: string };
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

const RENEW_BEFORE_MS = 5_000;
