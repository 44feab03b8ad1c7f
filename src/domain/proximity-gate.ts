/**
 * What one subscriber's list holds and what has to be told about it: entered, moved, left or silence. The gate keeps
 * the newest state of each friend, never a queue: a frame is read off that state when there is room for one, so what
 * was overtaken is never sent and what comes to nothing (in and out again) stays silent.
 */
import { distanceWithin } from './distance.js';
import type { LocationUpdate } from './location-update.js';
import type { UserCard } from './user.js';

export interface NearbyFriend {
  readonly friend: UserCard;
  readonly distanceMeters: number;
  readonly location: LocationUpdate;
}

export type DepartureReason = 'OUT_OF_RANGE' | 'UNAVAILABLE';

export interface DepartedFriend {
  readonly friendId: string;
  readonly reason: DepartureReason;
}

/** One message of a subscription: the whole list when `snapshot`, else what changed. */
export interface NearbyFrame {
  readonly snapshot: boolean;
  /** Nearest first. */
  readonly nearby: readonly NearbyFriend[];
  readonly left: readonly DepartedFriend[];
  readonly origin: LocationUpdate | null;
}

interface Entry {
  readonly card: UserCard;
  update: LocationUpdate | null;
  /** Metres from the origin when within the radius, else null. */
  distanceMeters: number | null;
  /** False once the friend may not be shown: then nothing of it is, until it is seen again. */
  visible: boolean;
  /** Whether the subscriber's list holds the friend. */
  listed: boolean;
}

export type ProximityGate = ReturnType<typeof createProximityGate>;

/** @param radiusMeters more than 0; a friend at exactly this distance is near. */
export function createProximityGate(radiusMeters: number) {
  const entries = new Map<string, Entry>();
  /** Friends that the next frame tells about: near ones, and listed ones that left. */
  const changed = new Map<string, Entry>();
  let origin: LocationUpdate | null = null;
  let listStale = true;
  let originStale = false;

  function evaluate(friendId: string, entry: Entry): void {
    const { update } = entry;
    entry.distanceMeters =
      origin === null || update === null || !entry.visible
        ? null
        : distanceWithin(origin, update, radiusMeters);
    if (entry.distanceMeters !== null || entry.listed) changed.set(friendId, entry);
    else changed.delete(friendId);
  }

  return {
    /** The subscriber's own newest location. Without one the list is empty, and said to be so by a snapshot. */
    setOrigin(next: LocationUpdate | null): void {
      if (next === null && origin !== null) listStale = true;
      if (next !== null && origin === null) originStale = true;
      origin = next;
      for (const [friendId, entry] of entries) if (entry.visible) evaluate(friendId, entry);
    },

    /** Shows a friend, where the newest location is known also on the list. */
    showFriend(card: UserCard, update: LocationUpdate | null): void {
      const listed = entries.get(card.id)?.listed ?? false;
      const entry: Entry = { card, update, distanceMeters: null, visible: true, listed };
      entries.set(card.id, entry);
      evaluate(card.id, entry);
    },

    /** A shown friend moved, or with null became inactive. Friends that are not shown are passed over. */
    moveFriend(friendId: string, update: LocationUpdate | null): void {
      const entry = entries.get(friendId);
      if (entry === undefined || !entry.visible) return;
      entry.update = update;
      evaluate(friendId, entry);
    },

    /** Takes a friend off the list: sharing paused, or no longer a friend. */
    hideFriend(friendId: string): void {
      const entry = entries.get(friendId);
      if (entry === undefined) return;
      entry.visible = false;
      entry.update = null;
      evaluate(friendId, entry);
      if (!entry.listed) entries.delete(friendId);
    },

    /** Says nothing more about a friend until it is shown or hidden: whether it may be shown is being read again. */
    suspendFriend(friendId: string): void {
      const entry = entries.get(friendId);
      if (entry === undefined) return;
      entry.visible = false;
      changed.delete(friendId);
    },

    /** What was taken last did not reach the subscriber: the next frame is the whole list. */
    startOver(): void {
      listStale = true;
    },

    hasChanges(): boolean {
      return listStale || originStale || changed.size > 0;
    },

    /** The next frame to send, which counts as sent; null when there is nothing to tell. */
    takeFrame(): NearbyFrame | null {
      if (listStale) return takeSnapshot();
      if (changed.size === 0 && !originStale) return null;
      const nearby: NearbyFriend[] = [];
      const left: DepartedFriend[] = [];
      for (const [friendId, entry] of changed) {
        entry.listed = entry.distanceMeters !== null;
        if (entry.listed) nearby.push(toNearbyFriend(entry));
        else left.push({ friendId, reason: entry.update === null ? 'UNAVAILABLE' : 'OUT_OF_RANGE' });
        if (!entry.visible) entries.delete(friendId);
      }
      changed.clear();
      originStale = false;
      return { snapshot: false, nearby: nearby.sort(byDistance), left, origin };
    },
  };

  function takeSnapshot(): NearbyFrame {
    const nearby: NearbyFriend[] = [];
    for (const [friendId, entry] of entries) {
      if (!entry.visible) entries.delete(friendId);
      entry.listed = entry.visible && entry.distanceMeters !== null;
      if (entry.listed) nearby.push(toNearbyFriend(entry));
    }
    changed.clear();
    listStale = originStale = false;
    return { snapshot: true, nearby: nearby.sort(byDistance), left: [], origin };
  }
}

function toNearbyFriend(entry: Entry): NearbyFriend {
  if (entry.update === null || entry.distanceMeters === null) throw new Error('a listed friend has a place');
  return { friend: entry.card, distanceMeters: entry.distanceMeters, location: entry.update };
}

function byDistance(a: NearbyFriend, b: NearbyFriend): number {
  return a.distanceMeters - b.distanceMeters;
}
