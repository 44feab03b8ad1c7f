/** Describes who there is, who is friends with whom, and where everybody lives. Users are numbers here, from 0. */
import type { Graph } from '../load/people/graph.js';

export interface Population {
  /** Letters, digits, hyphens and underscores. */
  readonly name: string;
  /** The first `connected` users are the clients. */
  readonly homes: readonly Home[];
  readonly connected: number;
  /**
   * How many of each client's own friends are connected to other servers, and how many of those, the first ones, are near;
   * they follow the clients in `homes`.
   */
  readonly friendsElsewhere: number;
  readonly nearElsewhere: number;
  /** Each pair once. */
  readonly friendships: readonly (readonly [number, number])[];
  /** How far users walk from their homes. */
  readonly roamMeters: number;
}

export interface Home {
  readonly latitude: number;
  readonly longitude: number;
  /** How many clients are friends and near at any time. */
  readonly nearFriends: number;
}

interface CirclesOptions {
  readonly name: string;
  readonly circles: number;
  /** Users in a circle, all friends of each other, all connected. */
  readonly size: number;
  /** Which part of a circle is near each other: 1 by default. */
  readonly nearShare?: number;
  /** More friends of everybody in a circle, who are never connected. */
  readonly absentFriends?: number;
}

/** Circles lie 1.5 degrees apart, groups of a circle 30 km: far beyond the radius wherever users walk. */
const CIRCLE_DEGREES = 1.5;
const GROUP_DEGREES = 0.3;
const CIRCLES_IN_A_COLUMN = 30;
const CITIES = 240;
const GROUPS_IN_A_ROW = 3;
const ROAM_METERS = 300;

/** Makes circles of friends, each in a city of its own. */
export function circles(options: CirclesOptions): Population {
  const { name, circles: count, size, nearShare = 1, absentFriends = 0 } = options;
  const groupSize = Math.round((size - 1) * nearShare) + 1;
  const homes: Home[] = [];
  const friendships: (readonly [number, number])[] = [];
  for (let circle = 0; circle < count; circle++) {
    const first = circle * size;
    for (let member = 0; member < size; member++) {
      const group = Math.floor(member / groupSize);
      const groupEnd = Math.min(size, (group + 1) * groupSize);
      homes.push({ ...placeOf(circle, group), nearFriends: groupEnd - group * groupSize - 1 });
      for (let other = member + 1; other < size; other++) friendships.push([first + member, first + other]);
    }
  }
  const connected = homes.length;
  for (let circle = 0; circle < count; circle++) {
    for (let absent = 0; absent < absentFriends; absent++) {
      for (let member = 0; member < size; member++) friendships.push([circle * size + member, homes.length]);
      homes.push({ ...placeOf(circle, 0), nearFriends: 0 });
    }
  }
  return {
    name,
    homes,
    connected,
    friendsElsewhere: 0,
    nearElsewhere: 0,
    friendships,
    roamMeters: ROAM_METERS,
  };
}

interface StrangersOptions {
  readonly name: string;
  readonly clients: number;
  /** Of each client and nobody else; `nearElsewhere` of them are near, the others 30 km away. */
  readonly friendsElsewhere: number;
  readonly nearElsewhere: number;
  readonly absentFriends: number;
}

/** Makes clients who have no friend in common, as on one of many servers. */
export function strangers(options: StrangersOptions): Population {
  const { name, clients, friendsElsewhere, nearElsewhere, absentFriends } = options;
  const homes: Home[] = [];
  const friendships: (readonly [number, number])[] = [];
  const settle = (client: number, group: number, nearFriends: number): void => {
    homes.push({ ...placeOf(client % CITIES, group), nearFriends });
  };
  const everybody = Array.from({ length: clients }, (_, client) => client);
  for (const client of everybody) settle(client, 0, 0);
  for (const client of everybody) {
    for (let friend = 0; friend < friendsElsewhere; friend++) {
      const isNear = friend < nearElsewhere;
      friendships.push([client, homes.length]);
      settle(client, isNear ? 0 : 1, isNear ? 1 : 0);
    }
  }
  for (const client of everybody) {
    for (let friend = 0; friend < absentFriends; friend++) {
      friendships.push([client, homes.length]);
      settle(client, 0, 0);
    }
  }
  return {
    name,
    homes,
    connected: clients,
    friendsElsewhere,
    nearElsewhere,
    friendships,
    roamMeters: ROAM_METERS,
  };
}

/** Makes clients of real people, none of whom is always near. */
export function realPeople({ homes, friendships }: Graph): Population {
  return {
    name: `real_people_${homes.length}`,
    homes: homes.map((home) => ({ ...home, nearFriends: 0 })),
    connected: homes.length,
    friendsElsewhere: 0,
    nearElsewhere: 0,
    friendships,
    roamMeters: 0,
  };
}

/** Places groups on a grid, so that neither latitude nor longitude alone tells them apart. */
function placeOf(circle: number, group: number): { latitude: number; longitude: number } {
  const row = (circle % CIRCLES_IN_A_COLUMN) * CIRCLE_DEGREES;
  const column = Math.floor(circle / CIRCLES_IN_A_COLUMN) * 10;
  return {
    latitude: 15 + row + Math.floor(group / GROUPS_IN_A_ROW) * GROUP_DEGREES,
    longitude: -120 + column + (group % GROUPS_IN_A_ROW) * 2 * GROUP_DEGREES,
  };
}
