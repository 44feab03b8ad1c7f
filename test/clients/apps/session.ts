import { post } from './http';

/** The tokens of somebody who is signed in. */
export interface Session {
  /** The access token; another one after the server has refused the last. */
  token(): Promise<string>;
  refused(): void;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const REFRESH =
  'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken refreshToken } }';

export function openSession(url: string, tokens: Tokens): Session {
  let { refreshToken } = tokens;
  let accessToken: Promise<string> | null = Promise.resolve(tokens.accessToken);

  async function refresh(): Promise<string> {
    const data = await post<{ refreshToken: Tokens }>(url, REFRESH, { token: refreshToken });
    refreshToken = data.refreshToken.refreshToken;
    return data.refreshToken.accessToken;
  }

  return {
    token: () => (accessToken ??= refresh()),
    refused() {
      accessToken = null;
    },
  };
}
