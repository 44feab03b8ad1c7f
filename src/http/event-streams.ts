/**
 * The streams over HTTP that are open, server-sent events and multipart/mixed. Each ends with its connection, also one that Yoga does not read because nobody
 * waits for the answer any more. Yoga pulls an event only when there is room for it, so little waits for a reader who
 * is slow. A reader who takes nothing for a minute is cut, as on a socket.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { CUT_AFTER_SILENCE_MS } from './close-codes.js';

/** @param onSlowReader called for each stream that is cut. */
export function createEventStreams(clock: Clock, onSlowReader: () => void): EventStreams {
  const streams = new Set<EventStream>();

  function check(): void {
    const nowMs = clock.monotonic();
    for (const stream of streams) {
      const { response } = stream;
      const taken = bytesTaken(response);
      if (response.writableLength === 0 || taken !== stream.taken) {
        stream.taken = taken;
        stream.sinceMs = nowMs;
      } else if (nowMs - stream.sinceMs >= CUT_AFTER_SILENCE_MS) {
        onSlowReader();
        response.destroy();
      }
    }
  }
  const stopChecking = every(clock, CHECK_INTERVAL_MS, check);

  return {
    add(events, response) {
      const stream = { response, taken: 0, sinceMs: clock.monotonic() };
      const end = (): void => {
        streams.delete(stream);
        void events.return?.();
      };
      streams.add(stream);
      if (response.closed) end();
      else response.once('close', end);
    },
    close() {
      void stopChecking();
    },
  };
}

export interface EventStreams {
  /** Ends the events when the connection of the response is closed. */
  add(events: AsyncIterator<unknown>, response: ServerResponse): void;
  close(): void;
}

interface EventStream {
  readonly response: ServerResponse;
  /** Bytes that the system had taken when something was taken last. */
  taken: number;
  sinceMs: number;
}

const CHECK_INTERVAL_MS = 1_000;

/** Without those that wait; a response behind another one of its connection has no socket yet. */
function bytesTaken({ socket }: ServerResponse): number {
  return socket === null ? 0 : socket.bytesWritten - socket.writableLength;
}
