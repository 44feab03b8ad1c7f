import { post } from './http.js';

/** Who uses an app: nobody until signIn. */
export interface Session {
  signIn(tokens: Tokens): void;
  /** What goes into the headers of requests and the parameters of connections, with a token that was not refused. */
  credentials(): Promise<Record<string, string>>;
  /** The server has refused the access token. */
  refused(): void;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const REFRESH =
  'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken refreshToken } }';

export function openSession(url: string): Session {
  let tokens: Tokens | null = null;
  let renewal: Promise<void> | null = null;
  let isRefused = false;

  async function renew({ refreshToken }: Tokens): Promise<void> {
    try {
      tokens = (await post<{ refreshToken: Tokens }>(url, REFRESH, { token: refreshToken })).refreshToken;
      isRefused = false;
    } catch (error) {
      // Without a network the old token goes on: clients take what is thrown here for the end.
      if (!(error instanceof TypeError)) throw error;
    } finally {
      renewal = null;
    }
  }

  return {
    signIn(given) {
      tokens = given;
    },
    async credentials(): Promise<Record<string, string>> {
      if (tokens === null) return {};
      if (isRefused) await (renewal ??= renew(tokens));
      return { authorization: `Bearer ${tokens.accessToken}` };
    },
    refused() {
      isRefused = true;
    },
  };
}
