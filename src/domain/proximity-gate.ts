/**
 * What one subscriber's list holds and what has to be told about it: entered, moved, left or silence. The gate keeps
 * the newest state of the friends on the list, never a queue, and nothing of the others: a frame is read off that state
 * when there is room for one, so what was overtaken is never sent and what comes to nothing (in and out again) stays
 * silent. A class, since there is one for each subscription of a server.
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

/** A friend who is near, or whom the subscriber's list still holds. */
interface Entry {
  readonly friend: UserCard;
  location: LocationUpdate;
  distanceMeters: number;
  near: boolean;
  /** Why the friend is not near. */
  reason: DepartureReason;
  /** Whether the subscriber's list holds the friend. */
  listed: boolean;
  /** Whether the next frame tells of the friend. */
  changed: boolean;
}

const SPARE_CHANGES = 64;

export class ProximityGate {
  readonly #entries = new Map<string, Entry>();
  /** Entries that changed since the last frame; one that came to nothing stays in, no longer marked. */
  #changed: Entry[] = [];
  #changes = 0;
  #origin: LocationUpdate | null = null;
  #listStale = true;
  #originStale = false;

  /**
   * @param radiusMeters more than 0; a friend at exactly this distance is near.
   * @param visibleCard the card of a friend who may be shown now, null for anybody else. Asked before a friend comes
   *   onto the list.
   */
  constructor(
    readonly radiusMeters: number,
    readonly visibleCard: (friendId: string) => UserCard | null,
  ) {}

  /**
   * The subscriber's own newest location, from which distances are measured; the friends have to be placed after it.
   * Without one the list is empty, and said to be so by a snapshot.
   */
  setOrigin(next: LocationUpdate | null): void {
    if (next === null && this.#origin !== null) {
      this.#entries.clear();
      this.#forgetChanges();
      this.#listStale = true;
    }
    if (next !== null && this.#origin === null) this.#originStale = true;
    this.#origin = next;
  }

  /** A friend's newest location. */
  place(friendId: string, location: LocationUpdate): void {
    if (this.#origin === null) return;
    const distanceMeters = distanceWithin(this.#origin, location, this.radiusMeters);
    let entry = this.#entries.get(friendId);
    if (entry?.near === true) {
      entry.near = distanceMeters !== null;
      entry.reason = 'OUT_OF_RANGE';
    } else {
      const friend = distanceMeters === null ? null : this.visibleCard(friendId);
      if (friend === null) return;
      entry ??= newEntry(friend, location);
      entry.near = true;
      this.#entries.set(friendId, entry);
    }
    entry.location = location;
    entry.distanceMeters = distanceMeters ?? entry.distanceMeters;
    this.#note(friendId, entry);
  }

  /** A friend who is inactive, pauses sharing, or is a friend no longer. */
  takeOff(friendId: string): void {
    const entry = this.#entries.get(friendId);
    if (entry === undefined) return;
    entry.near = false;
    entry.reason = 'UNAVAILABLE';
    this.#note(friendId, entry);
  }

  /** Says nothing more about a friend until placed or taken off again. */
  suspend(friendId: string): void {
    const entry = this.#entries.get(friendId);
    if (entry === undefined) return;
    entry.near = false;
    this.#mark(entry, false);
  }

  /** What was taken last did not reach the subscriber: the next frame is the whole list. */
  startOver(): void {
    this.#listStale = true;
  }

  hasChanges(): boolean {
    return this.#listStale || this.#originStale || this.#changes > 0;
  }

  /** The next frame to send, which counts as sent; null when there is nothing to tell. */
  takeFrame(): NearbyFrame | null {
    if (!this.hasChanges()) return null;
    const snapshot = this.#listStale;
    const nearby: NearbyFriend[] = [];
    const left: DepartedFriend[] = [];
    for (const entry of snapshot ? this.#entries.values() : this.#changed) {
      if (!snapshot && !entry.changed) continue;
      entry.changed = false;
      entry.listed = entry.near;
      if (entry.near)
        nearby.push({ friend: entry.friend, distanceMeters: entry.distanceMeters, location: entry.location });
      else {
        this.#entries.delete(entry.friend.id);
        if (!snapshot) left.push({ friendId: entry.friend.id, reason: entry.reason });
      }
    }
    this.#forgetChanges();
    this.#listStale = this.#originStale = false;
    if (nearby.length > 1) nearby.sort(byDistance);
    return { snapshot, nearby, left, origin: this.#origin };
  }

  #note(friendId: string, entry: Entry): void {
    this.#mark(entry, entry.near || entry.listed);
    if (!entry.near && !entry.listed) this.#entries.delete(friendId);
  }

  #mark(entry: Entry, changed: boolean): void {
    if (entry.changed === changed) return;
    entry.changed = changed;
    this.#changes += changed ? 1 : -1;
    if (changed) this.#changed.push(entry);
    // While a reader is slow, a friend at the edge of the radius may come and go without end.
    if (this.#changed.length > 2 * this.#changes + SPARE_CHANGES) {
      this.#changed = this.#changed.filter((noted) => noted.changed);
    }
  }

  #forgetChanges(): void {
    this.#changed = [];
    this.#changes = 0;
  }
}

function newEntry(friend: UserCard, location: LocationUpdate): Entry {
  return {
    friend,
    location,
    distanceMeters: 0,
    near: false,
    reason: 'OUT_OF_RANGE',
    listed: false,
    changed: false,
  };
}

function byDistance(a: NearbyFriend, b: NearbyFriend): number {
  return a.distanceMeters - b.distanceMeters;
}
