/**
 * A crowd that uses a deployment: all move and watch, all the time, some look something up, and now and then somebody may
 * not be seen any more for a while. A ledger has what was sent and answered, and tells what the lists have to hold.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type GraphQLAnswer, request, UPDATE_LOCATION, type UpdateAnswer } from '../support/api.js';
import { type Member, somewhere } from '../support/crowd.js';
import { CHANGES, type ChangeName } from './changes.js';
import { type AppClient, openClient } from './client.js';
import { type Deployment, FRAME_INTERVAL_MS } from './deployment.js';
import { createLedger, type Ledger, pairOf, sessionOf, type Update } from './ledger.js';

/** How long after the answer to an update, or to a change, lists may be as they were before. */
export const LATE_MS = 1_000 + FRAME_INTERVAL_MS;

/** Returns when all lists are right. */
export async function startTraffic(
  deployment: Deployment,
  members: readonly Member[],
  updatesPerSecond: number,
): Promise<Traffic> {
  const ledger = createLedger(LATE_MS);
  const defects: string[] = [];
  const fanOutMs: number[] = [];
  const signedOut = new Set<Member>();
  /** Who has an update under way. */
  const moving = new Set<Member>();
  /** Who may not be seen by somebody, or is just becoming so. */
  const busy = new Set<Member>();
  let forbidden = 0;
  let isMeasured = false;
  let isOver = false;

  const users: User[] = members.map((member, index) => {
    const client = openClient({
      url: () => deployment.urlFrom(index),
      token: member.token,
      onFrame({ snapshot, nearby }, before) {
        const nowMs = performance.now();
        for (const { friend, location } of nearby) {
          if (ledger.isForbidden(member, friend.id, nowMs)) forbidden += 1;
          const shown = before.get(friend.id)?.location.latitude;
          const sentAtMs = ledger.sentAtMs(location.latitude);
          // What a snapshot holds, and who is near because the viewer has moved, may be old.
          if (snapshot || shown === undefined || shown === location.latitude) continue;
          if (isMeasured && sentAtMs !== undefined) fanOutMs.push(nowMs - sentAtMs);
        }
      },
    });
    void client.failed.then((error) => {
      if (!signedOut.has(member)) defects.push(`a list ended: ${JSON.stringify(error)}`);
    });
    return { member, client };
  });

  const anyUrl = (): string => deployment.urlFrom(Math.floor(Math.random() * deployment.servers.length));
  const isFree = (member: Member): boolean => !busy.has(member) && !signedOut.has(member);
  const anybody = (): Member => pick(members.filter((member) => !signedOut.has(member)));

  function judge(member: Member, { errors = [] }: GraphQLAnswer<unknown>): void {
    for (const { message, extensions } of errors) {
      if (extensions?.code === 'UNAVAILABLE' || signedOut.has(member)) continue;
      defects.push(`${extensions?.code}: ${message}`);
    }
  }

  /** @param recordedAt of the device; the server's time when left out. */
  async function report({ member }: User, update: Update, recordedAt: string | undefined, send: Send) {
    const variables = { input: { ...update.place, id: update.id, recordedAt } };
    try {
      const answer = await send(member.token, UPDATE_LOCATION, variables);
      judge(member, answer);
      update.tookMs = performance.now() - update.sentAtMs;
      if (answer.data == null) return;
      update.outcome = answer.data.updateLocation.recorded ? 'recorded' : 'held';
      update.answeredAtMs = performance.now();
    } catch {
      // Its server has gone.
    }
  }

  /** Over the own socket and over HTTP to any server in turn, with the device's time and without. */
  async function move(user: User): Promise<void> {
    const update = ledger.send(user.member, somewhere());
    moving.add(user.member);
    const recordedAt = Math.random() < 0.5 ? new Date().toISOString() : undefined;
    const overSocket: Send = (_token, query, variables) => user.client.request(query, variables);
    const overHttp: Send = (token, query, variables) => request(anyUrl(), token, query, variables);
    await report(user, update, recordedAt, Math.random() < 0.5 ? overSocket : overHttp);
    moving.delete(user.member);
  }

  async function keepMoving(user: User): Promise<void> {
    const everyMs = (1_000 * members.length) / updatesPerSecond;
    await sleep(Math.random() * everyMs);
    while (!isOver && !signedOut.has(user.member)) {
      await move(user);
      await sleep(everyMs * (0.5 + Math.random()));
    }
  }

  async function keepLooking(): Promise<void> {
    while (!isOver) {
      const member = anybody();
      const looked = request(anyUrl(), member.token, pick(QUERIES));
      const judged = looked.then(
        (answer) => judge(member, answer),
        () => undefined,
      );
      await Promise.race([judged, sleep(2_000)]);
      await sleep(200);
    }
  }

  async function keepChanging(): Promise<void> {
    const changes: Promise<unknown>[] = [];
    while (!isOver) {
      changes.push(
        hideSomebody(pick(CHANGE_NAMES), anyUrl()).then(async (hidden) => {
          await sleep(3_000);
          await hidden.show();
        }),
      );
      await sleep(1_000);
    }
    await Promise.all(changes);
  }

  async function hideSomebody(name: ChangeName, url: string): Promise<Hidden> {
    const user = pick(members.filter((member) => isFree(member) && member.friends.some(isFree)));
    const friend = pick(user.friends.filter(isFree));
    for (const each of [user, friend]) busy.add(each);
    const fact = name === 'pause' ? user.id : pairOf(user, friend);
    const isHidden = await attempt(fact, false, () => CHANGES[name].hide(url, user, friend));
    return {
      isHidden,
      async show() {
        const giveUpAtMs = performance.now() + SHOWN_AGAIN_WITHIN_MS;
        while (!(await attempt(fact, true, () => CHANGES[name].show(anyUrl(), user, friend)))) {
          if (performance.now() > giveUpAtMs) throw new Error('A change cannot be taken back.');
          await sleep(500);
        }
        for (const each of [user, friend]) busy.delete(each);
      },
    };
  }

  /** Whether it was answered. */
  async function attempt(fact: string, value: boolean, work: () => Promise<void>): Promise<boolean> {
    return ledger.change(fact, value, work).then(
      () => true,
      (error: unknown) => {
        if (!EXCUSED.test(String(error))) defects.push(String(error));
        return false;
      },
    );
  }

  const countWrong = (of: (user: User) => number): number =>
    users.reduce((sum, user) => sum + (signedOut.has(user.member) ? 0 : of(user)), 0);
  const wrongEntries = (): number =>
    countWrong(({ member, client }) => ledger.wrongEntries(member, client.entries));
  const wrongLists = (): number =>
    countWrong(({ member, client }) => (ledger.isRight(member, client.entries) ? 0 : 1));

  await Promise.all(users.map(move));
  const running = Promise.all([...users.map(keepMoving), keepLooking(), keepChanging()]);
  await untilNone(wrongEntries, START_WITHIN_MS);
  isMeasured = true;

  return {
    users,
    ledger,
    fanOutMs,
    defects,
    forbidden: () => forbidden,
    wrongEntries,
    hideSomebody,

    async signOutSomebody(url) {
      const { member, client } = pick(
        users.filter((user) => isFree(user.member) && !moving.has(user.member)),
      );
      signedOut.add(member);
      client.stay();
      await ledger.change(sessionOf(member), false, async () => {
        await ask(url, member.token, 'mutation { signOut }');
      });
      await sleep(ENDED_WITHIN_MS);
      if (client.isOpen()) defects.push('the socket of a session that has ended is open');
    },

    async reportLate(user, recordedAt) {
      const update = ledger.send(user.member, somewhere(), true);
      await report(user, update, recordedAt, (...operation) => request(anyUrl(), ...operation));
    },

    async end() {
      isOver = true;
      await running;
      // What was not answered is not certain, and an announcement that a fault swallowed is told again with the next
      // update.
      await Promise.all(users.filter(({ member }) => !signedOut.has(member)).map(move));
      return untilNone(wrongLists, RIGHT_WITHIN_MS);
    },

    async close() {
      isOver = true;
      await Promise.all(users.map(({ client }) => client.close()));
    },
  };
}

