import { expect, onTestFinished } from 'vitest';
import type { TestUser } from './api.js';

/** A subscription as server-sent events: its results, then the end, which throws when the connection was cut. */
export async function* eventStream(url: string, user: TestUser, query: string): AsyncGenerator<unknown> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    signal: abort.signal,
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${user.token}`,
    },
    body: JSON.stringify({ query }),
  });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  let text = '';
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += decoder.decode(read.value, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (event.startsWith('event: next') && data !== undefined) yield JSON.parse(data);
      if (event.startsWith('event: complete')) return;
    }
  }
}
