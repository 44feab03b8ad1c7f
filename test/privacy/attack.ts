/**
 * What a friend can find out who sees somebody approximately. The friend knows the rules, how the person moves, and
 * everything that was told; only the margins not. Several ways to estimate the place are tried; the one that is best
 * at a moment counts.
 */
import {
  approximateAt,
  type Cells,
  cellsToText,
  type Kept,
  MINUTE_MS,
  nextCells,
} from '../../src/domain/approximate-place.js';
import { metersBetween, type Place } from '../support/sphere.js';
import { uuidOf } from '../support/uuid.js';
import { type Fix, type Motion, placeOf, type Random, STEP_SECONDS, type Walker } from './motion.js';

/** What is told at a full minute, and where the person is then. */
export interface Minute {
  readonly told: Place;
  readonly truth: Place;
}

/**
 * What a friend is told while somebody goes a way, from minute to minute.
 * @param chance of which margins are made.
 */
export function tell(way: readonly Fix[], chance: Random): Minute[] {
  const [first] = way;
  if (first === undefined) return [];
  const minutes: Minute[] = [];
  let kept: Kept | null = null;
  let next = 0;
  for (let minute = 0; minute < LONGEST_MINUTES; minute++) {
    let fix = way[next];
    for (
      ;
      fix !== undefined && (next === 0 || fix.seconds - first.seconds < minute * 60);
      fix = way[++next]
    ) {
      const atMs = (fix.seconds - first.seconds) * 1_000;
      kept = keptAt(nextCells(fix, atMs, kept, chance()), atMs);
    }
    if (kept === null || fix === undefined) break;
    minutes.push({ told: toldOf(kept.cells, minute * MINUTE_MS), truth: way[next - 1] ?? first });
  }
  return minutes;
}

/**
 * The estimates of each minute, by the way they are made.
 * @param chance what the attacker believes of that of the margins. Default: nothing.
 */
export function attack(
  minutes: readonly Minute[],
  motion: Motion,
  random: Random,
  chance = random,
): Record<string, Place>[] {
  const estimates: Record<string, Place>[] = minutes.map(({ told }) => ({ middle: told }));
  const note = (minute: number, name: string, place: Place): void => {
    const all = estimates[minute];
    if (all !== undefined) all[name] = place;
  };
  edges(minutes, note);
  particles(minutes, motion, { random, chance }, note);
  return estimates;
}

type Note = (minute: number, name: string, place: Place) => void;

const LONGEST_MINUTES = 150;
const MEAN_MARGIN_METERS = 650;

const keptAt = (cells: Cells, atMs: number): Kept => ({ cells, recordedAtMs: atMs, receivedAtMs: atMs });

function toldOf(cells: Cells, nowMs: number): Place {
  const update = { id: uuidOf('me'), latitude: 0, longitude: 0, accuracyMeters: null };
  const told = approximateAt(
    { ...update, recordedAtMs: 0, receivedAtMs: 0, cells: cellsToText(cells) },
    nowMs,
  );
  if (told === null) throw new Error('cells tell an approximate place');
  return { latitude: told.latitude, longitude: told.longitude };
}

/** When another cell is told: beyond the edge that was crossed, as far as people are on the average. */
function edges(minutes: readonly Minute[], note: Note): void {
  minutes.forEach(({ told }, minute) => {
    const before = minutes[minute - 1]?.told ?? told;
    const meters = metersBetween(before, told);
    if (meters < 1) return;
    const share = (550 + MEAN_MARGIN_METERS) / Math.max(meters, 1_100);
    const along = (from: number, to: number): number => from + (to - from) * share;
    const east = ((told.longitude - before.longitude + 540) % 360) - 180;
    note(minute, 'edge', {
      latitude: along(before.latitude, told.latitude),
      longitude: before.longitude + east * share,
    });
  });
}

interface Particle extends Walker {
  kept: Kept;
  way: Step;
}

/** A linked list of where a particle was, of which those that come of one share the beginning. */
interface Step {
  readonly x: number;
  readonly y: number;
  readonly before: Step | null;
}

