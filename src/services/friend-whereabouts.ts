/**
 * Which friends of one nearbyFriends session are there, and where about. Here is decided whom the session
 * watches: those alone whose whereabouts its radius may meet. Of everybody else it hears in the user's inbox
 * when they come and when their whereabouts are others. docs/decisions/097-whereabouts.md says why nobody is
 * missed.
 */
import { approximateAt, GREATEST_DISPLACEMENT_METERS } from '../domain/approximate-place.js';
import { distanceMeters } from '../domain/distance.js';
import { IdSet } from '../domain/id-set.js';
import { fromRecord, isKeptAfter, type LocationUpdate, MAX_LEAD_MS } from '../domain/location-update.js';
import { SafeRegion } from '../domain/safe-region.js';
import { overlapMeters, parseWhereabouts, type Whereabouts } from '../domain/whereabouts.js';
import type { Clock } from '../time/clock.js';
import { nextTurn } from '../time/next-turn.js';
import type { Announcer } from './announcer.js';
import type { FriendIds } from './friend-relations.js';
import type { FriendRoster } from './friend-roster.js';
import type { LocationDispatcher } from './location-dispatcher.js';
import type { OlderServers } from './older-servers.js';
import type { LocationSubscriber, TrackedUser } from './user-topics.js';

/** A class, since a server has one for each subscription. */
export class FriendWhereabouts {
  #viewer: TrackedUser | null = null;
  /** All friends. */
  #friends = new IdSet([]);
  /** Those who may be shown approximately. They are shown in another place than where they are. */
  #approximate = new Set<string>();
  /**
   * The friends who are there, by id, as long as no topic knows it better, with the newest location that was heard or
   * read of each, which may be old by now: null for whom a server of the release before may make come, and who may be
   * anywhere. Nobody is forgotten by the clock of this server.
   */
  readonly #heard = new Map<string, LocationUpdate | null>();
  /** Whether all friends who are there are known. */
  #isWhole = false;
  #wasWhole = false;
  /** Friends who were not known to be there, and have to be told where the viewer is. */
  #newcomers: string[] = [];
  /** Whether and since when `begin` knew where the viewer is, milliseconds since the epoch. */
  #hadOrigin = false;
  #viewerSinceMs = 0;
  /** Where the viewer may be without anything else being decided by nearness of anybody who is there. */
  readonly #settled = new SafeRegion();

  constructor(
    readonly viewerId: string,
    /** Who may be within this distance is watched, metres: the farthest at which the list may show anybody. */
    readonly radiusMeters: number,
    /** Those who are watched. */
    readonly roster: FriendRoster,
    readonly deps: FriendWhereaboutsDeps,
    readonly list: WatchingList,
  ) {}

  /** The viewer, as the server knows them; null before the first `begin`. */
  get viewer(): TrackedUser | null {
    return this.#viewer;
  }

  /** From now on nobody is watched or left until `begin` has resolved. */
  pause(): void {
    this.#isWhole = false;
  }

