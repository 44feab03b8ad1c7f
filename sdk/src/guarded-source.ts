/**
 * A source of positions as the rest may rely on it. Those of apps throw, give no function that ends the watch, or fixes
 * that are no places: that is told once, until a fix is good again, and sharing goes on.
 */
import { isPlace } from './dated-fix.js';
import { NearbyFriendsError } from './errors.js';
import type { LocationSource } from './location-source.js';
import type { Fix } from './report-policy.js';

/** @param onFault called with what is wrong with the source, the same thing once. */
export function guardSource(source: LocationSource, onFault: (error: Error) => void): GuardedSource {
  let told: string | null = null;

  function tell(caught: unknown): void {
    const error = caught instanceof Error ? caught : new Error(String(caught));
    if (error.message === told) return;
    told = error.message;
    onFault(error);
  }

  function isGood(fix: Fix): boolean {
    // Whatever an app's own code gives: its types may be wrong.
    if (typeof fix === 'object' && (fix as Fix | null) !== null && isPlace(fix)) {
      told = null;
      return true;
    }
    tell(new NearbyFriendsError('BAD_USER_INPUT', 'The fix is no place on earth.'));
    return false;
  }

  return {
    isGood,
    watch(onFix, onError) {
      try {
        const stop: unknown = source.watch((fix) => {
          if (isGood(fix)) onFix(fix);
        }, onError);
        if (typeof stop === 'function') return stop as () => void;
        tell(new TypeError('The source gives no function that ends its watch.'));
      } catch (error) {
        tell(error);
      }
      return () => undefined;
    },
    async current() {
      try {
        const fix = await source.current();
        return isGood(fix) ? fix : null;
      } catch (error) {
        // Errors of the platform have codes, which say more than the same message twice.
        if ((error as { code?: unknown } | null)?.code !== undefined) throw error;
        tell(error);
        return null;
      }
    },
  };
}

export interface GuardedSource {
  isGood(fix: Fix): boolean;
  watch: LocationSource['watch'];
  /** Null where there is no good fix. */
  current(): Promise<Fix | null>;
}
