/** Simulates one user's app: one graphql-ws socket with a nearbyFriends subscription and location updates. */
import { createClient, type Sink } from 'graphql-ws';
import WebSocket from 'ws';
import type { Session } from './session.js';
import type { Statistics } from './statistics.js';
import type { Fix } from './walker.js';

export function openApp({ session, socketUrl, radiusMeters, statistics }: AppOptions): App {
  /** The friends on the list, each with the recordedAt of the last location received. */
  const friends = new Map<string, string>();
  let isOpen = false;
  let wasOpen = false;
  let isClosing = false;
  let lastRecordedAtMs = 0;

  const client = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 500 + 1000 * Math.random())),
    shouldRetry: () => !isClosing,
    on: {
      connected() {
        isOpen = true;
        if (!wasOpen) statistics.connected();
        wasOpen = true;
      },
      closed(event) {
        isOpen = false;
        if (!isClosing) statistics.closed(closeCodeOf(event));
      },
    },
  });

  function onFrame({ snapshot, nearby, left }: Frame): void {
    if (snapshot) friends.clear();
    for (const { friend, location } of nearby) {
      const seen = friends.get(friend.id);
      friends.set(friend.id, location.recordedAt);
      // A friend may enter the list because the user moved, long after the friend's own update.
      if (seen !== undefined && seen !== location.recordedAt) {
        statistics.delivered(friend.id, location.recordedAt);
      }
    }
    for (const { friendId } of left) friends.delete(friendId);
    statistics.framed(snapshot ? 0 : nearby.length, left.length);
  }

  /** Makes a sink that counts errors. */
  function sinkOf<T>(onData: (data: T) => void): Sink<{ data?: T | null; errors?: readonly CodedError[] }> {
    return {
      next({ data, errors }) {
        for (const error of errors ?? []) statistics.failed(codeOf(error));
        if (data != null) onData(data);
      },
      error(error) {
        if (!isClosing) statistics.failed(codeOf(error));
      },
      complete: () => undefined,
    };
  }

  client.subscribe(
    { query: NEARBY_FRIENDS, variables: { radiusMeters } },
    sinkOf<{ nearbyFriends: Frame }>(({ nearbyFriends }) => {
      onFrame(nearbyFriends);
    }),
  );

  return {
    send({ latitude, longitude, speedMetersPerSecond, headingDegrees }) {
      if (!isOpen) return;
      lastRecordedAtMs = Math.max(Date.now() - FIX_AGE_MS, lastRecordedAtMs + 1);
      const recordedAt = new Date(lastRecordedAtMs).toISOString();
      statistics.sent(session.userId, recordedAt);
      client.subscribe(
        {
          query: UPDATE_LOCATION,
          variables: {
            input: {
              latitude,
              longitude,
              accuracyMeters: ACCURACY_METERS,
              speedMetersPerSecond,
              headingDegrees,
              recordedAt,
            },
          },
        },
        sinkOf<{ updateLocation: { recorded: boolean } }>(({ updateLocation }) => {
          statistics.answered(session.userId, recordedAt, updateLocation.recorded);
        }),
      );
    },

    close() {
      isClosing = true;
      // Rejects when the server closes a socket that is still being opened.
      Promise.resolve(client.dispose()).catch(() => undefined);
    },
  };
}

export interface App {
  /**
   * Sends a location update. Does nothing while the socket is not open: a real app would send the newest one
   * later.
   */
  send(fix: Fix): void;
  close(): void;
}

interface AppOptions {
  readonly session: Session;
  readonly socketUrl: string;
  /** In metres; null takes the server's default. */
  readonly radiusMeters: number | null;
  readonly statistics: Statistics;
}

interface Frame {
  readonly snapshot: boolean;
  readonly nearby: readonly {
    readonly friend: { readonly id: string };
    readonly location: { readonly recordedAt: string };
  }[];
  readonly left: readonly { readonly friendId: string }[];
}

interface CodedError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown };
}

/**
 * Fixes claim this age, so that the server keeps recordedAt even if our clock is up to so much ahead of its
 * own.
 */
const FIX_AGE_MS = 2_000;
const ACCURACY_METERS = 8;

const NEARBY_FRIENDS = `subscription ($radiusMeters: Float) {
  nearbyFriends(radiusMeters: $radiusMeters) {
    snapshot
    nearby { friend { id } distanceMeters location { latitude longitude recordedAt } }
    left { friendId reason }
  }
}`;

const UPDATE_LOCATION = `mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }`;

/**
 * Returns the documented code of an error, or of the first of several; NO_CODE when the server did not
 * answer.
 */
function codeOf(error: unknown): string {
  const [first] = Array.isArray(error) ? (error as unknown[]) : [error];
  const { extensions } = (first ?? {}) as Partial<CodedError>;
  return typeof extensions?.code === 'string' ? extensions.code : 'NO_CODE';
}

function closeCodeOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'code' in event ? String(event.code) : 'unknown';
}
