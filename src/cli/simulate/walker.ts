/**
 * Simulates a person who goes from place to place, never farther than `spreadMeters` from the city's centre,
 * and pauses at each place.
 */
import { distanceMeters, type GeoPoint } from '../../domain/distance.js';
import type { Motion } from '../../domain/motion.js';
import { bearingTo, travel } from './travel.js';

/** @param random returns a number from 0 to 1, like Math.random. */
export function createWalker(city: GeoPoint, spreadMeters: number, random: () => number): Movement {
  const speed = (SPEEDS[Math.floor(random() * SPEEDS.length)] ?? SPEEDS[0]) * (0.8 + 0.4 * random());
  let position = somewhere();
  let destination = somewhere();
  let pauseSeconds = 0;
  let atSeconds = 0;

  /** Picks a point of the disc. The root spreads the points evenly over its area. */
  function somewhere(): GeoPoint {
    return travel(city, random() * 2 * Math.PI, spreadMeters * Math.sqrt(random()));
  }

  return (elapsedSeconds) => {
    let seconds = elapsedSeconds - atSeconds;
    atSeconds = elapsedSeconds;
    let motion: Motion = AT_REST;
    while (seconds > 0) {
      const restSeconds = Math.min(pauseSeconds, seconds);
      pauseSeconds -= restSeconds;
      seconds -= restSeconds;
      const metersToGo = distanceMeters(position, destination);
      if (speed * seconds < metersToGo) {
        const bearing = bearingTo(position, destination);
        position = travel(position, bearing, speed * seconds);
        motion = { speedMetersPerSecond: speed, headingDegrees: (bearing * DEGREES_PER_RADIAN + 360) % 360 };
        seconds = 0;
      } else {
        seconds -= metersToGo / speed;
        position = destination;
        destination = somewhere();
        pauseSeconds = random() * LONGEST_PAUSE_SECONDS;
      }
    }
    return { ...travel(position, random() * 2 * Math.PI, random() * NOISE_METERS), ...motion };
  };
}

/** A position, with the motion as far as it is known. */
export type Fix = GeoPoint & Motion;

/**
 * Returns a position by the seconds since the start; null when there is no new one. It is called in ascending
 * order.
 */
export type Movement = (elapsedSeconds: number) => Fix | null;

const AT_REST: Motion = { speedMetersPerSecond: 0 };
const DEGREES_PER_RADIAN = 180 / Math.PI;
/** In metres per second: on foot, by bicycle, by car in a city. */
const SPEEDS = [1.4, 4.5, 9] as const;
const LONGEST_PAUSE_SECONDS = 60;
/** The greatest error of a phone's GPS in metres. */
const NOISE_METERS = 4;
