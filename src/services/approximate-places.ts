/**
 * Where users are shown approximately on this server, one object for all lists. It changes at full minutes only, by
 * what was kept until then, and when a user comes: so nothing in between tells of a fix or of a crossing.
 */
import { approximateAt, MINUTE_MS, minuteOf, tellTheSame } from '../domain/approximate-place.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import { nextTurn } from '../time/next-turn.js';
import type { UserTopic, UserTopics } from './user-topics.js';

export function createApproximatePlaces(topics: UserTopics, clock: Clock): ApproximatePlaces {
  /** The users whom some list has seen approximately. */
  const seen = new Set<UserTopic>();
  let cancelMinute: (() => void) | null = null;

  const placeOf = ({ newest, kept }: UserTopic): LocationUpdate | null =>
    newest === null || kept === null ? null : approximateAt(kept, clock.now());

  function renew(topic: UserTopic): void {
    const next = placeOf(topic);
    if (tellTheSame(next, topic.approximate)) return;
    topic.approximate = next;
    topics.tell(topic.locationSubscribers, (subscriber) => {
      subscriber.onApproximate(topic);
    });
  }

  function waitForMinute(): void {
    cancelMinute = at(clock, minuteOf(clock.now()) + MINUTE_MS, () => void renewAll());
  }

  async function renewAll(): Promise<void> {
    cancelMinute = null;
    for (const topic of seen) if (topics.get(topic.userId) !== topic) seen.delete(topic);
    if (seen.size > 0) waitForMinute();
    let renewed = 0;
    for (const topic of seen) {
      if (++renewed % USERS_PER_TURN === 0) await nextTurn(clock);
      renew(topic);
    }
  }

  return {
    of(topic) {
      if (!seen.has(topic)) {
        seen.add(topic);
        topic.approximate = placeOf(topic);
        if (cancelMinute === null) waitForMinute();
      }
      return topic.approximate;
    },

    kept(topic) {
      if (topic.approximate === null && seen.has(topic)) renew(topic);
    },

    close() {
      cancelMinute?.();
    },
  };
}

export interface ApproximatePlaces {
  /** Where an active user is shown; null when nothing was kept that tells it. */
  of(topic: UserTopic): LocationUpdate | null;
  /** Something was kept of a user, who may have come. */
  kept(topic: UserTopic): void;
  close(): void;
}

/** Each is on some dozens of lists, which measure a distance. */
const USERS_PER_TURN = 200;
