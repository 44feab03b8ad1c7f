/** The day of the user's own history that the map shows: which one, and the way through it. */
import { historyPages, type LocationFieldsFragment, type NearbyFriendsClient } from 'nearby-friends-client';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { type HistoryTrack, trackOf } from './history-track.js';
import { type Day, rangeOf } from './local-day.js';

export function useHistoryDay(client: NearbyFriendsClient): HistoryDay {
  const [day, setDay] = useState<Day | null>(null);
  const [reading, setReading] = useState(0);
  const [result, setResult] = useState(NOTHING_READ);

  useEffect(() => {
    setResult(NOTHING_READ);
    if (day === null) return;
    let isWanted = true;
    async function read(wanted: Day): Promise<void> {
      const locations: LocationFieldsFragment[] = [];
      for await (const page of historyPages(client, rangeOf(wanted, wanted))) {
        if (!isWanted) return;
        locations.push(...page);
      }
      if (isWanted) setResult({ isRead: true, track: trackOf(locations), error: null });
    }
    read(day).catch((error: unknown) => {
      if (isWanted) setResult({ ...NOTHING_READ, error: failureText(error) });
    });
    return () => {
      isWanted = false;
    };
  }, [client, day, reading]);

  const reload = useCallback(() => {
    setReading((before) => before + 1);
  }, []);
  return { day, ...result, show: setDay, reload };
}

export interface HistoryDay extends Result {
  /** Null when the map shows none. */
  readonly day: Day | null;
  /** Shows another day, or none with null. */
  show(day: Day | null): void;
  /** Reads the day again. */
  reload(): void;
}

interface Result {
  readonly isRead: boolean;
  /** Null until it is read, and for a day without places. */
  readonly track: HistoryTrack | null;
  /** Why the day could not be read; null when all went well. */
  readonly error: string | null;
}

const NOTHING_READ: Result = { isRead: false, track: null, error: null };