  /**
   * Reads who is there among exactly these friends, and watches those who may be near. The viewer's own
   * location is read first: of two who come at once, one at least sees the other.
   */
  async begin({ all: friendIds, approximate }: FriendIds, isCurrent: () => boolean): Promise<void> {
    const { dispatcher, announcer } = this.deps;
    const [viewer = null] = dispatcher.subscribe([this.viewerId], this.list, true);
    this.#viewer = viewer;
    if (viewer !== null) await dispatcher.whenLoaded([viewer]);
    if (!isCurrent()) return;
    this.#viewerSinceMs = this.#viewerWhereabouts?.madeAtMs ?? 0;
    this.#hadOrigin = this.#origin !== null;
    if (this.#hadOrigin) await this.#read(friendIds, isCurrent);
    if (!isCurrent()) return;
    this.#friends = new IdSet(friendIds);
    this.#approximate = new Set(approximate);
    const friends = new Set(friendIds);
    for (const friendId of this.#idsKnown()) if (!friends.has(friendId)) this.#forget(friendId);
    this.#isWhole = true;
    if (this.#wasWhole) this.#answer();
    this.#newcomers = [];
    this.#wasWhole = true;
    this.#settled.startAt(this.#origin);
    const known = this.#idsKnown();
    for (let start = 0; start < known.length; start += EVALUATED_PER_TURN) {
      if (start > 0) await nextTurn(this.deps.clock);
      if (!isCurrent()) return;
      const knownOfTurn = known.slice(start, start + EVALUATED_PER_TURN);
      // What could not be subscribed or read before is tried again.
      const watched = this.#subscribe(
        knownOfTurn.filter((friendId) => this.roster.userOf(friendId) !== null),
      );
      this.#evaluate(watched, knownOfTurn);
    }
    if (this.#viewerWhereabouts?.announced === false) announcer.announceKept(this.viewerId, this.idsThere());
  }

  /** Whether the viewer has come since `begin`, which has to be repeated: who came meanwhile did not tell. */
  get viewerCame(): boolean {
    if (this.#origin !== null && !this.#hadOrigin) return true;
    const whereabouts = this.#viewerWhereabouts;
    return whereabouts !== null && whereabouts.came && whereabouts.madeAtMs !== this.#viewerSinceMs;
  }

  /** Takes an announcement. Of somebody who is no friend it is ignored. @param record null to read again. */
  hear(friendId: string, record: unknown): void {
    if (this.#isWhole && !this.#friends.has(friendId)) return;
    const update = fromRecord(record, this.deps.clock.now());
    if (update === null) void this.readAgain([friendId]);
    else if (this.#isNews(friendId, update)) {
      this.#know(friendId, update);
      this.#settle(friendId);
    }
  }

  /** A friendship is there. Resolves when it is known whether a new friend is to be watched. */
  async add(friendId: string, mayBeApproximate: boolean): Promise<void> {
    const isKnown = this.#approximate.has(friendId);
    if (mayBeApproximate) this.#approximate.add(friendId);
    else this.#approximate.delete(friendId);
    if (this.#friends.add(friendId)) await this.readAgain([friendId]);
    else if (isKnown !== mayBeApproximate) this.evaluate(friendId);
  }

  /** A friendship ended. */
  remove(friendId: string): void {
    this.#friends.delete(friendId);
    this.#approximate.delete(friendId);
    this.#forget(friendId);
  }

  /** Reads again where those are who are not watched, as a message may be lost, or what is kept of them. */
  reread(concerns: (userId: string) => boolean): Promise<void> {
    return this.readAgain(this.idsThere().filter((id) => concerns(id) && this.roster.userOf(id) === null));
  }

  /** Reads again where friends are who are silent, or new, or of whom it was asked to. */
  async readAgain(friendIds: readonly string[]): Promise<void> {
    const isCurrent = (): boolean => this.#isWhole;
    if (!isCurrent() || friendIds.length === 0) return;
    try {
      await this.#read(friendIds, isCurrent);
      if (isCurrent()) for (const friendId of friendIds) this.#settle(friendId);
    } catch (error) {
      if (isCurrent()) this.list.readFailed(error);
    }
  }

  /** Decides anew of all who are there. */
  evaluateAll(): void {
    this.#settled.startAt(this.#origin);
    this.#evaluate([...this.roster.users()], [...this.#heard.keys()]);
  }

  /**
   * The viewer has moved. It is also time to ask again for those who fell silent just before Redis forgot
   * them.
   */
  viewerMoved(): void {
    if (!this.#settled.has(this.#origin)) this.evaluateAll();
    const silent = this.roster.users().filter(({ newest }) => newest === null);
    void this.readAgain(silent.map(({ userId }) => userId));
  }

  /** Decides whether the list watches a friend. */
  evaluate(friendId: string): void {
    const user = this.roster.userOf(friendId);
    this.#evaluate(user === null ? [] : [user], [friendId]);
  }

  /** Leaves a friend's topic; the friend stays known. */
  unwatch(friendId: string): void {
    const user = this.roster.userOf(friendId);
    if (user === null) return;
    this.roster.delete(friendId);
    if (user.kept !== null || !this.#heard.has(friendId)) this.#heard.set(user.userId, user.kept);
    this.deps.dispatcher.unsubscribe([friendId], this.list);
  }

  /** The friends who are there. */
  idsThere(): string[] {
    return this.#idsKnown().filter((friendId) => this.#newestOf(friendId) !== null);
  }

  /** Leaves all topics. */
  end(): void {
    this.pause();
    const watched = [this.viewerId, ...this.roster.users().map(({ userId }) => userId)];
    this.roster.clear();
    this.#heard.clear();
    this.deps.leaveLimit(() => {
      this.deps.dispatcher.unsubscribe(watched, this.list);
    });
  }

  /** Null while nobody knows where the viewer is: then nobody is watched. */
  get #origin(): LocationUpdate | null {
    return this.#viewer === null ? null : this.#viewer.newest;
  }

  get #viewerWhereabouts(): Whereabouts | null {
    return parseWhereabouts(this.#viewer?.kept?.whereabouts);
  }

  /**
   * Whoever was gone meanwhile may come back with a clock that was set back. Servers' clocks differ by less
   * than the time that takes.
   */
  #isNews(friendId: string, update: LocationUpdate): boolean {
    const known = this.#newestOf(friendId);
    if (known === null || isKeptAfter(update, known, this.deps.clock.now(), false)) return true;
    const [knownSinceMs, sinceMs] = [known, update].map(
      ({ whereabouts }) => parseWhereabouts(whereabouts)?.madeAtMs ?? 0,
    );
    return knownSinceMs !== 0 && Number(sinceMs) > Number(knownSinceMs) + MAX_LEAD_MS;
  }

  async #read(friendIds: readonly string[], isCurrent: () => boolean): Promise<void> {
    for (let start = 0; start < friendIds.length && isCurrent(); start += READ_PER_TURN)
      await this.#readTogether(friendIds.slice(start, start + READ_PER_TURN), isCurrent);
  }

  /** What came while the question was under way is newer than the answer. */
  async #readTogether(friendIds: readonly string[], isCurrent: () => boolean): Promise<void> {
    const asked = friendIds.map((friendId) => this.#newestOf(friendId));
    const updates = await this.deps.dispatcher.kept(friendIds);
    if (!isCurrent()) return;
    friendIds.forEach((friendId, index) => {
      const update = updates[index] ?? null;
      const isUnheard = this.#newestOf(friendId) === asked[index];
      if (update !== null && (isUnheard || this.#isNews(friendId, update))) this.#know(friendId, update);
      else if (update === null && isUnheard) this.#miss(friendId);
    });
  }

  /** The newest that was kept of a friend, as far as is known. */
  #newestOf(friendId: string): LocationUpdate | null {
    return this.roster.userOf(friendId)?.kept ?? this.#heard.get(friendId) ?? null;
  }

  /** The friends who are there, and those of whom that is not known. */
  #idsKnown(): string[] {
    const unwatched = [...this.#heard.keys()].filter((friendId) => this.roster.userOf(friendId) === null);
    return [...this.roster.users().map(({ userId }) => userId), ...unwatched];
  }

  /** Takes what was heard or read just now. The topic of a friend who is watched keeps it for all lists. */
  #know(friendId: string, update: LocationUpdate): void {
    if (this.#newestOf(friendId) === null) this.#newcomers.push(friendId);
    if (this.roster.userOf(friendId)?.kept != null) this.deps.dispatcher.learn(friendId, update);
    else this.#heard.set(friendId, update);
  }

  /** Nothing is kept of a friend. A watched one counts as there as long as this server has heard of them. */
  #miss(friendId: string): void {
    const user = this.roster.userOf(friendId);
    if (user !== null && user.newest !== null) return;
    if (this.deps.olderServers.areAtWork()) this.#heard.set(friendId, null);
    else this.#forget(friendId);
  }

  /**
   * Decides of a friend of whom something was heard or read just now. Until the topic of one who is watched
   * from now on is read, this is shown: it comes later than without watching by no more than a message.
   */
  #settle(friendId: string): void {
    if (!this.#isWhole) return;
    this.#answer();
    this.evaluate(friendId);
    const update = this.#heard.get(friendId) ?? null;
    if (update === null || this.roster.userOf(friendId) === null) return;
    this.deps.dispatcher.learn(friendId, update);
    this.#release(friendId);
  }

  /** Keeps nothing that the topic of a friend who is watched knows better. */
  #release(friendId: string): void {
    if (this.roster.userOf(friendId)?.kept != null) this.#heard.delete(friendId);
  }

  /** Only now: what was announced before a friend was known did not go there. */
  #answer(): void {
    if (this.#newcomers.length > 0) this.deps.announcer.answer(this.viewerId, this.#newcomers.splice(0));
  }

  /**
   * Who is on the list is watched in any case: this server may have an update that Redis has not kept yet.
   * @param friendIds those of them are considered who are not watched.
   */
  #evaluate(watched: readonly TrackedUser[], friendIds: readonly string[]): void {
    if (!this.#isWhole) return;
    for (const user of watched) {
      if (this.#mayBeNear(user.userId, user.kept, true)) continue;
      if (!this.list.shows(user)) this.unwatch(user.userId);
      // Where the friend is away by what is kept, it is asked again at every move.
      else this.#settled.narrow(this.#origin, 0);
    }
    const coming = friendIds.filter((friendId) => {
      const kept = this.#heard.get(friendId);
      const isUnwatched = kept !== undefined && this.roster.userOf(friendId) === null;
      return isUnwatched && this.#mayBeNear(friendId, kept, false);
    });
    if (coming.length > 0) this.#watch(coming);
  }

  #mayBeNear(friendId: string, kept: LocationUpdate | null, isWatched: boolean): boolean {
    const origin = this.#origin;
    if (origin === null) {
      // The viewer may be back in the same place.
      this.#settled.narrow(null, 0);
      return false;
    }
    const whereabouts = parseWhereabouts(kept?.whereabouts);
    if (kept === null || whereabouts === null) {
      this.#settled.narrow(origin, 0);
      return true;
    }
    const isApproximate = this.#approximate.has(friendId);
    const radiusMeters = this.radiusMeters + (isApproximate ? GREATEST_DISPLACEMENT_METERS : 0);
    const overlap = overlapMeters(origin, whereabouts, radiusMeters, isWatched);
    this.#settled.narrow(origin, Math.abs(overlap));
    return overlap >= 0 || (isApproximate && this.#isShownNear(origin, kept));
  }

  /** Whoever leaps away is shown approximately where they were until the minute is over. */
  #isShownNear(origin: LocationUpdate, update: LocationUpdate): boolean {
    const shown = approximateAt(update, this.deps.clock.now());
    if (shown === null) return false;
    const overlap = this.radiusMeters - distanceMeters(origin, shown);
    this.#settled.narrow(origin, Math.abs(overlap));
    return overlap >= 0;
  }

  /** What is known of the friends may be old, or was taken back: nothing is shown before the topics are read. */
  #watch(friendIds: readonly string[]): void {
    const users = this.#subscribe(friendIds);
    const watched = (): TrackedUser[] => users.filter((user) => this.roster.userOf(user.userId) === user);
    this.deps.dispatcher.whenLoaded(users).then(
      () => {
        for (const { userId } of watched()) this.#release(userId);
        // Friends may have fallen silent meanwhile: then there is nobody to watch.
        const silent = watched().filter(({ newest }) => newest === null);
        void this.readAgain(silent.map(({ userId }) => userId));
      },
      (error: unknown) => {
        if (this.#isWhole && watched().length > 0) this.list.readFailed(error);
      },
    );
    for (const user of users) this.list.onWatched(user);
  }

  #subscribe(friendIds: readonly string[]): TrackedUser[] {
    const users = this.deps.dispatcher.subscribe(friendIds, this.list);
    for (const user of users) this.roster.watch(user);
    return users;
  }

  #forget(friendId: string): void {
    this.unwatch(friendId);
    this.#heard.delete(friendId);
  }
}

/** More friends take too long for one turn of the event loop: to read where they are, and to subscribe to them. */
const READ_PER_TURN = 1_000;
const EVALUATED_PER_TURN = 500;

/** The list that watches friends; it gets the locations of the viewer and of those. */
export interface WatchingList extends LocationSubscriber {
  /** Whether a friend who is watched is on the list. */
  shows(user: TrackedUser): boolean;
  /** From now on a friend is watched; whether the friend may be seen is not known. */
  onWatched(user: TrackedUser): void;
  /** Locations could not be read: everything has to be repeated. */
  readFailed(error: unknown): void;
}

export interface FriendWhereaboutsDeps {
  readonly dispatcher: LocationDispatcher;
  readonly announcer: Pick<Announcer, 'announceKept' | 'answer'>;
  readonly olderServers: Pick<OlderServers, 'areAtWork'>;
  /**
   * Limits how many sessions end in one turn of the event loop: each unsubscribes from some dozens of
   * friends.
   */
  readonly leaveLimit: (task: () => void) => void;
  readonly clock: Clock;
}
