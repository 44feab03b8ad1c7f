/** Where positions come from: the browser's geolocation, or what an app brings. */
import { clientError } from './errors.js';
import type { Fix } from './report-policy.js';

/**
 * The browser's Geolocation API, with high accuracy, positions of at most 5 s of age and a timeout of 30 s. A
 * refusal or a timeout comes as an Error with the browser's message.
 * @throws NearbyFriendsError 'CLIENT_ERROR' where the platform has no geolocation.
 */
export function browserLocation(): LocationSource {
  const geolocation = (globalThis as { navigator?: Partial<Navigator> }).navigator?.geolocation;
  if (geolocation === undefined) {
    throw clientError('This platform has no geolocation. Pass a `source` of positions.');
  }
  return geolocationSource(geolocation);
}

/** Positions of a module that has the shape of the browser's geolocation. */
export function geolocationSource(geolocation: WatchesPosition, more: object = {}): LocationSource {
  const options = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000, ...more };
  return {
    watch(onFix, onError) {
      const id = geolocation.watchPosition(
        (position) => {
          onFix(fixOf(position));
        },
        (error) => {
          onError(errorOf(error));
        },
        options,
      );
      return () => {
        geolocation.clearWatch(id);
      };
    },
    current: () =>
      new Promise((resolve, reject) => {
        geolocation.getCurrentPosition(
          (position) => {
            resolve(fixOf(position));
          },
          (error) => {
            reject(errorOf(error));
          },
          options,
        );
      }),
  };
}

export function fixOf({ coords, timestamp }: Position): Fix {
  return {
    latitude: coords.latitude,
    longitude: coords.longitude,
    accuracyMeters: coords.accuracy,
    speedMetersPerSecond: coords.speed,
    headingDegrees: coords.heading,
    takenAtMs: timestamp,
  };
}

const errorOf = ({ code, message }: PositionError): Error => Object.assign(new Error(message), { code });

/** A source of positions. An app without a browser brings its own. */
export interface LocationSource {
  /**
   * Calls `onFix` with every new fix and `onError` with every error. The returned function ends the watch.
   */
  watch(onFix: (fix: Fix) => void, onError: (error: Error) => void): () => void;
  /**
   * Resolves to a fresh fix. It is called when a report is due and `watch` gave no fix. Where it fails, takes
   * too long or gives the fix that was known, the device counts as still there; only an error whose `code` is
   * 1, as browsers say that the user forbids it, means that the place is not known.
   */
  current(): Promise<Fix>;
}

/** The part of the browser's geolocation that is used. */
export interface WatchesPosition {
  watchPosition(
    onPosition: (position: Position) => void,
    onError: (error: PositionError) => void,
    options: object,
  ): number;
  clearWatch(id: number): void;
  getCurrentPosition(
    onPosition: (position: Position) => void,
    onError: (error: PositionError) => void,
    options: object,
  ): unknown;
}

/** A position as browsers and the modules of React Native give it. */
export interface Position {
  readonly coords: {
    readonly latitude: number;
    readonly longitude: number;
    readonly accuracy: number | null;
    readonly speed: number | null;
    readonly heading: number | null;
  };
  readonly timestamp: number;
}

interface PositionError {
  readonly code: number;
  readonly message: string;
}
