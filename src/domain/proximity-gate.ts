/**
 * What one subscriber's list holds and what has to be told about it: entered, moved, left or silence. The gate keeps
 * the newest state of the friends on the list, never a queue, and nothing of the others: a frame is read off that state
 * when there is room for one, so what was overtaken is never sent and what comes to nothing (in and out again) stays
 * silent. A class, since there is one for each subscription of a server; the friends on the list stand side by side in
 * arrays for the same reason (docs/decisions/011).
 */
import { distanceWithin, type Strip, stripAround } from './distance.js';
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

/** Up to as many friends are sorted by insertion. */
const FEW = 64;

/** What is known of a friend in the arrays, as bits. */
const NEAR = 1;
/** The subscriber's list holds the friend. */
const LISTED = 2;
/** The next frame tells of the friend. */
const CHANGED = 4;
/** Why the friend is not near: inactive, hidden or a friend no longer; otherwise too far away. */
const UNAVAILABLE = 8;

/** What a gate asks of its subscriber's friends. */
export interface FriendView<Friend> {
  /** The card of a friend who may be shown now, null for anybody else. Asked before a friend comes onto the list. */
  visibleCard(friend: Friend): UserCard | null;
  /** A friend's newest location, null for one who is inactive. Whoever changes it tells the gate at once. */
  newest(friend: Friend): LocationUpdate | null;
}

/** @typeParam Friend stands for a friend in the calls of one gate; compared by identity. */
export class ProximityGate<Friend> {
  // Friends who are near or listed, in no order.
  readonly #friends: Friend[] = [];
  readonly #cards: UserCard[] = [];
  readonly #distances: number[] = [];
  readonly #states: number[] = [];
  /** How many are marked as changed. */
  #changes = 0;
  #overtaken = 0;
  #origin: LocationUpdate | null = null;
  // The strip in which friends are near, now or before the origin moved last. Not an object: many gates are looked at
  // for one friend's move, and each object is one more place in memory.
  #south = 0;
  #north = 0;
  #listStale = true;
  #originStale = false;

  /** @param radiusMeters more than 0; a friend at exactly this distance is near. */
  constructor(
    readonly radiusMeters: number,
    readonly view: FriendView<Friend>,
  ) {}