/**
 * A particle filter: hundreds of people who move as the person does, of whom those go on who would have been told of
 * alike. Where they are together is the best estimate now; where those were who are left later, in hindsight.
 */
function particles(
  minutes: readonly Minute[],
  motion: Motion,
  { random, chance }: { readonly random: Random; readonly chance: Random },
  note: Note,
): void {
  const [first] = minutes;
  if (first === undefined) return;
  const around: Place = first.told;
  const isTold = ({ kept: { cells } }: Particle, nowMs: number, cell: number): boolean =>
    cell === (nowMs < cells.fromMs ? cells.before.cell : cells.cell);
  const decide = (particle: Particle, atMs: number): void => {
    const place = placeOf(around, particle.x, particle.y);
    particle.kept = keptAt(nextCells(place, atMs, particle.kept, chance()), atMs);
  };

  /** Somebody who is anywhere in a cell or, when it was just told, some way beyond the edge of the one before. */
  function begin(told: Place, before: Place | null, atMs: number): Particle {
    const scale = Math.cos((told.latitude * Math.PI) / 180) * 111_195;
    const east = (((told.longitude - around.longitude + 540) % 360) - 180) * scale;
    const north = (told.latitude - around.latitude) * 111_195;
    for (let attempt = 0; ; attempt++) {
      const [x, y] = [east + (random() - 0.5) * 1_100, north + (random() - 0.5) * 1_100];
      const place = placeOf(around, x, y);
      const kept = keptAt(nextCells(place, atMs, null, chance()), atMs);
      const isCrossing = before === null || metersBetween(place, before) > 650 || attempt > 50;
      if (!isCrossing) continue;
      const way = { x, y, before: null };
      const particle = { x, y, speed: 1, heading: 2 * Math.PI * random(), restsFor: 0, kept, way };
      motion.begin(particle, random);
      return particle;
    }
  }

  let alive = Array.from({ length: PARTICLES }, () => begin(around, null, 0));
  minutes.forEach(({ told }, minute) => {
    const nowMs = minute * MINUTE_MS;
    if (minute > 0) {
      for (const particle of alive) {
        for (let second = STEP_SECONDS; second <= 60; second += STEP_SECONDS) {
          motion.move(particle, random);
          decide(particle, nowMs - MINUTE_MS + second * 1_000 - 1);
        }
        particle.way = { x: particle.x, y: particle.y, before: particle.way };
      }
    }
    const { cell } = nextCells(told, 0, null, 0);
    const left = alive.filter((particle) => isTold(particle, nowMs, cell));
    const before = minutes[minute - 1]?.told ?? null;
    if (left.length < PARTICLES / 100) {
      // Nobody went such a way: begin anew, from what was just told.
      alive = Array.from({ length: PARTICLES }, () => begin(told, before === told ? null : before, nowMs));
    } else {
      alive = Array.from({ length: PARTICLES }, () => {
        const one = left[Math.floor(random() * left.length)] as Particle;
        return { ...one, x: one.x + (random() - 0.5) * 16, y: one.y + (random() - 0.5) * 16 };
      });
    }
    for (let ago = 0; ago <= HINDSIGHT_MINUTES; ago += 5) {
      const place = meanOf(alive, ago);
      if (place !== null) note(minute - ago, `particles ${ago} min later`, placeOf(around, ...place));
    }
  });
}

/** Where people were so many minutes ago, together; null when most of them had not begun. */
function meanOf(all: readonly Particle[], ago: number): [x: number, y: number] | null {
  let [east, north, count] = [0, 0, 0];
  for (const { x, y, way } of all) {
    let step: Step | null = { x, y, before: way.before };
    for (let back = 0; back < ago && step !== null; back++) step = step.before;
    if (step === null) continue;
    [east, north, count] = [east + step.x, north + step.y, count + 1];
  }
  return count > all.length / 2 ? [east / count, north / count] : null;
}

const PARTICLES = 500;
const HINDSIGHT_MINUTES = 20;
