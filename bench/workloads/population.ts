/** Who there is, who is friends with whom, and where everybody lives. Users are numbers here, from 0. */
export interface Population {
  /** Letters and digits; also the name of the database. */
  readonly name: string;
  /** The first `connected` users are the clients. */
  readonly homes: readonly Home[];
  readonly connected: number;
  /** After them come so many of each client's own friends, near it, who are connected to other servers. */
  readonly friendsElsewhere: number;
  /** Each pair once. */
  readonly friendships: readonly (readonly [number, number])[];
  /** How far users walk from their homes. */
  readonly roamMeters: number;
}

export interface Home {
  readonly latitude: number;
  readonly longitude: number;
  /** Clients who are friends and near at any time; null where that changes. */
  readonly nearFriends: number | null;
}

interface CirclesOptions {
  readonly name: string;
  readonly circles: number;
  /** Users in a circle, all friends of each other; all connected. */
  readonly size: number;
  /** 1: all of a circle are near each other. 0.1: a tenth. */
  readonly nearShare?: number;
  /** Friends that everybody of a circle has besides, who are never there. */
  readonly absentFriends?: number;
}

/** Circles lie 1.5 degrees apart, groups of a circle 30 km: far out of the radius, whatever anybody walks. */
const CIRCLE_DEGREES = 1.5;
const GROUP_DEGREES = 0.3;
const CIRCLES_IN_A_COLUMN = 30;
const CITIES = 240;
const GROUPS_IN_A_ROW = 3;
const ROAM_METERS = 300;

/** Circles of friends, each in a city of its own. */
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
  return { name, homes, connected, friendsElsewhere: 0, friendships, roamMeters: ROAM_METERS };
}

interface StrangersOptions {
  readonly name: string;
  readonly clients: number;
  /** Of each client, nobody else's. */
  readonly friendsElsewhere: number;
  readonly absentFriends: number;
}

/** Clients who are no friends of each other and have no friend in common, as on one of many servers. */
export function strangers(options: StrangersOptions): Population {
  const { name, clients, friendsElsewhere, absentFriends } = options;
  const homes: Home[] = [];
  const friendships: (readonly [number, number])[] = [];
  const settle = (client: number, nearFriends: number): void => {
    homes.push({ ...placeOf(client % CITIES, 0), nearFriends });
  };
  for (let client = 0; client < clients; client++) settle(client, 0);
  for (const [count, nearFriends] of [
    [friendsElsewhere, 1],
    [absentFriends, 0],
  ] as const) {
    for (let client = 0; client < clients; client++) {
      for (let friend = 0; friend < count; friend++) {
        friendships.push([client, homes.length]);
        settle(client, nearFriends);
      }
    }
  }
  return { name, homes, connected: clients, friendsElsewhere, friendships, roamMeters: ROAM_METERS };
}

/** Groups lie on a grid, so that neither latitude nor longitude alone tells them apart. */
function placeOf(circle: number, group: number): { latitude: number; longitude: number } {
  return {
    latitude:
      15 +
      (circle % CIRCLES_IN_A_COLUMN) * CIRCLE_DEGREES +
      Math.floor(group / GROUPS_IN_A_ROW) * GROUP_DEGREES,
    longitude:
      -120 + Math.floor(circle / CIRCLES_IN_A_COLUMN) * 10 + (group % GROUPS_IN_A_ROW) * 2 * GROUP_DEGREES,
  };
}
