/** Returns the server's time in milliseconds since the epoch, updated every second. */
import type { NearbyFriendsClient } from 'nearby-friends-client';
import { useEffect, useState } from 'preact/hooks';

export function useNow(client: NearbyFriendsClient): number {
  const [nowMs, setNowMs] = useState(client.now);
  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(client.now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [client]);
  return nowMs;
}
