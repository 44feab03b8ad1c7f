/**
 * The device's location, with what its search comes to. A device that has been found once counts as found until its
 * user forbids it: positions that come late are the sharing's concern.
 */
import { browserLocation, type LocationSource } from 'nearby-friends-client';

/**
 * @param onState called at the start of the search and whenever it comes to something else.
 * @throws NearbyFriendsError where the browser has no geolocation.
 */
export function deviceLocation(onState: (state: DeviceState) => void): LocationSource {
  const device = browserLocation();
  let state: DeviceState | null = null;
  const become = (next: DeviceState): void => {
    if (next !== state) onState((state = next));
  };
  const note = (error: Error): void => {
    if ((error as { code?: unknown }).code === PERMISSION_DENIED) become('refused');
    else if (state === 'looking') become('late');
  };
  return {
    watch(onFix, onError) {
      become('looking');
      return device.watch(
        (fix) => {
          become('found');
          onFix(fix);
        },
        (error) => {
          note(error);
          onError(error);
        },
      );
    },
    async current() {
      try {
        return await device.current();
      } catch (error) {
        note(error as Error);
        throw error;
      }
    },
  };
}

/** 'late': not found yet, though the browser goes on looking. 'refused': by the user or by the browser. */
export type DeviceState = 'looking' | 'found' | 'late' | 'refused';

/**
 * Calls `listener` whenever the user stops forbidding the location, in the browser's settings too. The returned
 * function ends that.
 */
export function onAllowed(listener: () => void): () => void {
  const ending = new AbortController();
  // Browsers without it are asked again by the user's next click.
  const { permissions } = navigator as Partial<Navigator>;
  permissions?.query({ name: 'geolocation' }).then(
    (status) => {
      const { signal } = ending;
      if (signal.aborted) return;
      status.addEventListener('change', () => void (status.state !== 'denied' && listener()), { signal });
    },
    () => undefined,
  );
  return () => {
    ending.abort();
  };
}

/** Returns why the page cannot know where the device is; null when it can. */
export function whyNoDevice(): string | null {
  if (!isSecureContext) {
    return 'Browsers give your location only to pages on https or on this computer. Use a marker instead.';
  }
  const { geolocation } = navigator as Partial<Navigator>;
  return geolocation === undefined ? 'This browser cannot tell where you are. Use a marker instead.' : null;
}

/** GeolocationPositionError.PERMISSION_DENIED. */
const PERMISSION_DENIED = 1;
