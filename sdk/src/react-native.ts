/**
 * What React Native has in place of a browser's page and geolocation. The app passes the modules in, so that the SDK
 * depends on none.
 */
import type { Lifecycle } from './lifecycle.js';
import {
  fixOf,
  geolocationSource,
  type LocationSource,
  type Position,
  type WatchesPosition,
} from './location-source.js';

/**
 * The states of the app, for `createNearbyFriendsClient({ lifecycle })`. An app in the background is hidden, and wakes
 * when it becomes active.
 * @param appState `AppState` of `react-native`.
 */
export function appLifecycle(appState: AppStateModule): Lifecycle {
  return {
    get hidden() {
      return appState.currentState === 'background';
    },
    onWake(listener) {
      const subscription = appState.addEventListener('change', (state) => {
        if (state === 'active') listener();
      });
      return () => {
        subscription.remove();
      };
    },
  };
}

/**
 * A source of positions for `shareLocation()` with high accuracy, each 10 m. The module asks the user for permission by
 * itself, unless it is told not to.
 * @param geolocation the default export of `@react-native-community/geolocation`.
 * @param options of its `watchPosition` and `getCurrentPosition`, on top of these.
 */
export function deviceLocation(
  geolocation: WatchesPosition,
  options: Readonly<Record<string, unknown>> = {},
): LocationSource {
  return geolocationSource(geolocation, { distanceFilter: STEP_METERS, ...options });
}

/**
 * A source of positions for `shareLocation()` with high accuracy, each 10 m. The app asks for permission first, by
 * `requestForegroundPermissionsAsync()`.
 * @param location the module `expo-location`.
 * @param options of its `watchPositionAsync` and `getCurrentPositionAsync`, on top of these.
 */
export function expoLocation(
  location: ExpoLocationModule,
  options: ExpoLocationOptions = {},
): LocationSource {
  const asked = { accuracy: ACCURACY_HIGH, distanceInterval: STEP_METERS, ...options };

  /** The code by which browsers, too, say that the user forbids it. */
  async function errorOf(cause: unknown): Promise<Error> {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const permission = await location.getForegroundPermissionsAsync().catch(() => null);
    return permission?.granted === false
      ? Object.assign(new Error(error.message, { cause }), { code: 1 })
      : error;
  }

  return {
    watch(onFix, onError) {
      let isOver = false;
      const fail = (cause: unknown): void => {
        void errorOf(cause).then((error) => {
          if (!isOver) onError(error);
        });
      };
      const started = location.watchPositionAsync(
        asked,
        (given) => void (isOver || onFix(fixOf(given))),
        fail,
      );
      started.catch(fail);
      return () => {
        isOver = true;
        started.then(
          (subscription) => {
            subscription.remove();
          },
          () => undefined,
        );
      };
    },
    async current() {
      try {
        return fixOf(await location.getCurrentPositionAsync(asked));
      } catch (error) {
        throw await errorOf(error);
      }
    },
  };
}

/** The part of `AppState` that is used. */
export interface AppStateModule {
  readonly currentState: string | null | undefined;
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** The part of `expo-location` that is used. */
export interface ExpoLocationModule {
  watchPositionAsync(
    options: ExpoLocationOptions,
    onPosition: (position: Position) => void,
    onError: (reason: string) => void,
  ): Promise<{ remove(): void }>;
  getCurrentPositionAsync(options: ExpoLocationOptions): Promise<Position>;
  getForegroundPermissionsAsync(): Promise<{ readonly granted: boolean }>;
}

/** Options of `expo-location`. */
export interface ExpoLocationOptions {
  /** Its `Accuracy`. Default: `High`. */
  readonly accuracy?: number;
  /** In metres. Default: 10. */
  readonly distanceInterval?: number;
  /** In milliseconds, on Android. Default: the module's. */
  readonly timeInterval?: number;
  readonly mayShowUserSettingsDialog?: boolean;
}

/** Within this a device counts as still, so nothing is missed. The module would tell of moves of 100 m alone. */
const STEP_METERS = 10;
/** `Accuracy.High` of expo-location. */
const ACCURACY_HIGH = 4;