export interface Traffic {
  readonly users: readonly User[];
  readonly ledger: Ledger;
  /** From sending an update to each frame that has it, for friends who were on the list before. */
  readonly fanOutMs: readonly number[];
  /** Answers and ends that no fault excuses. */
  readonly defects: readonly string[];
  /** How often somebody was shown who may not be seen. */
  forbidden(): number;
  /** How many entries of lists are wrong now, or missing. */
  wrongEntries(): number;
  /** Makes a change after which somebody may not be seen, by any user. */
  hideSomebody(name: ChangeName, url: string): Promise<Hidden>;
  /** Ends the session of any user, and sees to it that its socket ends, too. */
  signOutSomebody(url: string): Promise<void>;
  /** Reports a place of another time. */
  reportLate(user: User, recordedAt: string): Promise<void>;
  /** Stops all that moves. @returns how many lists are not right soon after it. */
  end(): Promise<number>;
  close(): Promise<void>;
}

export interface User {
  readonly member: Member;
  readonly client: AppClient;
}

export interface Hidden {
  /** Whether the change was answered. */
  readonly isHidden: boolean;
  /** Takes the change back, until that is answered. */
  show(): Promise<void>;
}

type Send = (
  token: string,
  query: string,
  variables: Record<string, unknown>,
) => Promise<GraphQLAnswer<UpdateAnswer>>;

const CHANGE_NAMES = Object.keys(CHANGES) as ChangeName[];
const SHOWN_AGAIN_WITHIN_MS = 60_000;
const START_WITHIN_MS = 20_000;
const RIGHT_WITHIN_MS = 10_000;
const ENDED_WITHIN_MS = 2_250;
/** Answers, and the ends of connections to a server that has gone. */
const EXCUSED = /UNAVAILABLE|fetch failed|terminated|JSON/;
const QUERIES = [
  '{ me { handle } }',
  '{ friends(first: 10) { totalCount edges { node { handle } } } }',
  '{ nearbyFriends { distanceMeters } }',
  '{ locationHistory(first: 20) { edges { node { latitude } } } }',
  '{ friendRequests(first: 10) { edges { node { id } } } sharing { enabled } }',
];

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;

/** Waits until there is none, and returns how many there are when it takes too long. */
async function untilNone(count: () => number, timeoutMs: number): Promise<number> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (count() > 0 && performance.now() < giveUpAtMs) await sleep(100);
  return count();
}
