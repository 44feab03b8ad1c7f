/**
 * What users sent and were answered, and by that, what every list has to hold and must not: computed by brute force,
 * without code of the server. Times are those of performance.now().
 */
import { listFault } from '../support/list-oracle.js';
import type { Member } from '../support/crowd.js';
import type { NearbyEntry } from '../support/nearby-list.js';
import { query } from '../support/query.js';
import { metersBetween, type Place } from '../support/sphere.js';

/** @param lateMs how long after an answer a list may be as it was before it. */
export function createLedger(lateMs: number): Ledger {
  const updates: Update[] = [];
  const byLatitude = new Map<number, Update>();
  /** Of each user, the newest last, from the last one on that was answered long ago. */
  const trails = new Map<string, Update[]>();
  const facts = new Map<string, Fact>();

  function placesOf({ id }: Member, nowMs: number): Update[] {
    const trail = trails.get(id) ?? [];
    const settled = trail.findLastIndex(
      ({ answeredAtMs }) => answeredAtMs !== null && answeredAtMs <= nowMs - lateMs,
    );
    trail.splice(0, Math.max(0, settled));
    return trail;
  }

  /** Null while it is not certain, as after a change that was not answered. */
  function maySee(viewer: Member, friend: Member, nowMs: number, sinceMs: number): boolean | null {
    // Who signs out takes the own location back.
    const names = [pairOf(viewer, friend), friend.id, sessionOf(viewer), sessionOf(friend)];
    const all = names.map((name) => facts.get(name) ?? EVER);
    if (all.some(({ value, atMs }) => value === false && atMs <= nowMs - sinceMs)) return false;
    return all.every(({ value, atMs }) => value === true && atMs <= nowMs - sinceMs) ? true : null;
  }

  return {
    updates,

    send(member, place, isLate = false) {
      const update: Update = {
        id: crypto.randomUUID(),
        place,
        sentAtMs: performance.now(),
        answeredAtMs: null,
        tookMs: null,
        outcome: 'unknown',
        isLate,
      };
      updates.push(update);
      if (isLate) return update;
      byLatitude.set(place.latitude, update);
      trails.set(member.id, [...(trails.get(member.id) ?? []), update]);
      return update;
    },

    async change(fact, value, work) {
      facts.set(fact, { value: null, atMs: performance.now() });
      await work();
      facts.set(fact, { value, atMs: performance.now() });
    },

    sentAtMs: (latitude) => byLatitude.get(latitude)?.sentAtMs,

    isForbidden(viewer, friendId, nowMs) {
      const friend = viewer.friends.find(({ id }) => id === friendId);
      return friend === undefined || maySee(viewer, friend, nowMs, SHOWN_WITHIN_MS) === false;
    },

    wrongEntries(viewer, entries) {
      const nowMs = performance.now();
      const origins = placesOf(viewer, nowMs);
      const wrong = viewer.friends.filter((friend) => {
        const [entry, places] = [entries.get(friend.id), placesOf(friend, nowMs)];
        const near = origins.flatMap((origin) =>
          places.map(({ place }) => metersBetween(origin.place, place) <= RADIUS_METERS),
        );
        const may = maySee(viewer, friend, nowMs, lateMs);
        if (entry === undefined) return may === true && near.length > 0 && near.every(Boolean);
        const isAtOne = places.some(({ place }) => place.latitude === entry.location.latitude);
        return may === false || !near.some(Boolean) || !isAtOne;
      });
      return wrong.length;
    },

    isRight(viewer, entries) {
      const places = new Map<string, Place>();
      for (const friend of viewer.friends) {
        const place = trails.get(friend.id)?.at(-1)?.place;
        if (place !== undefined && maySee(viewer, friend, performance.now(), 0) === true)
          places.set(friend.id, place);
      }
      const origin = trails.get(viewer.id)?.at(-1)?.place;
      return listFault({ origin, friends: places }, entries.values()) === null;
    },

    async missing(databaseUrl) {
      const rows = await query<{ id: string; times: number }>(
        { url: databaseUrl },
        'SELECT id, count(*)::int AS times FROM location_history GROUP BY id',
      );
      const times = new Map(rows.map((row) => [row.id, row.times]));
      const wrong = (wanted: Update['outcome']): number =>
        updates.filter(({ id, outcome }) => outcome === wanted && times.get(id) !== 1).length;
      const twice = rows.filter((row) => row.times > 1).length;
      return { lost: wrong('recorded') + twice, held: wrong('held') };
    },
  };
}

export interface Ledger {
  /** All, in the order in which they were sent. */
  readonly updates: readonly Update[];
  /** Adds one that is about to be sent. @param isLate it is too old to be shown. */
  send(member: Member, place: Place, isLate?: boolean): Update;
  /** Changes a fact by some work; when that fails, it is not certain any more. */
  change(fact: string, value: boolean, work: () => Promise<void>): Promise<void>;
  /** When the update with this latitude was sent; each has another one. */
  sentAtMs(latitude: number): number | undefined;
  /** Whether somebody is shown who may not be seen, a second after that was answered. */
  isForbidden(viewer: Member, friendId: string, nowMs: number): boolean;
  /** How many friends are missing, at a place of before, or should not be there. */
  wrongEntries(viewer: Member, entries: Entries): number;
  /** Whether a list is exactly as it should be, distances too, when nobody has moved for a while. */
  isRight(viewer: Member, entries: Entries): boolean;
  /** How many updates that were recorded are not in the history exactly once, and how many that were held. */
  missing(databaseUrl: string): Promise<{ lost: number; held: number }>;
}

export interface Update {
  readonly id: string;
  readonly place: Place;
  readonly sentAtMs: number;
  /** When it was answered as taken. */
  answeredAtMs: number | null;
  /** Until any answer came. */
  tookMs: number | null;
  /** As it was answered: `recorded: true`, `recorded: false`, or with an error or not at all. */
  outcome: 'recorded' | 'held' | 'unknown';
  /** Of a time before; nobody is shown it. */
  readonly isLate: boolean;
}

/** The names of facts: that two are friends, and that a session lives. That somebody shares is named by their id. */
export const pairOf = (a: { id: string }, b: { id: string }): string => [a.id, b.id].sort().join(' ');
export const sessionOf = ({ id }: { id: string }): string => `session of ${id}`;

type Entries = ReadonlyMap<string, NearbyEntry>;

interface Fact {
  readonly value: boolean | null;
  readonly atMs: number;
}

/** In a crowd, friends are friends, and all share. */
const EVER: Fact = { value: true, atMs: -Infinity };
const SHOWN_WITHIN_MS = 1_000;
const RADIUS_METERS = 8_046.72;
