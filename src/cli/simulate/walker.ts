/** Somebody who goes from place to place, never farther than `spreadMeters` from the city's centre, and rests at each. */
import { distanceMeters, type GeoPoint } from '../../domain/distance.js';
import { bearingTo, travel } from './travel.js';

/** @param random like Math.random. */
export function createWalker(city: GeoPoint, spreadMeters: number, random: () => number): Movement {
  const speed = (SPEEDS[Math.floor(random() * SPEEDS.length)] ?? SPEEDS[0]) * (0.8 + 0.4 * random());
  let position = somewhere();
  let destination = somewhere();
  let pauseSeconds = 0;
  let atSeconds = 0;

  /** Spread evenly over the disc, hence the root. */
  function somewhere(): GeoPoint {
    return travel(city, random() * 2 * Math.PI, spreadMeters * Math.sqrt(random()));
  }

  return (elapsedSeconds) => {
    let seconds = elapsedSeconds - atSeconds;
    atSeconds = elapsedSeconds;
    while (seconds > 0) {
      const restSeconds = Math.min(pauseSeconds, seconds);
      pauseSeconds -= restSeconds;
      seconds -= restSeconds;
      const metersToGo = distanceMeters(position, destination);
      if (speed * seconds < metersToGo) {
        position = travel(position, bearingTo(position, destination), speed * seconds);
        seconds = 0;
      } else {
        seconds -= metersToGo / speed;
        position = destination;
        destination = somewhere();
        pauseSeconds = random() * LONGEST_PAUSE_SECONDS;
      }
    }
    return travel(position, random() * 2 * Math.PI, random() * NOISE_METERS);
  };
}

/** Where somebody is so many seconds after the start, asked in ascending order; null when there is no news. */
export type Movement = (elapsedSeconds: number) => GeoPoint | null;

/** Metres a second: on foot, by bicycle, by car in a city. */
const SPEEDS = [1.4, 4.5, 9] as const;
const LONGEST_PAUSE_SECONDS = 60;
/** How far off a fix of a phone's GPS is, at most, metres. */
const NOISE_METERS = 4;
