/** A nearbyFriends subscription with the list that its frames add up to, as a client keeps it. */
import type { Client } from 'graphql-ws';
import { connectForTest, type TestUser } from './api.js';

export interface NearbyEntry {
  readonly friend: { readonly id: string; readonly handle: string; readonly displayName: string };
  readonly distanceMeters: number;
  readonly updatedAt: string;
  readonly location: { readonly latitude: number; readonly longitude: number; readonly recordedAt: string };
}

export interface Frame {
  readonly snapshot: boolean;
  readonly nearby: readonly NearbyEntry[];
  readonly left: readonly { readonly friendId: string; readonly reason: string }[];
  readonly origin: { readonly latitude: number; readonly longitude: number } | null;
}

export interface NearbyList {
  readonly frames: readonly Frame[];
  /** By friend's id. */
  readonly entries: ReadonlyMap<string, NearbyEntry>;
  /** Resolves when the condition holds after some frame; rejects when the subscription ends before or it takes too long. */
  until(condition: (list: NearbyList) => boolean, timeoutMs?: number): Promise<void>;
  /** The first frame that next() has not given yet, when it is here. */
  next(timeoutMs?: number): Promise<Frame>;
  /** Set when the server ended the subscription. */
  readonly ended: Promise<unknown>;
  close(): void;
}

export const NEARBY_FRIENDS = `subscription ($radiusMeters: Float) {
  nearbyFriends(radiusMeters: $radiusMeters) {
    snapshot
    nearby { friend { id handle displayName } distanceMeters updatedAt location { latitude longitude recordedAt } }
    left { friendId reason }
    origin { latitude longitude }
  }
}`;

/** The last release knows no margin. */
export const nearbyFriendsWithin = (leaveMarginMeters: number): string =>
  NEARBY_FRIENDS.replace(
    '(radiusMeters: $radiusMeters)',
    `(radiusMeters: $radiusMeters, leaveMarginMeters: ${leaveMarginMeters})`,
  );

const TIMEOUT_MS = 10_000;

/** A user's live list over a socket of its own, closed when the test has finished. */
export function follow(
  url: string,
  user: Pick<TestUser, 'token'>,
  radiusMeters?: number,
  leaveMarginMeters?: number,
): NearbyList {
  return followNearby(connectForTest(url, user.token), radiusMeters, leaveMarginMeters);
}

export function followNearby(client: Client, radiusMeters?: number, leaveMarginMeters?: number): NearbyList {
  const frames: Frame[] = [];
  const entries = new Map<string, NearbyEntry>();
  const waiting = new Set<() => void>();
  let taken = 0;
  let failure: Error | null = null;
  let end = (_reason: unknown): void => undefined;
  const ended = new Promise<unknown>((resolve) => (end = resolve));

  function wake(): void {
    for (const check of [...waiting]) check();
  }

  const stop = client.subscribe<{ nearbyFriends: Frame }>(
    {
      query: leaveMarginMeters === undefined ? NEARBY_FRIENDS : nearbyFriendsWithin(leaveMarginMeters),
      variables: radiusMeters === undefined ? {} : { radiusMeters },
    },
    {
      next({ data, errors }) {
        if (errors !== undefined || data == null) {
          failure = new Error(JSON.stringify(errors));
        } else {
          applyFrame(entries, data.nearbyFriends);
          frames.push(data.nearbyFriends);
        }
        wake();
      },
      error(error) {
        failure = new Error(`the subscription failed: ${JSON.stringify(error)}`);
        end(error);
        wake();
      },
      complete() {
        failure ??= new Error('the subscription is complete');
        end(null);
        wake();
      },
    },
  );

  const list: NearbyList = {
    frames,
    entries,
    ended,
    until(condition, timeoutMs = TIMEOUT_MS) {
      return new Promise((resolve, reject) => {
        const settle = (outcome: () => void): void => {
          clearTimeout(timer);
          waiting.delete(check);
          outcome();
        };
        const check = (): void => {
          if (condition(list)) settle(resolve);
          else if (failure !== null) settle(() => reject(failure ?? new Error('failed')));
        };
        const timer = setTimeout(() => {
          const seen = JSON.stringify({
            frames: frames.length,
            last: frames.at(-1),
            ids: [...entries.keys()],
          });
          settle(() => reject(new Error(`not within ${timeoutMs} ms: ${condition.toString()}; ${seen}`)));
        }, timeoutMs);
        waiting.add(check);
        check();
      });
    },
    async next(timeoutMs) {
      const index = taken++;
      await list.until(() => frames.length > index, timeoutMs);
      const frame = frames[index];
      if (frame === undefined) throw new Error('a frame was expected');
      return frame;
    },
    close: stop,
  };
  return list;
}

/** What a client does with a frame. */
export function applyFrame(entries: Map<string, NearbyEntry>, { snapshot, nearby, left }: Frame): void {
  if (snapshot) entries.clear();
  for (const entry of nearby) entries.set(entry.friend.id, entry);
  for (const { friendId } of left) entries.delete(friendId);
}
