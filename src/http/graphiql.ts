/**
 * GraphiQL, made of packages: the page loads nothing from elsewhere. Its subscriptions go over the WebSocket
 * with the contents of the headers editor as connection parameters, which Yoga's own page can't send.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GraphiQLOptions } from 'graphql-yoga';

/**
 * Renders the page as HTML. The package takes 30 MB of memory and is loaded with the first request for the
 * page.
 * @throws Error when Yoga's page is not the one that this was made for.
 */
export async function renderGraphiQLPage(options: GraphiQLOptions = {}): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL(options);
  const start = 'YogaGraphiQL.renderYogaGraphiQL(';
  if (page.split(start).length !== 2) throw new Error("Yoga's GraphiQL starts in another way than before");
  return page.replace(start, () => `${graphqlWsSource()};\n${FETCHER}\nrenderWithFetcher(`);
}

const HEADERS = '{\n  "authorization": "Bearer PASTE-AN-ACCESS-TOKEN"\n}';

/** The operations of docs/try-it.md, in a tab each. */
export const GRAPHIQL_OPTIONS: GraphiQLOptions = {
  title: 'Nearby Friends',
  headers: HEADERS,
  defaultEditorToolsVisibility: 'headers',
  defaultTabs: [
    {
      query: `mutation SignUp {
  signUp(
    input: {
      handle: "ada"
      displayName: "Ada"
      password: "correct horse"
    }
  ) {
    user { id handle }
    accessToken
  }
}
`,
      headers: HEADERS,
    },
    {
      query: `# Once by each: asking someone whose request
# is waiting makes the two friends.
mutation BeFriends {
  sendFriendRequest(userId: "PASTE-THE-ID") {
    from { handle }
    to { handle }
    status
  }
}
`,
      headers: HEADERS,
    },
    {
      query: `subscription NearbyFriends {
  nearbyFriends(radiusMeters: 5000) {
    snapshot
    nearby {
      friend { handle displayName }
      distanceMeters
      location { latitude longitude }
      updatedAt
    }
    left { friendId reason }
  }
}
`,
      headers: HEADERS,
    },
    {
      query: `mutation UpdateLocation {
  updateLocation(
    input: { latitude: 37.9755, longitude: 23.7348 }
  ) {
    location { latitude longitude recordedAt }
    recorded
  }
}
`,
      headers: HEADERS,
    },
  ],
};

/** The browser build of graphql-ws; it defines `graphqlWs`. */
function graphqlWsSource(): string {
  const main = createRequire(import.meta.url).resolve('graphql-ws');
  return readFileSync(join(dirname(main), '../umd/graphql-ws.min.js'), 'utf8');
}

/**
 * The fetcher of the page: subscriptions go over the WebSocket, everything else over HTTP. GraphiQL fails without
 * localStorage, so it gets one in memory where the browser blocks site data.
 */
const FETCHER = `
function renderWithFetcher(root, options) {
  try {
    localStorage.length;
  } catch {
    const items = new Map();
    const inMemory = {
      get length() {
        return items.size;
      },
      key: (index) => [...items.keys()][index] ?? null,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, String(value)),
      removeItem: (key) => void items.delete(key),
      clear: () => items.clear(),
    };
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { value: inMemory });
  }
  const url = new URL(location.pathname, location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol.replace('http', 'ws');

  async function fetcher(params, { headers, documentAST } = {}) {
    const operation = documentAST?.definitions.find(
      ({ kind, name }) =>
        kind === 'OperationDefinition' && (params.operationName == null || name?.value === params.operationName),
    );
    if (operation?.operation === 'subscription') return subscribe(params, headers);
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(params),
    });
    return response.json();
  }

  function subscribe(params, headers) {
    const results = graphqlWs
      .createClient({
        url: socketUrl.href,
        connectionParams: headers,
        shouldRetry: ({ code }) => code !== 4403,
      })
      .iterate(params);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => results.next().catch(fail),
      return: () => results.return(),
    };
  }

  /** GraphiQL shows the message of an error, but nothing of a CloseEvent. */
  function fail(reason) {
    if (!(reason instanceof CloseEvent)) throw reason;
    const refused = reason.code === 4403 ? ' Does the authorization header hold a token that is good?' : '';
    const message = 'The server closed the connection: ' + reason.code + ' ' + reason.reason + '.' + refused;
    throw Object.assign(new Error(message), { stack: undefined });
  }

  YogaGraphiQL.renderYogaGraphiQL(root, { ...options, fetcher });
}
`;