  /**
   * The subscriber's own newest location, from which distances are measured; the friends have to be placed after it.
   * Without one the list is empty, and said to be so by a snapshot.
   */
  setOrigin(next: LocationUpdate | null): void {
    if (next === null && this.#origin !== null) {
      while (this.#friends.length > 0) this.#remove(0);
      this.#listStale = true;
    }
    if (next !== null && this.#origin === null) this.#originStale = true;
    if (next !== null) {
      const { south, north } = stripAround(next, this.#origin ?? next, this.radiusMeters);
      this.#south = south;
      this.#north = north;
    }
    this.#origin = next;
  }

  /**
   * A friend has moved, or the origin has.
   * @param strip holds where the friend was before and is now.
   * @returns whether that may have changed something: not for a friend who was far away and is.
   */
  moved(friend: Friend, { south, north }: Strip): boolean {
    if (south > this.#north || north < this.#south) return false;
    this.place(friend);
    return true;
  }

  /** Puts a friend where the newest location says. */
  place(friend: Friend): void {
    const location = this.view.newest(friend);
    if (this.#origin === null || location === null) return;
    const distanceMeters = distanceWithin(this.#origin, location, this.radiusMeters);
    const index = this.#friends.indexOf(friend);
    const isNear = index >= 0 && (this.#stateOf(index) & NEAR) !== 0;
    if (distanceMeters === null) {
      // After `suspend` the friend is still on the subscriber's list.
      if (isNear || (index >= 0 && this.view.visibleCard(friend) !== null)) this.#leave(index, 0);
    } else if (isNear) {
      this.#overtake(index);
      this.#distances[index] = distanceMeters;
      this.#setState(index, NEAR | CHANGED | (this.#stateOf(index) & LISTED));
    } else this.#enter(friend, index, distanceMeters);
  }

  /** A friend who is inactive, pauses sharing, or is a friend no longer. */
  takeOff(friend: Friend): void {
    const index = this.#friends.indexOf(friend);
    if (index >= 0) this.#leave(index, UNAVAILABLE);
  }

  /** Says nothing more about a friend until placed or taken off again. */
  suspend(friend: Friend): void {
    const index = this.#friends.indexOf(friend);
    if (index < 0) return;
    this.#setState(index, this.#stateOf(index) & LISTED);
    if (this.#stateOf(index) === 0) this.#remove(index);
  }

  /** What was taken last did not reach the subscriber: the next frame is the whole list. */
  startOver(): void {
    this.#listStale = true;
  }

  hasChanges(): boolean {
    return this.#listStale || this.#originStale || this.#changes > 0;
  }

  /** How many changes came to nothing or were replaced by newer ones before a frame took them, since last asked. */
  takeOvertaken(): number {
    const overtaken = this.#overtaken;
    this.#overtaken = 0;
    return overtaken;
  }

  /** The next frame to send, which counts as sent; null when there is nothing to tell. */
  takeFrame(): NearbyFrame | null {
    if (!this.hasChanges()) return null;
    const snapshot = this.#listStale;
    const nearby: NearbyFriend[] = [];
    const left: DepartedFriend[] = [];
    // Backwards, since removing one puts the last in its place.
    for (let index = this.#friends.length - 1; index >= 0; index--) {
      const state = this.#stateOf(index);
      if (!snapshot && (state & CHANGED) === 0) continue;
      const [friend, card] = [this.#friends[index], this.#cards[index]];
      if (friend === undefined || card === undefined) continue;
      if ((state & NEAR) !== 0) {
        const location = this.view.newest(friend);
        if (location !== null)
          nearby.push({ friend: card, distanceMeters: this.#distances[index] ?? 0, location });
        this.#setState(index, NEAR | LISTED);
      } else {
        const reason = (state & UNAVAILABLE) !== 0 ? 'UNAVAILABLE' : 'OUT_OF_RANGE';
        if (!snapshot) left.push({ friendId: card.id, reason });
        this.#remove(index);
      }
    }
    this.#listStale = this.#originStale = false;
    sortByDistance(nearby);
    return { snapshot, nearby, left, origin: this.#origin };
  }

  #enter(friend: Friend, index: number, distanceMeters: number): void {
    const card = this.view.visibleCard(friend);
    if (card === null) return;
    let at = index;
    // Who came back as somebody else to the gate is the same to the subscriber.
    if (at < 0 && !this.#listStale) at = this.#cards.findIndex(({ id }) => id === card.id);
    const listed = at >= 0 ? this.#stateOf(at) & LISTED : 0;
    if (at < 0) at = this.#friends.length;
    else this.#overtake(at);
    this.#friends[at] = friend;
    this.#cards[at] = card;
    this.#distances[at] = distanceMeters;
    this.#setState(at, NEAR | CHANGED | listed);
  }

  #leave(index: number, reason: number): void {
    this.#overtake(index);
    if ((this.#stateOf(index) & LISTED) === 0) this.#remove(index);
    else this.#setState(index, LISTED | CHANGED | reason);
  }

  /** Counts the change of a friend that is about to be replaced, if there is one. */
  #overtake(index: number): void {
    this.#overtaken += (this.#stateOf(index) & CHANGED) / CHANGED;
  }

  #stateOf(index: number): number {
    return this.#states[index] ?? 0;
  }

  #setState(index: number, state: number): void {
    this.#changes += ((state & CHANGED) - (this.#stateOf(index) & CHANGED)) / CHANGED;
    this.#states[index] = state;
  }

  /** The last one takes the place. */
  #remove(index: number): void {
    this.#setState(index, 0);
    moveLastTo(this.#friends, index);
    moveLastTo(this.#cards, index);
    moveLastTo(this.#distances, index);
    moveLastTo(this.#states, index);
  }
}

function moveLastTo<T>(items: T[], index: number): void {
  const last = items.pop();
  if (last !== undefined && index < items.length) items[index] = last;
}

/** By insertion where there are few, as mostly: sort() makes two arrays for each list, a twelfth of all garbage. */
function sortByDistance(nearby: NearbyFriend[]): void {
  if (nearby.length > FEW) {
    nearby.sort((a, b) => a.distanceMeters - b.distanceMeters);
    return;
  }
  nearby.forEach((entry, index) => {
    let at = index;
    for (; at > 0; at--) {
      const before = nearby[at - 1];
      if (before === undefined || before.distanceMeters <= entry.distanceMeters) break;
      nearby[at] = before;
    }
    nearby[at] = entry;
  });
}
