import { appLifecycle, deviceLocation, expoLocation } from 'nearby-friends-client/react-native';
import { expect, test, vi } from 'vitest';

const POSITION = {
  coords: {
    latitude: 45.8,
    longitude: 15.9,
    accuracy: 5,
    altitude: 100,
    altitudeAccuracy: null,
    heading: 90,
    speed: 2,
  },
  timestamp: 1_700_000_000_000,
};
const FIX = {
  latitude: 45.8,
  longitude: 15.9,
  accuracyMeters: 5,
  speedMetersPerSecond: 2,
  headingDegrees: 90,
  takenAtMs: 1_700_000_000_000,
};

test('an app in the background is hidden, and one that becomes active wakes', () => {
  const listeners = new Set<(state: string) => void>();
  const appState = {
    currentState: 'active',
    addEventListener(_type: 'change', listener: (state: string) => void) {
      listeners.add(listener);
      return { remove: () => void listeners.delete(listener) };
    },
  };
  const become = (state: string): void => {
    appState.currentState = state;
    for (const listener of listeners) listener(state);
  };
  const lifecycle = appLifecycle(appState);
  const onWake = vi.fn();
  const remove = lifecycle.onWake(onWake);
  const seen = ['inactive', 'background', 'active'].map((state) => {
    become(state);
    return [lifecycle.hidden, onWake.mock.calls.length];
  });
  expect(seen).toEqual([
    [false, 0],
    [true, 0],
    [false, 1],
  ]);
  remove();
  expect(listeners.size).toBe(0);
});

test('@react-native-community/geolocation gives fixes every 10 m, and the code of its errors', async () => {
  const calls: unknown[] = [];
  let move = (_position: typeof POSITION): void => undefined;
  let fail = (_error: { code: number; message: string }): void => undefined;
  const source = deviceLocation(
    {
      watchPosition(onPosition, onError, options) {
        calls.push(options);
        [move, fail] = [onPosition, onError];
        return 7;
      },
      clearWatch: (id) => calls.push(id),
      getCurrentPosition: async (onPosition) => {
        onPosition(POSITION);
      },
    },
    { timeout: 1_000 },
  );
  const [onFix, onError] = [vi.fn(), vi.fn()];
  const stop = source.watch(onFix, onError);
  move(POSITION);
  fail({ code: 1, message: 'User denied access to location services.' });
  stop();
  expect(onFix.mock.calls).toEqual([[FIX]]);
  expect(onError.mock.calls).toMatchObject([[{ code: 1, message: expect.stringContaining('denied') }]]);
  expect(calls).toEqual([
    { enableHighAccuracy: true, maximumAge: 5_000, timeout: 1_000, distanceFilter: 10 },
    7,
  ]);
  expect(await source.current()).toEqual(FIX);
});

function expo({ granted = true, error = null as Error | null } = {}) {
  const removed = vi.fn();
  const watch: { onPosition?: (position: typeof POSITION) => void; onError?: (reason: string) => void } = {};
  const module = {
    async watchPositionAsync(
      _options: object,
      onPosition: (position: typeof POSITION) => void,
      onError: (reason: string) => void,
    ) {
      if (error !== null) throw error;
      Object.assign(watch, { onPosition, onError });
      return { remove: removed };
    },
    async getCurrentPositionAsync() {
      if (error !== null) throw error;
      return POSITION;
    },
    getForegroundPermissionsAsync: async () => ({ granted }),
  };
  return { module, watch, removed };
}

test('expo-location gives fixes until the watch ends, also when it ends before it has begun', async () => {
  const { module, watch, removed } = expo();
  const source = expoLocation(module);
  const onFix = vi.fn();
  const stop = source.watch(onFix, vi.fn());
  watch.onPosition?.(POSITION);
  expect(onFix.mock.calls).toEqual([[FIX]]);
  stop();
  watch.onPosition?.(POSITION);
  expect(onFix).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(removed).toHaveBeenCalledOnce(), { timeout: 10_000 });
  expect(await source.current()).toEqual(FIX);
});

test.each([
  ['a user who forbids it has the code of browsers', false, { code: 1, message: 'Not authorized' }],
  ['another failure has none', true, { message: 'Not authorized' }],
])('expo-location: %s', async (_name, granted, expected) => {
  const { module } = expo({ granted, error: new Error('Not authorized') });
  const onError = vi.fn();
  expoLocation(module).watch(vi.fn(), onError);
  await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce(), { timeout: 10_000 });
  const error = onError.mock.calls[0]?.[0] as Error & { code?: number };
  expect({ ...(error.code !== undefined && { code: error.code }), message: error.message }).toEqual(expected);
  await expect(expoLocation(module).current()).rejects.toMatchObject(expected);
});

test('expo-location: what fails later is told', async () => {
  const { module, watch } = expo();
  const onError = vi.fn();
  expoLocation(module).watch(vi.fn(), onError);
  watch.onError?.('The services are off');
  await vi.waitFor(() => expect(onError.mock.calls).toMatchObject([[{ message: 'The services are off' }]]), {
    timeout: 10_000,
  });
});
