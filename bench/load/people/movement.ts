/**
 * Moves people as they move: most stay where they are, some walk or drive around home, few are on a motorway, and now and
 * then one flies to where somebody else lives. Speeds are real, so a step fits the time between two updates.
 */
import { mulberry32 } from '../random.js';
import type { Place } from '../walks.js';

/** @param seed of chance: the same one makes the same people move alike, however they are served. */
export function createMovement(homes: readonly Place[], seed: number) {
  const people = homes.map((home, user): Person => ({
    home,
    place: home,
    habit: STILL,
    leg: null,
    random: mulberry32(seed + user),
  }));
  const personOf = (user: number): Person => people[user] as Person;

  function fly(person: Person): void {
    person.home = person.place = homes[Math.floor(person.random() * homes.length)] ?? person.home;
    person.leg = null;
  }

  return {
    /** Puts a user who comes online somewhere on their way. */
    appear(user: number): void {
      const person = personOf(user);
      pickHabit(person);
      person.place = anywhereAround(person.home, person.habit.roamMeters, person.random);
    },

    /** @returns what the user's phone reports so many seconds later. */
    move(user: number, seconds: number): Place {
      const person = personOf(user);
      const { random } = person;
      if (random() < seconds / HABIT_SECONDS) pickHabit(person);
      if (random() < seconds / SECONDS_BETWEEN_FLIGHTS) fly(person);
      if (person.habit.fastest > 0) travel(person, seconds);
      const { latitude, longitude } = anywhereAround(person.place, GPS_NOISE_METERS, random);
      return { latitude: round(latitude), longitude: round(longitude) };
    },
  };
}

interface Person {
  /** Changes with a flight. */
  home: Place;
  place: Place;
  habit: Habit;
  /** Where the user is going, straight. */
  leg: { readonly target: Place; readonly speed: number } | null;
  readonly random: () => number;
}

interface Habit {
  /** Of all people at any time. */
  readonly share: number;
  /** Metres a second. */
  readonly slowest: number;
  readonly fastest: number;
  /** How far from home. */
  readonly roamMeters: number;
}

const STILL: Habit = { share: 0.6, slowest: 0, fastest: 0, roamMeters: 0 };
const WALK: Habit = { share: 0.3, slowest: 1.4, fastest: 1.4, roamMeters: 2_000 };
const DRIVE: Habit = { share: 0.09, slowest: 3, fastest: 30, roamMeters: 20_000 };
const MOTORWAY: Habit = { share: 0.01, slowest: 30, fastest: 36, roamMeters: 300_000 };
const HABITS = [STILL, WALK, DRIVE, MOTORWAY];
/** How long somebody keeps a habit, on average. */
const HABIT_SECONDS = 1_800;
/** Of one person who is online: a week. */
const SECONDS_BETWEEN_FLIGHTS = 600_000;
const GPS_NOISE_METERS = 10;
const METERS_PER_DEGREE = 111_195;

function pickHabit(person: Person): void {
  let left = person.random();
  person.habit = HABITS.find(({ share }) => (left -= share) < 0) ?? STILL;
  person.leg = null;
}

function travel(person: Person, seconds: number): void {
  const { habit, home, place, random } = person;
  const { target, speed } = (person.leg ??= {
    target: anywhereAround(home, habit.roamMeters, random),
    speed: habit.slowest + (habit.fastest - habit.slowest) * random(),
  });
  const { meters, heading } = wayTo(place, target);
  if (speed * seconds < meters) person.place = placeFrom(place, speed * seconds, heading);
  else [person.place, person.leg] = [target, null];
}

/** A place anywhere within so many metres. */
const anywhereAround = (center: Place, meters: number, random: () => number): Place =>
  placeFrom(center, meters * Math.sqrt(random()), 2 * Math.PI * random());

/** @param heading clockwise from north, radians. */
function placeFrom({ latitude, longitude }: Place, meters: number, heading: number): Place {
  const north = (meters * Math.cos(heading)) / METERS_PER_DEGREE;
  const east = (meters * Math.sin(heading)) / (METERS_PER_DEGREE * cosine(latitude));
  return { latitude: latitude + north, longitude: ((longitude + east + 540) % 360) - 180 };
}

function wayTo(from: Place, to: Place): { readonly meters: number; readonly heading: number } {
  const north = (to.latitude - from.latitude) * METERS_PER_DEGREE;
  const east = (to.longitude - from.longitude) * METERS_PER_DEGREE * cosine(from.latitude);
  return { meters: Math.hypot(north, east), heading: Math.atan2(east, north) };
}

const cosine = (latitude: number): number => Math.cos((latitude * Math.PI) / 180);

/** Keeps six decimals, as phones send: a tenth of a metre. */
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
