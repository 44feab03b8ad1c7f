/**
 * Decides what one subscriber gets to know: a friend entered, moved or left, or nothing. It holds the newest
 * state of the friends on the list, never a queue, and nothing of the others. A frame is made of that state
 * when it can be sent, so a state that a newer one replaced is never sent, and a friend who came and left in
 * between is not mentioned. Who is on the list leaves it farther away than others come onto it.
 */
import { distanceWithin } from './distance.js';
import type { LocationUpdate } from './location-update.js';
import type { Radii } from './radius.js';
import { roundMeters } from './rounding.js';
import { swapRemove } from './swap-remove.js';
import type { UserCard } from './user.js';

/**
 * A class with arrays side by side, since a server has one gate for each subscription, and an object and a
 * map entry for each friend on each list are large (docs/decisions/044).
 * @typeParam Key stands for a friend in the calls of one gate; compared by identity.
 */
export class ProximityGate<Key> {
  // Friends who are near or listed, in no order; the same index in all five.
  readonly #friends: Key[] = [];
  readonly #cards: UserCard[] = [];
  readonly #distances: number[] = [];
  /** At what distances the friends may be seen, in metres. */
  readonly #limits: number[] = [];
  readonly #states: number[] = [];
  /** Where the friends stand, while they are too many to search through. */
  #places: Places<Key> | null = null;
  /** Friends whose state has CHANGED. */
  #changes = 0;
  /** Changes that a newer one replaced or undid before a frame took them. */
  #coalesced = 0;
  #origin: LocationUpdate | null = null;
  #listStale = true;
  #originStale = false;

  /** @param radii a friend at exactly one of these distances is near. */
  constructor(
    readonly radii: Radii,
    readonly view: FriendView<Key>,
  ) {}

