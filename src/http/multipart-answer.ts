/**
 * Answers as `multipart/mixed;subscriptionSpec=1.0`, in which Apollo's clients subscribe over HTTP. Each part has one
 * result as its "payload"; an empty part every few seconds tells client and proxies that the connection lives.
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
import { isAsyncIterable, processRegularResult } from 'graphql-yoga';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';

/** As Yoga's other answers, it pulls a result only when there is room for it. */
export function createMultipartAnswer(clock: Clock): MultipartAnswer {
  return async (result, fetchAPI) => {
    const { Response, ReadableStream, TextEncoder } = fetchAPI;
    if (!isAsyncIterable(result)) {
      const single = processRegularResult(result, fetchAPI, 'application/json');
      const body = START + part(`{"payload":${await single.text()}}`) + END;
      return new Response(body, { status: single.status, headers: HEADERS });
    }
    const encoder = new TextEncoder();
    const results = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    /** What a call of `pull` enqueues may wait until that call has ended; this controller's goes out at once. */
    let atOnce: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        atOnce = controller;
        controller.enqueue(encoder.encode(START));
      },
      async pull(controller) {
        // Only while a result is awaited, which ends with the connection: no timer outlives it. For a reader who is
        // behind nothing is awaited, so there are none.
        const stopHeartbeats = every(clock, HEARTBEAT_INTERVAL_MS, () => {
          atOnce.enqueue(encoder.encode(part('{}')));
        });
        try {
          const next = await results.next();
          if (next.done !== true) {
            controller.enqueue(encoder.encode(part(`{"payload":${JSON.stringify(next.value)}}`)));
            return;
          }
          controller.enqueue(encoder.encode(END));
          controller.close();
        } finally {
          void stopHeartbeats();
        }
      },
      async cancel() {
        await results.return?.();
      },
    });
    return new Response(stream, { headers: HEADERS });
  };
}

type RegularArgs = Parameters<typeof processRegularResult>;
type MultipartAnswer = (result: RegularArgs[0], fetchAPI: RegularArgs[1]) => Promise<Response>;

/** As Apollo Router sends them; its clients wait for some seconds more. */
const HEARTBEAT_INTERVAL_MS = 5_000;

const HEADERS = {
  'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
  'cache-control': 'no-cache',
};

/** A client knows the end of a part by the boundary after it, so that comes at once (RFC 2046, section 5.1.1). */
const START = '\r\n--graphql';
const END = '--\r\n';
const part = (json: string): string =>
  `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--graphql`;