  /**
   * Sets the subscriber's own location, from which distances are measured. The caller then places the
   * friends. Null empties the list, and the next frame is an empty snapshot.
   */
  setOrigin(next: LocationUpdate | null): void {
    if (next === null && this.#origin !== null) {
      while (this.#friends.length > 0) this.#remove(0);
      this.#listStale = true;
    }
    if (next !== null && this.#origin === null) this.#originStale = true;
    this.#origin = next;
  }

  /** Whether it is known where the subscriber is. */
  get hasOrigin(): boolean {
    return this.#origin !== null;
  }

  /** Whether a friend is within the radius, by what was placed. */
  isNear(friend: Key): boolean {
    const index = this.#indexOf(friend);
    return index >= 0 && (this.#stateOf(index) & NEAR) !== 0;
  }

  /**
   * Measures the distance to a friend's newest location again.
   * @param location that location. By default the view is asked.
   * @returns whether the friend is or was near; nothing changes for one who was too far away and still is.
   */
  place(friend: Key, location = this.view.newest(friend)): boolean {
    if (this.#origin === null || location === null) return false;
    const index = this.#indexOf(friend);
    const state = index < 0 ? 0 : this.#stateOf(index);
    const isNear = (state & NEAR) !== 0;
    const { enterMeters, leaveMeters } = this.radii;
    const radiusMeters = (state & LISTED) !== 0 ? leaveMeters : enterMeters;
    const distanceMeters = distanceWithin(this.#origin, location, radiusMeters);
    if (distanceMeters === null) {
      // A suspended friend may still be on the subscriber's list.
      if (isNear || (index >= 0 && this.view.visibleCard(friend) !== null)) this.#leave(index, 0);
    } else if (isNear && distanceMeters > (this.#limits[index] ?? Infinity)) {
      this.#leave(index, UNAVAILABLE);
    } else if (isNear) {
      this.#coalesce(index);
      this.#distances[index] = distanceMeters;
      this.#setState(index, NEAR | CHANGED | (state & LISTED));
    } else this.#enter(friend, index, distanceMeters);
    return index >= 0 || distanceMeters !== null;
  }

  /** Takes off a friend who is inactive, pauses sharing, or is no longer a friend. */
  takeOff(friend: Key): void {
    const index = this.#indexOf(friend);
    if (index >= 0) this.#leave(index, UNAVAILABLE);
  }

  /** Sends nothing about a friend until `place` or `takeOff` is called again. */
  suspend(friend: Key): void {
    const index = this.#indexOf(friend);
    if (index >= 0) this.#suspend(index);
  }

  /**
   * Forgets where everybody is, but not who is on the list, which the next frame replaces. The caller then sets the
   * origin and places the friends.
   */
  beginAnew(): void {
    // From the end, since removing a friend puts the last one in its place.
    for (let index = this.#friends.length - 1; index >= 0; index--) this.#suspend(index);
    this.#origin = null;
    this.#listStale = true;
  }

  /** Makes the next frame the whole list, since the last one did not reach the subscriber. */
  startOver(): void {
    this.#listStale = true;
  }

  hasChanges(): boolean {
    return this.#listStale || this.#originStale || this.#changes > 0;
  }

  /** How many friends have changes that no frame has taken. */
  get changes(): number {
    return this.#changes;
  }

  /** How many changes were coalesced since the last call. */
  takeCoalesced(): number {
    const coalesced = this.#coalesced;
    this.#coalesced = 0;
    return coalesced;
  }

  /** Returns the next frame, which counts as sent from now on; null when nothing has changed. */
  takeFrame(): NearbyFrame | null {
    if (!this.hasChanges()) return null;
    const snapshot = this.#listStale;
    const nearby: Writable<NearbyFriend>[] = [];
    const left: DepartedFriend[] = [];
    // From the end, since removing a friend puts the last one in its place.
    for (let index = this.#friends.length - 1; index >= 0; index--) {
      const state = this.#stateOf(index);
      if (!snapshot && (state & CHANGED) === 0) continue;
      const [friend, card] = [this.#friends[index], this.#cards[index]];
      if (friend === undefined || card === undefined) continue;
      if ((state & NEAR) !== 0) {
        const location = this.view.newest(friend);
        if (location !== null)
          nearby.push({ friend: card, distanceMeters: this.#distances[index] ?? 0, location });
        // Of somebody who was never told nothing can be told later, not even that they left.
        if (location === null && (snapshot || (state & LISTED) === 0)) this.#remove(index);
        else this.#setState(index, NEAR | LISTED);
      } else {
        const reason = (state & UNAVAILABLE) !== 0 ? 'UNAVAILABLE' : 'OUT_OF_RANGE';
        if (!snapshot) left.push({ friendId: card.id, reason });
        this.#remove(index);
      }
    }
    this.#listStale = this.#originStale = false;
    nearby.sort((a, b) => a.distanceMeters - b.distanceMeters);
    for (const entry of nearby) entry.distanceMeters = roundMeters(entry.distanceMeters);
    return { snapshot, nearby, left, origin: this.#origin };
  }

  #enter(friend: Key, index: number, distanceMeters: number): void {
    const card = this.view.visibleCard(friend);
    if (card === null) return;
    const limitMeters = this.view.maxRadiusMeters(friend);
    if (distanceMeters > limitMeters) {
      if (index >= 0) this.#leave(index, UNAVAILABLE);
      return;
    }
    let at = index;
    // A friend who left and came back may have a new key here, and is the same to the subscriber.
    if (at < 0 && !this.#listStale) at = this.#indexOfId(card.id);
    const listed = at >= 0 ? this.#stateOf(at) & LISTED : 0;
    if (at < 0) at = this.#friends.length;
    else this.#coalesce(at);
    this.#keepPlace(at, friend, card.id);
    this.#friends[at] = friend;
    this.#cards[at] = card;
    this.#distances[at] = distanceMeters;
    this.#limits[at] = limitMeters;
    this.#setState(at, NEAR | CHANGED | listed);
  }

  #suspend(index: number): void {
    this.#setState(index, this.#stateOf(index) & LISTED);
    if (this.#stateOf(index) === 0) this.#remove(index);
  }

  #leave(index: number, reason: number): void {
    this.#coalesce(index);
    if ((this.#stateOf(index) & LISTED) === 0) this.#remove(index);
    else this.#setState(index, LISTED | CHANGED | reason);
  }

  /** Counts a change that no frame has taken and that is about to be replaced. */
  #coalesce(index: number): void {
    this.#coalesced += (this.#stateOf(index) & CHANGED) / CHANGED;
  }

  #stateOf(index: number): number {
    return this.#states[index] ?? 0;
  }

  #setState(index: number, state: number): void {
    this.#changes += ((state & CHANGED) - (this.#stateOf(index) & CHANGED)) / CHANGED;
    this.#states[index] = state;
  }

  #indexOf(friend: Key): number {
    return this.#places === null ? this.#friends.indexOf(friend) : (this.#places.byKey.get(friend) ?? -1);
  }

  #indexOfId(friendId: string): number {
    if (this.#places !== null) return this.#places.byId.get(friendId) ?? -1;
    return this.#cards.findIndex(({ id }) => id === friendId);
  }

  /** Notes that a friend is about to stand at an index, maybe instead of the same friend with another key. */
  #keepPlace(index: number, friend: Key, friendId: string): void {
    if (this.#places === null && index >= SEARCHED_FRIENDS) {
      this.#places = {
        byKey: new Map(this.#friends.map((known, at) => [known, at])),
        byId: new Map(this.#cards.map(({ id }, at) => [id, at])),
      };
    }
    if (this.#places === null) return;
    const former = this.#friends[index];
    if (former !== undefined) this.#places.byKey.delete(former);
    this.#places.byKey.set(friend, index);
    this.#places.byId.set(friendId, index);
  }

  #movePlace(from: number, to: number): void {
    const [friend, card] = [this.#friends[from], this.#cards[from]];
    if (this.#places === null || friend === undefined || card === undefined) return;
    this.#places.byKey.set(friend, to);
    // Until the next snapshot a friend with another key may stand twice, of whom the newer one counts.
    if (this.#places.byId.get(card.id) === from) this.#places.byId.set(card.id, to);
  }

  #forgetPlace(index: number): void {
    const [friend, card] = [this.#friends[index], this.#cards[index]];
    if (this.#places === null || friend === undefined || card === undefined) return;
    this.#places.byKey.delete(friend);
    if (this.#places.byId.get(card.id) === index) this.#places.byId.delete(card.id);
    if (this.#friends.length <= SEARCHED_FRIENDS / 2) this.#places = null;
  }

  /** Puts the last friend in the place of the removed one. */
  #remove(index: number): void {
    this.#setState(index, 0);
    this.#forgetPlace(index);
    if (index < this.#friends.length - 1) this.#movePlace(this.#friends.length - 1, index);
    swapRemove(this.#friends, index);
    swapRemove(this.#cards, index);
    swapRemove(this.#distances, index);
    swapRemove(this.#limits, index);
    swapRemove(this.#states, index);
  }
}

export interface NearbyFriend {
  readonly friend: UserCard;
  /** With at most 2 decimals. Who is near, and the order, go by the whole distance. */
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

/** What a gate needs to know of friends. */
export interface FriendView<Key> {
  /**
   * The card of a friend who may be shown now, null for anybody else. Called before a friend comes onto the
   * list.
   */
  visibleCard(friend: Key): UserCard | null;
  /** Beyond this distance the friend does not want to be seen; Infinity for no limit. Called with `visibleCard`. */
  maxRadiusMeters(friend: Key): number;
  /**
   * A friend's newest location as the subscriber may see it, null when inactive or not to be seen. Whoever changes it
   * calls `place` or `takeOff` at once.
   */
  newest(friend: Key): LocationUpdate | null;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

// The state of a friend in the arrays, as bits.
const NEAR = 1;
/** The friend is on the subscriber's list. */
const LISTED = 2;
/** The next frame mentions the friend. */
const CHANGED = 4;
/** Why the friend is not near: inactive, hidden, too far to be shown, or no longer a friend; without it, out of the radius. */
const UNAVAILABLE = 8;

interface Places<Key> {
  readonly byKey: Map<Key, number>;
  readonly byId: Map<string, number>;
}

/** Searching so many in an array is as fast as a map, which takes ten times the memory. */
const SEARCHED_FRIENDS = 64;
